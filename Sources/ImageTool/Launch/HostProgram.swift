import SematicAssembly
import SematicConfiguration
import SematicELF
import SematicFiles
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
    let executables = try inputs.programs.map(executable)
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

  /// The program itself if it can run here, else a build of it for this machine.
  private func executable(of program: ImageProgram) throws -> String {
    let machine = try ElfFile("/proc/self/exe").machine
    let artifacts = program.artifacts
    guard program.libraries.executable.machine != machine else { return artifacts.executable }
    guard let package = inputs.workspace.package, inputs.options.executable == nil else {
      throw ForeignProgram(path: artifacts.executable, hint: nil)
    }
    inputs.console.say(
      "the image's program is for another processor: building \(artifacts.product) for this machine")
    let build = SwiftBuild(
      package: package, scratch: inputs.state.host, console: inputs.console, signals: inputs.session.signals)
    do {
      return try build.executable(of: artifacts.product, debug: inputs.options.debug)
    } catch let error as SwiftBuild.Failed {
      throw ForeignProgram(
        path: artifacts.executable, reason: error.description,
        hint: "push with `\(Invocation.remedy("push", inputs))`, and start the program where it can run, with the "
          + "reference that is printed")
    }
  }
}

/// A launch program for another processor than this machine's.
struct ForeignProgram: ExplainedError {
  let path: String
  var reason: String?
  let hint: String?

  var description: String {
    "\(path) is for another processor and cannot be started here" + (reason.map { ", and \($0)" } ?? "")
  }
}
