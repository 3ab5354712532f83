#include "CxxPart.hpp"

#include <map>
#include <stdexcept>

int zoo::count(const std::string &text, char wanted) {
  std::map<char, int> counts;
  for (char each : text) counts[each]++;
  try {
    if (!counts.count(wanted)) throw std::out_of_range("none");
  } catch (const std::exception &) {
    return -1;
  }
  return counts[wanted];
}
