import Foundation

/// A command of a `console` block in a Markdown file, and what the block shows as its output.
package struct Transcript: Sendable {
  package let line: Int
  package let command: String
  /// The heading above it: of the second level, without its marks.
  package let section: String
  /// `...` stands for any text in a line, or for any lines.
  package var output: [String] = []

  package init(line: Int, command: String, section: String = "", output: [String] = []) {
    self.line = line
    self.command = command
    self.section = section
    self.output = output
  }

  /// The blocks of a file, each with its commands in their order.
  package static func blocks(in markdown: String) -> [[Transcript]] {
    var blocks: [[Transcript]] = []
    var (isInside, section) = (false, "")
    for (index, text) in markdown.components(separatedBy: "\n").enumerated() {
      if !isInside {
        if text.hasPrefix("## ") { section = String(text.dropFirst(3)) }
        isInside = text == "```console"
        if isInside { blocks.append([]) }
      } else if text == "```" {
        isInside = false
      } else if text.hasPrefix("$ ") {
        let command = String(text.dropFirst(2))
        blocks[blocks.count - 1].append(Transcript(line: index + 1, command: command, section: section))
      } else if let last = blocks[blocks.count - 1].indices.last {
        blocks[blocks.count - 1][last].output.append(text)
      }
    }
    return blocks
  }

  /// Whether a command that wrote `actual` did what is shown; SwiftPM's own progress does not count.
  package func matches(_ actual: String) -> Bool {
    let progress =
      /(\[\d+\/\d+\] .*)|(Building for .*)|(Build .*complete!.*)/
    let lines = actual.components(separatedBy: "\n").filter { $0.wholeMatch(of: progress) == nil && !$0.isEmpty }
    return Self.match(output.filter { !$0.isEmpty }[...], lines[...])
  }

  private static func match(_ expected: ArraySlice<String>, _ actual: ArraySlice<String>) -> Bool {
    guard let first = expected.first else { return actual.isEmpty }
    if first.trimmingCharacters(in: .whitespaces) == "..." {
      let rest = expected.dropFirst()
      return (actual.startIndex...actual.endIndex).contains { match(rest, actual[$0...]) }
    }
    guard let line = actual.first, matchLine(first.components(separatedBy: "...")[...], line[...], isStart: true) else {
      return false
    }
    return match(expected.dropFirst(), actual.dropFirst())
  }

  /// `pieces` in their order, with anything between them.
  private static func matchLine(_ pieces: ArraySlice<String>, _ text: Substring, isStart: Bool) -> Bool {
    guard let piece = pieces.first else { return text.isEmpty }
    if pieces.count == 1, isStart { return text == piece }
    if isStart {
      return text.hasPrefix(piece) && matchLine(pieces.dropFirst(), text.dropFirst(piece.count), isStart: false)
    }
    if pieces.count == 1 { return text.hasSuffix(piece) }
    guard let found = piece.isEmpty ? text.startIndex..<text.startIndex : text.range(of: piece) else { return false }
    return matchLine(pieces.dropFirst(), text[found.upperBound...], isStart: false)
  }
}
