import SematicAssembly
import SematicConfiguration
import SematicELF
import SematicFiles
import SematicOCI
import SematicSystem

/// The launch program as this machine can run it.
struct HostProgram {
  let inputs: PipelineInputs

  /// A script starts in the package's folder, as in its image, with the same folders to import modules from.
  struct Surroundings {
    let folder: String
    /// The folder of the executables that the script may call.
    let commands: String?
    let importRoots: [String]
  }

  /// The command that starts the pipeline, and what a script needs besides.
  /// - Throws: `ForeignProgram`, and what building for this machine throws.
  func command() throws -> (command: [String], surroundings: Surroundings?) {
    let executables = try inputs.artifacts.map { try executable(of: $0.product, $0.executable) }
    guard let script = inputs.pipeline.script else {
      guard let executable = executables.first else { throw inputs.productMissing }
      return ([executable], nil)
    }
    let folder = inputs.workspace.folder
    return (
      [Self.python(in: inputs.workspace), script.file.path],
      Surroundings(
        folder: folder, commands: executables.first.map(FileTree.parent(of:)),
        importRoots: script.importRoots.map { FileTree.absolute($0, from: folder) })
    )
  }

  /// The Python of the active virtual environment, or of the package's `.venv`; else the first on PATH.
  static func python(in workspace: Workspace) -> String {
    let own = (workspace.package ?? ".") + "/.venv/bin/python3"
    let isActive = ProcessInfo.processInfo.environment["VIRTUAL_ENV"]?.isEmpty == false
    return !isActive && FileTree.exists(own) ? own : "python3"
  }

  #if os(Linux)
    private static let system = "linux"
  #else
    private static let system = "darwin"
  #endif

  /// Whether the program is for another machine, by system and processor together: an ELF file for arm64 has the number of
  /// a Mac's processor, too. What is no ELF file (a Mac's own program, a script) is this system's to judge.
  /// - Parameter machine: this machine, named as a platform.
  static func isForeign(_ program: String, to machine: String = "\(system)/\(Platform.host.architecture)") -> Bool {
    guard let found = ElfMachine(of: program) else { return false }
    // The variant of arm is left out: there is only one for Swift.
    return found.platformName.map { !($0 + "/").hasPrefix(machine + "/") } ?? true
  }

  /// The program itself if it can run here, else a build of it for this machine.
  private func executable(of product: String, _ path: String) throws -> String {
    guard Self.isForeign(path) else { return path }
    guard let package = inputs.workspace.package, inputs.options.executables.isEmpty else {
      throw ForeignProgram(path: path, hint: nil)
    }
    guard !inputs.session.isSandboxed else {
      throw ForeignProgram(
        path: path, reason: "a plugin in SwiftPM's sandbox cannot build it for this machine",
        hint: "`\(Invocation.unsandboxed)`, with the same options in front of the verb")
    }
    inputs.console.say("the image's program is for another machine: building \(product) for this one")
    let build = SwiftBuild(
      package: package, scratch: inputs.state.host, console: inputs.console, signals: inputs.session.signals)
    do {
      return try build.executable(of: product, debug: inputs.options.debug)
    } catch let error as SwiftBuild.Failed {
      throw ForeignProgram(
        path: path, reason: error.description,
        hint: "push with `\(Invocation.remedy("push", inputs))`, and start the program where it can run, with the "
          + "reference that is printed")
    }
  }
}

/// A launch program for another machine than this one.
struct ForeignProgram: ExplainedError {
  let path: String
  var reason: String?
  let hint: String?

  var description: String {
    "\(path) is for another machine and cannot be started here" + (reason.map { ", and \($0)" } ?? "")
  }
}
