/// All runs of a pipeline, with their edges.
struct RunGraph: Sendable {
  private(set) var runs: [String: RunRecord] = [:]
  /// The runs that a run has called, by its identifier, the oldest first.
  private(set) var steps: [String: [RunRecord]] = [:]
  private let edges: [EdgeRecord]

  init(_ rows: [[String: JSON]], _ edges: [EdgeRecord]) {
    self.edges = edges
    var own: [String: [EdgeRecord]] = [:]
    for edge in edges {
      for end in Set([edge.source, edge.destination].compactMap { $0 }) { own[end, default: []].append(edge) }
    }
    let records = rows.map { row in RunRecord(row: row, edges: row["id"]?.text.flatMap { own[$0] } ?? []) }
    for run in records.sorted(by: { $0.created < $1.created }) {
      runs[run.identifier] = run
      if let parent = run.parent { steps[parent, default: []].append(run) }
    }
  }

  var root: RunRecord? { runs.values.first { $0.parent == nil } }

  /// The runs around a run.
  func ancestors(of run: String) -> [String] {
    var found: [String] = []
    var next = runs[run]?.parent
    while let run = next, !found.contains(run) {
      found.append(run)
      next = runs[run]?.parent
    }
    return found
  }

  /// The runs that a run's output leads to.
  func downstream(of run: String) -> [String] { closure(of: run) { run in run.destinations } }

  /// The runs inside of a run.
  func descendants(of run: String) -> [String] {
    closure(of: run) { run in (steps[run.identifier] ?? []).map(\.identifier) }
  }

  private func closure(of run: String, _ next: (RunRecord) -> [String]) -> [String] {
    var (found, open, seen) = ([String](), [run], Set([run]))
    while let run = open.popLast().flatMap({ runs[$0] }) {
      for next in next(run) where seen.insert(next).inserted {
        found.append(next)
        open.append(next)
      }
    }
    return found
  }

  /// Copies of the runs inside of a run, as runs inside of another one.
  func steps(of run: String, copiedInto target: RunRecord) -> [RunRecord] {
    let originals = descendants(of: run).compactMap { runs[$0] }
    var names = Dictionary(uniqueKeysWithValues: originals.map { ($0.identifier, System.identifier()) })
    names[run] = target.identifier
    let inner = edges.filter { edge in
      let ends = [edge.source, edge.destination].compactMap { $0 }
      return ends.contains { $0 != run && names[$0] != nil } && ends.allSatisfy { names[$0] != nil }
    }
    var edgeNames = Dictionary(uniqueKeysWithValues: inner.map { ($0.identifier, System.identifier()) })
    for edge in runs[run]?.edges ?? [] where edge.destination == run {
      edgeNames[edge.identifier] =
        target.edges
        .first { $0.destination == target.identifier && $0.destinationName == edge.destinationName }?.identifier
    }
    return originals.map { original in
      // Each edge once, with the run that it comes from.
      let own = inner.filter { ($0.source.flatMap { $0 == run ? nil : $0 } ?? $0.destination) == original.identifier }
        .map { $0.copied(edgeNames, names) }
      return original.copied(names, root: target.root, edges: own)
    }
  }
}
