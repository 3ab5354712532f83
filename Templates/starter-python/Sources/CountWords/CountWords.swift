/// Counts the words of the standard input: `{"rain": 3, "roof": 1}`.
@main
struct CountWords {
  static func main() {
    var counts: [String: Int] = [:]
    while let line = readLine() {
      for word in line.lowercased().split(whereSeparator: { !$0.isLetter }) { counts[String(word), default: 0] += 1 }
    }
    let pairs = counts.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value)" }
    print("{" + pairs.joined(separator: ", ") + "}")
  }
}
