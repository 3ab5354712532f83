import ArgumentParser
import FileSystem
import Foundation
import ImageAssembly
import OCI
import PipelineConfiguration

extension Session {
  /// Starts the launch program, waits for it, and ends as it ended.
  func launch(_ job: PipelineJob, image: LaunchEnvironment.Image, arguments: [String]) throws {
    let executable = try hostExecutable(of: job)
    let environment = try LaunchEnvironment(
      inherited: ProcessInfo.processInfo.environment, image: image, commandLine: try commandLine(),
      buildConfiguration: image.isBuilt ? try job.pipeline.buildConfiguration() : nil,
      libraryPath: host?.originalLibraryPath)
    console.say(
      "$ " + LaunchEnvironment.shellLine([executable] + arguments, assignments: environment.added))
    let program = LaunchProgram(
      executable: executable, arguments: arguments, environment: environment.variables,
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

  /// The program itself where it can run here, else a build of it for this machine.
  private func hostExecutable(of job: PipelineJob) throws -> String {
    let machine = try ElfFile("/proc/self/exe").machine
    guard job.libraries.executable.machine != machine else { return job.artifacts.executable }
    guard let package = job.workspace.package, options.executable == nil else {
      throw ForeignProgram(path: job.artifacts.executable, hint: nil)
    }
    console.say("the image's program is for another processor: building \(job.pipeline.product) for this machine")
    let build = SwiftBuild(
      package: package, scratch: job.workspace.state + "/host", console: console, signals: signals)
    do {
      return try build.executable(of: job.pipeline.product, debug: options.debug)
    } catch let error as SwiftBuild.Failed {
      let push = host == nil ? "swift run ImageTool push" : "swift package push-image"
      throw ForeignProgram(
        path: job.artifacts.executable, reason: error.description,
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
struct ForeignProgram: Error, CustomStringConvertible {
  let path: String
  var reason: String?
  let hint: String?

  var description: String {
    "\(path) is for another processor and cannot be started here" + (reason.map { ", and \($0)" } ?? "")
  }
}
