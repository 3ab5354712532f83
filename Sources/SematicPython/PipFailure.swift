import SematicSystem

/// What pip printed when it failed.
///
/// pip exits with 1 for everything and has no machine-readable report of failures. Only the advice depends on its words.
package struct PipFailure: Hashable, Sendable {
  /// pip's errors, without their prefix.
  package let lines: [String]
  package let isOffline: Bool
  package let isConflict: Bool
  /// The requirement that no wheel was found for.
  package let unmatched: String?

  package init(_ output: String) {
    let all = output.split(separator: "\n").map(String.init)
    var lines: [String] = []
    for (index, line) in all.enumerated() {
      if line.hasPrefix("ERROR: ") {
        lines.append(String(line.dropFirst("ERROR: ".count)))
      } else if line.hasPrefix("The conflict is caused by:") {
        lines += all[(index + 1)...].prefix { $0.hasPrefix(" ") }.map { $0.trimmed }
      } else if !lines.isEmpty, line.hasPrefix("    ") {
        // The expected and the actual hash.
        lines.append(line.trimmed)
      }
    }
    let marker = "No matching distribution found for "
    unmatched = lines.first { $0.hasPrefix(marker) }.map { line in
      line.dropFirst(marker.count).split(separator: " (from").first.map(String.init) ?? ""
    }
    let triedAgain = output.contains("WARNING: Retrying (")
    isOffline = triedAgain && (!output.contains("(from versions: ") || output.contains("(from versions: none)"))
    isConflict = lines.contains { $0.hasPrefix("Cannot install ") || $0.hasPrefix("ResolutionImpossible") }
    let told = lines.filter { !$0.hasPrefix("ResolutionImpossible") && !$0.hasPrefix(marker) }
    let rest = told.isEmpty ? lines : told
    self.lines = rest.isEmpty ? Array(all.suffix(3)) : Array(rest.prefix(12))
  }
}
