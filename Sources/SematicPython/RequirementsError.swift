import SematicSystem

/// Python packages that cannot be put into an image.
package struct RequirementsError: ExplainedError, Hashable {
  package enum Reason: Hashable, Sendable {
    case noPython
    case noPip
    case pip(PipFailure)
    /// What was installed is for another Python or system.
    case incompatible(package: String, tags: [String])
    case unknownVersion(base: String)
  }

  package let file: String
  /// The Python and the platform of the image.
  package let target: String
  package let reason: Reason

  package init(file: String, target: String = "", reason: Reason) {
    self.file = file
    self.target = target
    self.reason = reason
  }

  package var description: String {
    let what = "cannot install \(file) for \(target)"
    switch reason {
    case .noPython: return "\(what): there is no python3 on PATH"
    case .noPip: return "\(what): python3 has no pip"
    case .pip(let failure):
      let why = failure.isOffline ? nil : failure.unmatched.map { "no wheel of '\($0)' fits" }
      return "\(what): \(why ?? "pip failed")"
    case .incompatible(let package, let tags):
      return "\(what): \(package) was built for another Python or system (\(tags.joined(separator: ", ")))"
    case .unknownVersion(let base): return "cannot install \(file): cannot tell which Python the base '\(base)' has"
    }
  }

  package var details: [String] {
    if case .pip(let failure) = reason { failure.lines.map { "pip: \($0)" } } else { [] }
  }

  package var hint: String? {
    switch reason {
    case .noPython: return "install Python 3 with pip on this machine: pip chooses the wheels for the image"
    case .noPip: return "install it: `python3 -m ensurepip`, or the system's package python3-pip"
    case .pip(let failure):
      if failure.isOffline {
        return "the package index cannot be reached: check the network, the proxy and --index-url"
      }
      if failure.unmatched != nil {
        return "choose a version that has one (https://pypi.org lists them under 'Download files'); if the package is "
          + "pure Python, add the line `--no-binary NAME` to build it here; or build a wheel where the image's Python "
          + "runs (`pip wheel`), and add its path to the file: ./NAME.whl"
      }
      return failure.isConflict ? "relax or remove the version of one of the requirements above" : nil
    case .incompatible:
      return "build the wheel where the image's Python runs (`pip wheel`), and add its path to the file: ./NAME.whl"
    case .unknownVersion:
      return "describe the base in sematic-bases/NAME.json, with \"promises\": {\"pythonVersion\": \"3.11\"}"
    }
  }
}
