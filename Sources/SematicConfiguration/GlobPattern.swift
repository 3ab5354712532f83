/// One part of a path with wildcards: `*`, `?`, `[a-z]`, `[!a-z]`; a backslash takes the next character as it is.
struct GlobPattern: Equatable, Sendable {
  private enum Token: Equatable, Sendable {
    case literal(Unicode.Scalar)
    case any
    case star
    case set([ClosedRange<Unicode.Scalar>], negated: Bool)

    func matches(_ scalar: Unicode.Scalar) -> Bool {
      switch self {
      case .literal(let own): own == scalar
      case .any, .star: true
      case .set(let ranges, let negated): ranges.contains { $0.contains(scalar) } != negated
      }
    }
  }

  private let tokens: [Token]
  /// The name, where there are no wildcards.
  let literal: String?
  /// Whether the pattern finds hidden files: only one that begins with a dot does.
  let namesHidden: Bool

  /// - Throws: `MalformedSetting` for a set that is not closed, or has a range upside down.
  init(_ part: String) throws {
    var tokens: [Token] = []
    var rest = part.unicodeScalars[...]
    while let scalar = rest.popFirst() {
      switch scalar {
      case "*": if tokens.last != .star { tokens.append(.star) }
      case "?": tokens.append(.any)
      case "[": tokens.append(try Self.set(&rest, of: part))
      case "\\": tokens.append(.literal(rest.popFirst() ?? scalar))
      default: tokens.append(.literal(scalar))
      }
    }
    self.tokens = tokens
    let scalars = tokens.compactMap { if case .literal(let scalar) = $0 { scalar } else { nil } }
    literal = scalars.count == tokens.count ? String(String.UnicodeScalarView(scalars)) : nil
    namesHidden = tokens.first == .literal(".")
  }

  private static func set(_ rest: inout Substring.UnicodeScalarView, of part: String) throws -> Token {
    var ranges: [ClosedRange<Unicode.Scalar>] = []
    let negated = rest.first == "!" || rest.first == "^"
    if negated { rest.removeFirst() }
    while let lower = rest.popFirst() {
      if lower == "]", !ranges.isEmpty { return .set(ranges, negated: negated) }
      guard rest.first == "-", let upper = rest.dropFirst().first, upper != "]" else {
        ranges.append(lower...lower)
        continue
      }
      guard lower <= upper else {
        throw MalformedSetting("the range '\(lower)-\(upper)' of '\(part)' is upside down: write '\(upper)-\(lower)'")
      }
      ranges.append(lower...upper)
      rest.removeFirst(2)
    }
    throw MalformedSetting("a '[' of '\(part)' is not closed: write '\\[' for the character itself")
  }

  func matches(_ name: String) -> Bool {
    let name = Array(name.unicodeScalars)
    var (position, index) = (0, 0)
    // Where to take up again, with one more character for the last star.
    var retry: (position: Int, index: Int)?
    while position < name.count {
      if index < tokens.count, tokens[index] == .star {
        index += 1
        retry = (position, index)
      } else if index < tokens.count, tokens[index].matches(name[position]) {
        position += 1
        index += 1
      } else if let last = retry {
        retry = (last.position + 1, last.index)
        (position, index) = (last.position + 1, last.index)
      } else {
        return false
      }
    }
    return tokens[index...].allSatisfy { $0 == .star }
  }
}
