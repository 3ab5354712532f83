import SematicOCI
import SematicSystem

/// An error that a registry reports: https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#error-codes
package struct Diagnostic: Equatable, Sendable, CustomStringConvertible {
  /// The code, such as `MANIFEST_UNKNOWN`; nil where there is none.
  package let code: String?
  package let message: String

  package var description: String {
    guard let code else { return message }
    return message.isEmpty || message.lowercased() == code.lowercased() ? code : "\(code): \(message)"
  }

  /// Parses the body of an answer: JSON, plain text or an HTML page.
  static func parse(_ body: Data) -> [Diagnostic] {
    guard !body.isEmpty else { return [] }
    guard let document = try? decodeJSON(JSONValue.self, from: body) else {
      let text = trimmed(plain(String(decoding: body.prefix(16 << 10), as: UTF8.self)))
      return text.isEmpty ? [] : [Diagnostic(code: nil, message: text)]
    }
    if let errors = document["errors"]?.array {
      return errors.prefix(4).map { error in
        var message = error["message"]?.string ?? error.string ?? ""
        // A few registries put the reason only there.
        if let detail = error["detail"]?.string, !detail.isEmpty, detail != message { message += " (\(detail))" }
        return Diagnostic(code: error["code"]?.string.map { trimmed($0) }, message: trimmed(message))
      }
    }
    let message = ["error_description", "message", "details", "detail"].lazy.compactMap { document[$0]?.string }.first
    let code = document["error"]?.string ?? document["code"]?.string
    return code == nil && message == nil
      ? [] : [Diagnostic(code: code.map { trimmed($0) }, message: trimmed(message ?? ""))]
  }

  /// The text on one line, without control characters, and not long.
  static func trimmed(_ text: String, limit: Int = 300) -> String {
    let words = text.split { character in
      character.isWhitespace || character.unicodeScalars.contains { $0.properties.generalCategory == .control }
    }
    let line = words.joined(separator: " ")
    return line.count > limit ? line.prefix(limit) + "..." : line
  }

  /// The title of an HTML page, or else its text.
  private static func plain(_ text: String) -> String {
    guard text.contains("<") else { return text }
    if let title = text.firstMatch(of: /<title>(.*?)<\/title>/.ignoresCase().dotMatchesNewlines()) {
      return String(title.1)
    }
    var visible = ""
    var isTag = false
    for character in text {
      if character == "<" {
        isTag = true
      } else if character == ">" {
        isTag = false
        visible.append(" ")
      } else if !isTag {
        visible.append(character)
      }
    }
    return visible
  }
}
