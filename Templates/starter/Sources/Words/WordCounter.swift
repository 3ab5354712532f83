import Foundation

/// Counts the words of a text, without the commonest of the language.
public struct WordCounter {
  private let commonWords: Set<String>

  /// - Throws: when this library's own resource cannot be read.
  public init() throws {
    let file = Bundle.module.bundleURL.appendingPathComponent("common-words.txt")
    commonWords = Set(try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init))
  }

  /// The words of `text` and how often each occurs, the most frequent first.
  public func count(_ text: String) -> [(word: String, occurrences: Int)] {
    let words = text.lowercased().split { !$0.isLetter }.map(String.init).filter { !commonWords.contains($0) }
    return Dictionary(words.map { ($0, 1) }, uniquingKeysWith: +)
      .sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      .map { (word: $0.key, occurrences: $0.value) }
  }
}
