/// The decision which steps a new execution of a pipeline repeats, by the runs of an earlier one.
///
/// A function in Swift is run again to see which steps it calls; a step that is done gives the output that is recorded.
///
/// https://github.com/sematic-ai/sematic/blob/main/sematic/graph.py
final class RerunDecision: Sendable {
  /// The earlier run of the same function for the same arguments.
  struct Counterpart: Sendable {
    let run: RunRecord
    /// Whether its output can be used.
    let isDone: Bool
    /// Whether it is a step of the very run that goes on, and needs no copy.
    let isOwn: Bool
  }

  let graph: RunGraph
  /// The runs to repeat although they are done.
  private let repeated: Set<String>
  /// The runs whose steps are all to be repeated.
  private let renewed: Set<String>
  private let used = Locked(Set<String>())

  init(_ graph: RunGraph, _ rerun: Rerun) {
    self.graph = graph
    guard let run = rerun.start else {
      (repeated, renewed) = ([], [])
      return
    }
    let ancestors = graph.ancestors(of: run)
    renewed = Set([run]).union(([run] + ancestors).flatMap(graph.downstream))
    repeated = renewed.union(ancestors)
  }

  /// What a run has left that goes on in another container.
  init(_ graph: RunGraph, continuing run: String) {
    self.graph = graph
    (repeated, renewed) = (Set([run]).union(graph.ancestors(of: run)), [])
  }

  /// The run that goes on, as what its steps are the steps of.
  func itself(_ run: RunRecord) -> Counterpart { Counterpart(run: run, isDone: false, isOwn: true) }

  /// The earlier root run.
  ///
  /// - Throws: `SematicError.misuse` where it is of another function.
  func root(for run: RunRecord) throws -> Counterpart? {
    guard let root = graph.root else { return nil }
    try Self.check(root, for: run)
    return counterpart(root, of: run)
  }

  static func check(_ root: RunRecord, for run: RunRecord) throws {
    guard root.functionPath == run.functionPath else {
      throw SematicError.misuse(
        "the run \(root.identifier) is of the function \(root.functionPath), not of \(run.functionPath)")
    }
  }

  /// The earlier run that a step repeats.
  ///
  /// - Parameter parent: the earlier run of the function that calls it.
  func counterpart(of run: RunRecord, in parent: String?) -> Counterpart? {
    guard let parent, !renewed.contains(parent) else { return nil }
    let same = (graph.steps[parent] ?? []).filter {
      $0.functionPath == run.functionPath && $0.inputArtifacts == run.inputArtifacts
    }
    return used.withLock { used in
      let free = same.filter { !used.contains($0.identifier) }
      guard let found = free.first(where: isDone) ?? free.first else { return nil }
      used.insert(found.identifier)
      return counterpart(found, of: run)
    }
  }

  private func isDone(_ run: RunRecord) -> Bool {
    run.state == .resolved && run.outputArtifact != nil && !repeated.contains(run.identifier)
  }

  private func counterpart(_ found: RunRecord, of run: RunRecord) -> Counterpart {
    Counterpart(
      run: found, isDone: isDone(found) && found.inputArtifacts == run.inputArtifacts,
      isOwn: found.parent != nil && found.parent == run.parent)
  }
}
