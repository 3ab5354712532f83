import SematicFiles
import SematicSystem

/// A run of pip that installs packages for another Python into a folder.
package struct PipInstall {
  package let requirements: RequirementsFile
  package let target: PythonTarget
  package let host: PipHost

  package init(_ requirements: RequirementsFile, for target: PythonTarget, on host: PipHost) {
    self.requirements = requirements
    self.target = target
    self.host = host
  }

  /// - Throws: `RequirementsError`, `FileError`, and what the host throws.
  package func run(into folder: String) throws {
    try FileTree.createDirectory(folder)
    let log = FileTree.parent(of: folder) + "/" + Leftovers.newName()
    let descriptor = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw FileError("create", log, code: errno) }
    defer {
      close(descriptor)
      unlink(log)
    }
    let ending: ChildProcess.Ending
    do {
      ending = try host.run(["python3", host.script] + arguments(folder), descriptor)
    } catch let error as SystemError where error.code == ENOENT {
      throw failure(.noPython)
    }
    let output = String(decoding: try FileTree.read(log), as: UTF8.self)
    output.split(separator: "\n").forEach { host.log("pip: \($0)") }
    switch ending {
    case .exited(0):
      guard !Self.isLeftOutWhole(output) else { throw failure(.leftOut) }
    // Some systems report a missing program by this status only.
    case .exited(127) where output.isEmpty: throw failure(.noPython)
    case .exited(Self.noPip): throw failure(.noPip)
    case .exited(Self.unusableFile): throw failure(.unusable(output.trimmed))
    default: throw failure(.pip(PipFailure(output)))
    }
  }

  /// The exit statuses of `install-requirements.py` where the Python has no pip (EX_UNAVAILABLE), and where the file is not
  /// what it should be (EX_DATAERR).
  private static let noPip: Int32 = 69
  private static let unusableFile: Int32 = 65

  /// Whether every requirement is marked as one of another Python's: pip installs nothing, and is content.
  private static func isLeftOutWhole(_ output: String) -> Bool {
    let lines = output.split(separator: "\n")
    return lines.contains { $0.hasPrefix("Ignoring ") && $0.contains("python_") }
      && !lines.contains { $0.hasPrefix("Successfully installed ") }
  }

  private func arguments(_ folder: String) -> [String] {
    // One expression of all of these takes the compiler seven seconds.
    var list = [target.version, target.machine, requirements.package, requirements.path]
    list += [requirements.extras.joined(separator: ","), "install", "--target", folder]
    list += ["--python-version", target.version, "--implementation", "cp", "--abi", target.abi]
    list += target.wheelPlatforms.flatMap { ["--platform", $0] }
    list += ["--only-binary", ":all:", "--no-compile", "--no-warn-conflicts", "--no-warn-script-location"]
    list += ["--disable-pip-version-check", "--no-input", "--no-color", "--progress-bar", "off"]
    return list
  }

  private func failure(_ reason: RequirementsError.Reason) -> RequirementsError {
    RequirementsError(
      file: requirements.name, target: target.description,
      lockedFor: requirements.lockedFor.flatMap { $0 == target.version ? nil : $0 }, reason: reason)
  }
}
