/// The text of a file in Swift, of which a call can be cut out.
struct SwiftSource {
  private let bytes: [UInt8]
  /// Where lines begin.
  private let lines: [Int]

  /// What is longer is not shown.
  private static let maximalSize = 1 << 16

  init(_ text: String) {
    let bytes = Array(text.utf8)
    self.bytes = bytes
    lines = [0] + bytes.indices.filter { bytes[$0] == UInt8(ascii: "\n") }.map { $0 + 1 }
  }

  /// The call of an initializer that begins in a line, with its closures, its declaration and the comments before that.
  ///
  /// - Parameters:
  ///   - line: from 1.
  ///   - name: the literal by which to know it, where there are several in the line.
  /// - Returns: nil where there is none, or its end cannot be found.
  func call(at line: Int, naming name: String) -> String? {
    guard lines.indices.contains(line - 1) else { return nil }
    let ends = calls(inLine: line - 1).compactMap { start in
      end(ofCallAt: start).map { (start: start, end: $0) }
    }
    let literal = Array("\"\(name)\"".utf8)
    let named = ends.first { bytes[$0.start..<$0.end].firstRange(of: literal) != nil }
    guard let end = (named ?? ends.first)?.end else { return nil }
    let first = firstLine(ofDeclarationAt: line - 1)
    guard end - lines[first] <= Self.maximalSize else { return nil }
    return Self.unindented(String(decoding: bytes[lines[first]..<end], as: UTF8.self))
  }

  private func text(ofLine index: Int) -> ArraySlice<UInt8> {
    bytes[lines[index]..<(index + 1 < lines.count ? lines[index + 1] - 1 : bytes.count)]
  }

  /// The brackets that may open the arguments.
  private func calls(inLine index: Int) -> [Int] {
    let line = text(ofLine: index)
    var starts: [Int] = []
    for name in ["SematicFunction", ".init"] {
      var rest = line
      while let found = rest.firstRange(of: Array(name.utf8)) {
        if let bracket = bytes[found.upperBound...].firstIndex(of: UInt8(ascii: "(")) { starts.append(bracket) }
        rest = rest[found.upperBound...]
      }
    }
    return starts
  }

  /// The line in which the declaration or the comments before it begin.
  private func firstLine(ofDeclarationAt index: Int) -> Int {
    var index = index
    while index > 0 {
      let before = text(ofLine: index - 1).drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
      guard before.starts(with: "//".utf8) || before.first == UInt8(ascii: "@") || before.last == UInt8(ascii: "=")
      else { break }
      index -= 1
    }
    return index
  }

  private func end(ofCallAt bracket: Int) -> Int? {
    var scanner = SwiftScanner(bytes: bytes, position: bracket)
    guard scanner.skipBalanced() else { return nil }
    var end = scanner.position
    while scanner.skipToClosure() {
      guard scanner.skipBalanced() else { return nil }
      end = scanner.position
    }
    return end
  }

  private static func unindented(_ text: String) -> String {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let indentation = lines.filter { !$0.allSatisfy(\.isWhitespace) }.map { $0.prefix { $0 == " " }.count }.min() ?? 0
    return lines.map { $0.dropFirst(min(indentation, $0.prefix { $0 == " " }.count)) }.joined(separator: "\n")
  }
}

/// Finds the end of what is in brackets, in Swift: brackets in texts and comments do not count.
struct SwiftScanner {
  let bytes: [UInt8]
  private(set) var position: Int

  init(bytes: [UInt8], position: Int) { (self.bytes, self.position) = (bytes, position) }

  private func has(_ text: StaticString, at offset: Int = 0) -> Bool {
    let start = position + offset
    return start >= 0 && bytes.count - start >= text.utf8CodeUnitCount
      && (0..<text.utf8CodeUnitCount).allSatisfy { bytes[start + $0] == text.utf8Start[$0] }
  }

  /// Moves from an opening bracket to behind the one that closes it.
  mutating func skipBalanced() -> Bool {
    var depth = 0
    while position < bytes.count {
      if skipComment() { continue }
      switch bytes[position] {
      case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"):
        depth -= 1
        if depth <= 0 {
          position += 1
          return depth == 0
        }
      case UInt8(ascii: "\""), UInt8(ascii: "#"):
        guard skipText() else { return false }
        continue
      default: break
      }
      position += 1
    }
    return false
  }

  /// Moves to a closure that follows a call, with or without a label.
  mutating func skipToClosure() -> Bool {
    skipSpace()
    let start = position
    while position < bytes.count, Self.isWord(bytes[position]) { position += 1 }
    if position > start {
      guard has(":") else { return false }
      position += 1
      skipSpace()
    }
    return has("{")
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    byte >= 0x80 || byte == UInt8(ascii: "_") || (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & ~0x20)
  }

  private mutating func skipSpace() {
    while position < bytes.count {
      if skipComment() { continue }
      guard [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) else { return }
      position += 1
    }
  }

  /// Comments of several lines can contain others.
  private mutating func skipComment() -> Bool {
    if has("//") {
      while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { position += 1 }
      return true
    }
    guard has("/*") else { return false }
    var depth = 0
    repeat {
      if has("/*") || has("*/") {
        depth += has("/*") ? 1 : -1
        position += 2
      } else {
        position += 1
      }
    } while depth > 0 && position < bytes.count
    return true
  }

  /// Moves behind a text, with what is inserted in it; and over a `#` that begins none.
  private mutating func skipText() -> Bool {
    var marks = 0
    while has("#", at: marks) { marks += 1 }
    guard has("\"", at: marks) else {
      position += marks
      return true
    }
    position += marks
    let quotes = has("\"\"\"") ? 3 : 1
    position += quotes
    func follow(_ byte: UInt8, _ count: Int, at offset: Int) -> Bool {
      bytes.count - position - offset >= count
        && (0..<count).allSatisfy { bytes[position + offset + $0] == byte }
    }
    while position < bytes.count {
      if follow(UInt8(ascii: "\""), quotes, at: 0), follow(UInt8(ascii: "#"), marks, at: quotes) {
        position += quotes + marks
        return true
      }
      guard has("\\"), follow(UInt8(ascii: "#"), marks, at: 1) else {
        position += 1
        continue
      }
      position += 1 + marks
      if has("(") {
        guard skipBalanced() else { return false }
      } else {
        position += 1
      }
    }
    return false
  }
}
