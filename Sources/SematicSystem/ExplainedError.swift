/// An error that a person may see: `description` says what failed, on which side and why, in one sentence.
///
/// Every error of this package that can reach the top of the tool is one: then no place has to know them all.
package protocol ExplainedError: Error, CustomStringConvertible {
  /// What to do next; nil where there is nothing to say.
  var hint: String? { get }
  /// More lines, printed below the description: what another program said, say. Only these begin a line of their own.
  var details: [String] { get }
  /// Whether the person called the tool in a wrong way: exit status 64 instead of 1.
  var isMisuse: Bool { get }
}

extension ExplainedError {
  package var details: [String] { [] }
  package var isMisuse: Bool { false }
}
