import SematicSystem

/// What pip printed when it failed.
///
/// pip exits with 1 for everything and has no machine-readable report of failures. Only the advice depends on its words.
package struct PipFailure: Equatable, Sendable {
  /// pip's errors, without their prefix. The last one is the reason.
  package let lines: [String]
  package let isOffline: Bool
  package let isConflict: Bool
  /// Whether it is about which versions there are, and not about the build of one.
  package let isAboutVersions: Bool
  /// The requirement that no wheel was found for.
  package let unmatched: String?
  /// The Pythons that the version of that requirement is for: `>=3.10`.
  package let neededPython: String?

  package init(_ output: String) {
    let all = output.split(whereSeparator: \.isNewline).map(String.init)
    let triedAgain = output.contains("WARNING: Retrying (")
    isOffline = triedAgain && (!output.contains("(from versions: ") || output.contains("(from versions: none)"))
    let errors = Self.errors(all)
    let marker = "No matching distribution found for "
    unmatched = errors.first { $0.hasPrefix(marker) }.map { line in
      line.dropFirst(marker.count).split(separator: " (from").first.map(String.init) ?? ""
    }
    neededPython = unmatched.flatMap { Self.pythons(for: $0, in: errors) }
    isConflict = errors.contains { $0.hasPrefix("Cannot install ") || $0.hasPrefix("ResolutionImpossible") }
    let told = errors.filter { !$0.hasPrefix("ResolutionImpossible") && !$0.hasPrefix(marker) }
    let rest = told.isEmpty ? errors : told
    let reason = Self.failedBuild(all) ?? Self.crash(all)
    isAboutVersions = reason == nil && !isOffline
    lines = reason ?? (rest.isEmpty ? all.suffix(3) : Array(rest.prefix(12)))
  }

  private static func errors(_ all: [String]) -> [String] {
    var errors: [String] = []
    for (index, line) in all.enumerated() {
      if line.hasPrefix("ERROR: ") {
        errors.append(String(line.dropFirst("ERROR: ".count)))
      } else if line.hasPrefix("The conflict is caused by:") {
        errors += all[(index + 1)...].prefix { $0.hasPrefix(" ") }.map { $0.trimmed }
      } else if !errors.isEmpty, line.hasPrefix("    ") {
        // The expected and the actual hash.
        errors.append(line.trimmed)
      }
    }
    return errors
  }

  /// The program that failed to build a package, and the last line that it printed.
  private static func failedBuild(_ all: [String]) -> [String]? {
    let starts = ["lines of output]", "Complete output ("]
    guard let start = all.firstIndex(where: { line in starts.contains { line.contains($0) } }) else { return nil }
    let end = all[start].contains(starts[0]) ? "[end of output]" : "----------"
    let printed = all[(start + 1)...].prefix { !$0.contains(end) }
    let steps = ["Processing ", "Collecting ", "Building wheel for "]
    let step = all[..<start].last { line in steps.contains { line.trimmed.hasPrefix($0) } }
    let what = all[..<start].last { $0.contains("× ") }?.split(separator: "× ").last.map(String.init)
    let package = step.flatMap { $0.trimmed.split(separator: " (").first }.map(String.init)
    return [package, what, printed.last { !$0.trimmed.isEmpty }].compactMap { $0?.trimmed }
  }

  /// The exception that ended pip itself.
  private static func crash(_ all: [String]) -> [String]? {
    guard let start = all.lastIndex(where: { $0.hasPrefix("Traceback (most recent call last):") }) else { return nil }
    return all[(start + 1)...].first { !$0.hasPrefix(" ") }.map { [$0] }
  }

  /// As in `Ignored the following versions that require a different python version: 2.1.0 Requires-Python >=3.10; ...`.
  private static func pythons(for requirement: String, in errors: [String]) -> String? {
    guard let version = requirement.firstRange(of: "==").map({ requirement[$0.upperBound...] }) else { return nil }
    let parts = errors.filter { $0.hasPrefix("Ignored the following versions") }
      .flatMap { $0.split(separator: ";").flatMap { $0.split(separator: ": ") } }
    let found = parts.first { $0.trimmed.hasPrefix(version + " Requires-Python ") }
    return found?.split(separator: "Requires-Python ").last.map { String($0).trimmed }
  }
}
