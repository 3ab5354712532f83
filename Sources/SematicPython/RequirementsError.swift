import SematicSystem

/// Python packages that cannot be put into an image.
package struct RequirementsError: ExplainedError, Equatable {
  package enum Reason: Equatable, Sendable {
    case noPython
    case noPip
    case pip(PipFailure)
    /// The file is not what it should be.
    case unusable(String)
    /// Every requirement is marked as one for another Python.
    case leftOut
    /// What was installed is for another Python or system.
    case incompatible(package: String, tags: [String])
    case unknownVersion(base: String)
  }

  package let file: String
  /// The Python and the platform of the image.
  package let target: String
  /// The Python that the file's versions were chosen for, if it is another one.
  package let lockedFor: String?
  package let reason: Reason

  package init(file: String, target: String = "", lockedFor: String? = nil, reason: Reason) {
    self.file = file
    self.target = target
    self.lockedFor = lockedFor
    self.reason = reason
  }

  package var description: String {
    let what = "cannot install \(file) for \(target)"
    switch reason {
    case .noPython: return "\(what): there is no python3 on PATH"
    case .noPip: return "\(what): python3 has no pip"
    case .pip(let failure):
      guard !failure.isOffline else { return "\(what): pip failed" }
      if let lockedFor, failure.isAboutVersions { return "\(what): its versions were chosen for Python \(lockedFor)" }
      let why = failure.unmatched.map { name in
        "no wheel of '\(name)' fits" + (failure.neededPython.map { ", which requires Python \($0)" } ?? "")
      }
      return "\(what): \(why ?? "pip failed")"
    case .unusable(let problem): return "\(what): \(problem)"
    case .leftOut:
      return "\(what): all of its requirements are marked for another Python"
        + (lockedFor.map { ", \($0)" } ?? "")
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
      if lockedFor != nil, failure.isAboutVersions { return relock }
      if failure.unmatched != nil {
        return "choose a version that has one (https://pypi.org lists them under 'Download files'); if the package is "
          + "pure Python, add the line `--no-binary NAME` to build it here; or build a wheel where the image's Python "
          + "runs (`pip wheel`), and add its path to the file: ./NAME.whl"
      }
      return failure.isConflict ? "relax or remove the version of one of the requirements above" : nil
    case .leftOut: return relock
    case .unusable(let problem):
      return problem.contains("dynamic")
        ? "name the package itself in a requirements file, with the line `.` or `.[extra]`: then pip builds it" : nil
    case .incompatible:
      return "build the wheel where the image's Python runs (`pip wheel`), and add its path to the file: ./NAME.whl"
    case .unknownVersion:
      return "describe the base in sematic-bases/NAME.json, with \"promises\": {\"pythonVersion\": \"3.11\"}"
    }
  }

  private var relock: String {
    "choose the versions for the base's Python (`uv pip compile --python-version`, or pip-compile run by that Python), or "
      + "choose a base with the other Python"
  }
}
