import SematicConfiguration
import SematicFiles
import SematicOCI
import SematicSystem

/// A run of pip that puts packages for another Python into a folder.
struct PipInstall {
  let requirements: PackageFile
  let target: PythonTarget
  let console: Console
  let signals: SignalRelay?

  /// - Throws: `RequirementsError`, `FileError`, `LaunchProgram.StartError`.
  func run(into folder: String) throws {
    try FileTree.createDirectory(folder)
    let log = folder + ".log"
    let descriptor = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw FileError("create", log, code: errno) }
    let null = open("/dev/null", O_RDONLY | O_CLOEXEC)
    defer {
      close(descriptor)
      close(null)
      unlink(log)
    }
    let command = try ["python3", Templates.file("install-requirements.py")] + arguments(folder)
    console.detail("$ " + LaunchEnvironment.shellLine(command))
    let program = LaunchProgram(
      executable: command[0], arguments: Array(command.dropFirst()),
      environment: ProcessInfo.processInfo.environment, streams: (null, descriptor, descriptor))
    let ending: LaunchProgram.Ending
    do {
      ending = try program.run(signals: signals)
    } catch let error as LaunchProgram.StartError where error.code == ENOENT {
      throw failure(.noPython)
    }
    let output = String(decoding: try FileTree.read(log), as: UTF8.self)
    output.split(separator: "\n").forEach { console.detail("pip: \($0)") }
    // 127 where the system has no error for what is not there.
    if ending == .exited(127), output.isEmpty { throw failure(.noPython) }
    guard ending == .exited(0) else { throw failure(.pip(PipFailure(output))) }
  }

  private func arguments(_ folder: String) -> [String] {
    // One expression of all of these takes the compiler seven seconds.
    var list = [target.version, target.machine, FileTree.parent(of: requirements.path)]
    list += ["install", "--target", folder, "--requirement", requirements.path]
    list += ["--python-version", target.version, "--implementation", "cp", "--abi", target.abi]
    list += target.wheelPlatforms.flatMap { ["--platform", $0] }
    list += ["--only-binary", ":all:", "--no-compile", "--no-warn-conflicts", "--no-warn-script-location"]
    list += ["--disable-pip-version-check", "--no-input", "--no-color", "--progress-bar", "off"]
    return list
  }

  private func failure(_ reason: RequirementsError.Reason) -> RequirementsError {
    RequirementsError(file: requirements.relativePath, target: target.description, reason: reason)
  }
}

/// What pip said when it failed.
struct PipFailure: Hashable, Sendable {
  /// Its errors, without what they begin with.
  let lines: [String]
  let isMissing: Bool
  let isOffline: Bool
  let isConflict: Bool
  /// The requirement that no wheel was found for.
  let unmatched: String?

  init(_ output: String) {
    let all = output.split(separator: "\n").map(String.init)
    var lines: [String] = []
    for (index, line) in all.enumerated() {
      if line.hasPrefix("ERROR: ") {
        lines.append(String(line.dropFirst("ERROR: ".count)))
      } else if line.hasPrefix("The conflict is caused by:") {
        lines += all[(index + 1)...].prefix { $0.hasPrefix(" ") }.map { $0.trimmed }
      } else if !lines.isEmpty, line.hasPrefix("    ") {
        // How hashes differ.
        lines.append(line.trimmed)
      }
    }
    let marker = "No matching distribution found for "
    unmatched = lines.first { $0.hasPrefix(marker) }.map { line in
      line.dropFirst(marker.count).split(separator: " (from").first.map(String.init) ?? ""
    }
    isMissing = lines.contains { $0.hasPrefix("pip is missing") } || output.contains("No module named pip")
    isOffline =
      output.contains("WARNING: Retrying (") && !output.contains("(from versions: ")
      || output.contains("(from versions: none)") && output.contains("WARNING: Retrying (")
    isConflict = lines.contains { $0.hasPrefix("Cannot install ") || $0.hasPrefix("ResolutionImpossible") }
    let told = lines.filter { !$0.hasPrefix("ResolutionImpossible") && !$0.hasPrefix(marker) }
    let rest = told.isEmpty ? lines : told
    self.lines = rest.isEmpty ? Array(all.suffix(3)) : Array(rest.prefix(12))
  }
}

/// Python packages that cannot be put into an image.
struct RequirementsError: ExplainedError, Hashable {
  enum Reason: Hashable, Sendable {
    case noPython
    case pip(PipFailure)
    /// What was installed is for another Python or system.
    case unfit(package: String, tags: [String])
    case unknownVersion(base: String)
  }

  let file: String
  let target: String
  let reason: Reason

  var description: String {
    let what = "cannot install \(file) for \(target)"
    switch reason {
    case .noPython: return "\(what): there is no python3 on PATH"
    case .pip(let failure) where failure.isMissing: return "\(what): python3 has no pip"
    case .pip(let failure):
      if let unmatched = failure.unmatched, !failure.isOffline {
        return "\(what): no wheel of '\(unmatched)' fits\npip: " + failure.lines.joined(separator: "\npip: ")
      }
      return "\(what): pip failed\npip: " + failure.lines.joined(separator: "\npip: ")
    case .unfit(let package, let tags):
      return "\(what): \(package) was made for something else (\(tags.joined(separator: ", ")))"
    case .unknownVersion(let base): return "cannot install \(file): which Python the base '\(base)' has is not known"
    }
  }

  var hint: String? {
    switch reason {
    case .noPython: "install Python 3 with pip on this machine: pip chooses the wheels for the image"
    case .pip(let failure):
      if failure.isMissing {
        "install it: `python3 -m ensurepip`, or the package python3-pip of the system"
      } else if failure.isOffline {
        "the package index cannot be reached: look at the network, a proxy, or --index-url"
      } else if failure.unmatched != nil {
        "choose a version that has one (https://pypi.org lists them under 'Download files'); or, where it is of Python "
          + "alone, have it built here, by a line `--no-binary NAME`; or make one where the image's Python runs "
          + "(`pip wheel`), and write its path into the file: ./NAME.whl"
      } else if failure.isConflict {
        "loosen one of the requirements that are named, or remove its version"
      } else {
        nil
      }
    case .unfit: "make the wheel where the image's Python runs (`pip wheel`), and name it as ./NAME.whl"
    case .unknownVersion:
      "describe the base in sematic-bases/NAME.json, with \"promises\": {\"pythonVersion\": \"3.11\"}"
    }
  }
}
