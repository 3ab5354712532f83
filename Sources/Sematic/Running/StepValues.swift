/// The values that steps of one function have returned, to see where they are handed on.
///
/// Swift's values have no identity: a value is that of a step where it is the same, whole or as a part of an argument.
/// Short ones can be the same by chance; those that came from elsewhere first, or that are common, connect nothing.
final class StepValues: Sendable {
  private struct Output {
    let run: String
    let artifact: String
    /// The value as JSON, in a typed place and in a plain one.
    let texts: [[UInt8]]
    /// The output's own edge, until it leads to another step.
    var edge: EdgeRecord?
  }

  private struct State {
    var outputs: [Output] = []
    /// Short values that came from elsewhere.
    var foreign: Set<[UInt8]> = []
  }

  private let state = Locked(State())

  /// Larger arguments are compared as a whole only.
  private static let maximalSize = 1 << 20
  private static let shortSize = 8
  private static let common: Set<[UInt8]> = Set(
    [
      "null", "true", "false", "0", "1", "-1", "0.0", "-0.0", "1.0", "-1.0", "NaN", "\"\"", "[]", "{}",
      "{\"items\": []}",
    ].map { Array($0.utf8) })

  /// Notes what a step has returned.
  ///
  /// - Parameter texts: its forms as JSON; none where it is so large that it is only compared as a whole.
  func add(_ run: RunRecord, artifact: String, texts: [[UInt8]]) {
    var edge = run.edges.first { $0.source == run.identifier && $0.destination == nil }
    edge?.artifact = artifact
    state.withLock { state in
      let telling = texts.filter { !Self.common.contains($0) && !state.foreign.contains($0) }
      guard texts.isEmpty || !telling.isEmpty else { return }
      state.outputs.append(Output(run: run.identifier, artifact: artifact, texts: telling, edge: edge))
    }
  }

  func add(_ run: RunRecord, _ artifact: Artifact) {
    add(run, artifact: artifact.identifier, texts: artifact.texts(upTo: Self.maximalSize))
  }

  /// The edge of a step whose output leads nowhere, where the function returns the same: that of the function follows it.
  func returned(_ artifact: String, by run: RunRecord) -> EdgeRecord? {
    state.withLock { state in
      guard let index = state.outputs.lastIndex(where: { $0.artifact == artifact && $0.edge != nil }) else {
        return nil
      }
      state.outputs[index].edge?.parent = run.edges.first { $0.source == run.identifier }?.identifier
      return state.outputs[index].edge
    }
  }

  /// The run, connected with the steps whose values its arguments are, or contain.
  func connected(_ run: RunRecord, _ arguments: [String: Artifact]) -> RunRecord {
    var run = run
    let found = state.withLock { state in
      arguments.sorted { $0.key < $1.key }.map { ($0.key, $0.value, Self.sources(of: $0.value, in: &state)) }
    }
    for (name, artifact, sources) in found where !sources.isEmpty {
      if sources.count == 1, let edge = sources[0].wholeEdge {
        run.connect(name, by: edge)
      } else {
        run.gather(sources.map(\.edge), into: name, isList: artifact.payload.isList)
      }
    }
    return run
  }

  private struct Source {
    /// An edge that leaves the step, and leads nowhere yet.
    let edge: EdgeRecord
    /// The same where the value is the whole argument.
    let wholeEdge: EdgeRecord?
  }

  private static func sources(of argument: Artifact, in state: inout State) -> [Source] {
    // The newest, where several have returned the same.
    if let index = state.outputs.lastIndex(where: { $0.artifact == argument.identifier }) {
      let edge = take(index, in: &state)
      return [Source(edge: edge, wholeEdge: edge)]
    }
    guard argument.payload.count <= maximalSize, let document = try? JSONDocument(argument.payload.bytes) else {
      return []
    }
    let longest = max(shortSize, state.outputs.flatMap(\.texts).map(\.count).max() ?? 0)
    var sources: [Source] = []
    var used: Set<Int> = []
    document.root.forEachValue { node in
      let text = node.text
      guard text.count <= longest else { return true }
      let index = state.outputs.indices.first { index in
        !used.contains(index) && state.outputs[index].texts.contains { $0.elementsEqual(text) }
      }
      if let index {
        used.insert(index)
        sources.append(Source(edge: take(index, in: &state), wholeEdge: nil))
      } else if text.count <= shortSize {
        state.foreign.insert(Array(text))
      }
      return index == nil
    }
    return sources
  }

  private static func take(_ index: Int, in state: inout State) -> EdgeRecord {
    let output = state.outputs[index]
    state.outputs[index].edge = nil
    return output.edge ?? EdgeRecord(from: output.run, artifact: output.artifact)
  }
}
