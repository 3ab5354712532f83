/// An error that a person may see: `description` says what failed, on which side and why, in one sentence.
///
/// Every error of this package that can reach the top of the tool is one: then no place has to know them all.
package protocol ExplainedError: Error, CustomStringConvertible {
  /// What to do next; nil where there is nothing to say.
  var hint: String? { get }
  /// Whether the person called the tool in a wrong way: exit status 64 instead of 1.
  var isMisuse: Bool { get }
}

extension ExplainedError {
  package var isMisuse: Bool { false }
}
