/// The run of the function that is called right now.
///
/// ```swift
/// let train = SematicFunction("train") { (epochs: Int) in
///   print("run", RunInformation.current?.id ?? "not recorded", "attempt", RunInformation.current?.attempt ?? 1)
///   return epochs
/// }
/// ```
public struct RunInformation: Hashable, Sendable {
  /// The identifier of the run: 32 hexadecimal digits.
  public let id: String
  /// The identifier of the pipeline's outermost run.
  public let rootID: String
  /// 1 at first, and one more after each failure that was retried.
  public let attempt: Int

  /// The run of the function that is called right now; nil where nothing is recorded.
  public static var current: RunInformation? {
    RunContext.current.map { RunInformation(id: $0.run, rootID: $0.root, attempt: $0.attempt) }
  }
}
