#pragma once

#include <string>

namespace zoo {
/// How often a character is in a text; -1 where it is not.
int count(const std::string &text, char wanted);
}
