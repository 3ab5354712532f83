import Testing

/// A mistaken text, and the whole of what is said of it.
struct Mistake: Sendable, CustomTestStringConvertible {
  let text: String
  let message: String

  init(_ text: String, _ message: String) {
    self.text = text
    self.message = message
  }

  var testDescription: String { text }
}
