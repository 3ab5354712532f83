import ArgumentParser
import SematicAssembly
import SematicConfiguration
import SematicELF
import SematicFiles
import SematicOCI
import SematicSystem

extension Session {
  /// Starts the launch program, waits for it, and ends as it ended.
  func launch(_ job: PipelineJob, image: LaunchEnvironment.Image, arguments: [String]) throws {
    let (command, folder) = try hostCommand(of: job)
    let environment = try LaunchEnvironment(
      inherited: ProcessInfo.processInfo.environment, image: image, commandLine: try commandLine(),
      buildConfiguration: image.isBuilt ? try job.pipeline.buildConfiguration() : nil,
      libraryPath: host?.originalLibraryPath, commands: folder)
    console.say(
      "$ " + LaunchEnvironment.shellLine(command + arguments, assignments: environment.added))
    let program = LaunchProgram(
      executable: command[0], arguments: command.dropFirst() + arguments, environment: environment.variables,
      streams: (host?.input ?? 0, host?.output ?? 1, host?.errorOutput ?? 2))
    switch try program.run(signals: signals) {
    case .exited(0): return
    case .exited(let status):
      if host != nil { console.say("the launch program exited with status \(status)") }
      throw ExitCode(status)
    case .signalled(let signal):
      console.say("the launch program was ended by signal \(signal)")
      throw ExitCode(128 + signal)
    }
  }

  /// What starts the pipeline on this machine, and the folder of the commands that a script may call.
  private func hostCommand(of job: PipelineJob) throws -> (command: [String], folder: String?) {
    let executables = try job.programs.map { try hostExecutable(of: $0, job) }
    guard let script = job.pipeline.script else {
      guard let executable = executables.first else { throw job.productMissing }
      return ([executable], nil)
    }
    return ([python(of: job), script.file.path], executables.first.map(FileTree.parent(of:)))
  }

  /// That of the virtual environment which is active, or lies in the package as `.venv`; else the first on PATH.
  private func python(of job: PipelineJob) -> String {
    let own = (job.workspace.package ?? ".") + "/.venv/bin/python3"
    let isActive = ProcessInfo.processInfo.environment["VIRTUAL_ENV"]?.isEmpty == false
    return !isActive && FileTree.exists(own) ? own : "python3"
  }

  /// The program itself where it can run here, else a build of it for this machine.
  private func hostExecutable(of program: ImageProgram, _ job: PipelineJob) throws -> String {
    let machine = try ElfFile("/proc/self/exe").machine
    let artifacts = program.artifacts
    guard program.libraries.executable.machine != machine else { return artifacts.executable }
    guard let package = job.workspace.package, options.executable == nil else {
      throw ForeignProgram(path: artifacts.executable, hint: nil)
    }
    console.say("the image's program is for another processor: building \(artifacts.product) for this machine")
    let build = SwiftBuild(
      package: package, scratch: job.workspace.state + "/host", console: console, signals: signals)
    do {
      return try build.executable(of: artifacts.product, debug: options.debug)
    } catch let error as SwiftBuild.Failed {
      let push = host == nil ? "swift run ImageTool push" : "swift package push-image"
      throw ForeignProgram(
        path: artifacts.executable, reason: error.description,
        hint: "push with `\(push)`, and start the program where it can run, with the reference that is printed")
    }
  }

  private func commandLine() throws -> String {
    let own = CommandLine.arguments
    guard let context = try pluginContext() else {
      return LaunchEnvironment.shellLine(["ImageTool"] + own.dropFirst())
    }
    guard let index = own.firstIndex(of: "--plugin-context") else { return context.typed }
    let typed = own[(index + 2)...]
    return typed.isEmpty ? context.typed : context.typed + " " + LaunchEnvironment.shellLine(Array(typed))
  }
}

extension LaunchEnvironment.Image {
  fileprivate var isBuilt: Bool {
    if case .built = self { return true }
    return false
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
