/// The use of what an earlier execution of a pipeline has done already.
///
/// ```swift
/// // All steps that are done, after a failure:
/// try await train.with(input).schedule(with: CloudResolver(rerun: .continuing("0a1b...")))
/// // One step and what depends on it, with the other outputs as they are recorded:
/// try await train.with(input).schedule(with: CloudResolver(rerun: .from("2c3d...")))
/// ```
/// The functions that call other ones are run again, to see what they call. A step of them that is done, of the same function
/// with the same arguments, gives the recorded output, and its new run refers to the one that was executed. Sematic's UI reruns
/// pipelines in the same way.
public struct Rerun: Hashable, Sendable {
  /// The run to begin with, or the root run.
  let run: String
  private let continues: Bool

  /// Runs this step again, the functions around it, and all that depends on them.
  ///
  /// - Parameter run: the identifier of any run of the earlier execution.
  public static func from(_ run: String) -> Rerun { Rerun(run: run, continues: false) }

  /// Runs what did not end well, and what the earlier execution did not come to.
  ///
  /// - Parameter root: the identifier of the earlier execution's root run.
  public static func continuing(_ root: String) -> Rerun { Rerun(run: root, continues: true) }

  private init(run: String, continues: Bool) {
    self.run = run
    self.continues = continues
  }

  /// - Parameter mode: as Sematic's server names it: https://github.com/sematic-ai/sematic/blob/main/sematic/graph.py
  init(run: String, mode: String?) { self.init(run: run, continues: mode == "CONTINUE") }

  var mode: String { continues ? "CONTINUE" : "SPECIFIC_RUN" }

  /// The run that is repeated in any case.
  var start: String? { continues ? nil : run }
}
