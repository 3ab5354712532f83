import ArgumentParser
import SematicAssembly
import SematicConfiguration
import SematicFiles
import SematicSystem

/// A start of the pipeline's launch program on this machine.
struct Launch {
  private let inputs: PipelineInputs
  private let arguments: [String]
  private let command: [String]
  private let surroundings: HostProgram.Surroundings?

  /// Finds the program, or builds it for this machine: before anything is pushed that could not be launched.
  init(_ inputs: PipelineInputs, arguments: [String]) throws {
    self.inputs = inputs
    self.arguments = arguments
    (command, surroundings) = try HostProgram(inputs: inputs).command()
  }

  private var session: Session { inputs.session }
  private var console: Console { inputs.console }

  /// Starts the launch program, waits for it, and ends as it ended.
  /// - Throws: `ExitCode` for any other status than 0.
  func run(_ image: LaunchEnvironment.Image) throws {
    let environment = try LaunchEnvironment(
      inherited: ProcessInfo.processInfo.environment, image: image, commandLine: Invocation.line,
      buildConfiguration: image.isBuilt ? try inputs.pipeline.buildConfiguration() : nil,
      libraryPath: session.host?.originalLibraryPath, surroundings: surroundings)
    console.say("$ " + LaunchEnvironment.shellLine(command + arguments, assignments: environment.added))
    if let folder = surroundings?.folder, chdir(folder) != 0 { throw FileError("enter", folder, code: errno) }
    let program = LaunchProgram(
      executable: command[0], arguments: command.dropFirst() + arguments, environment: environment.variables,
      streams: (session.host?.input ?? 0, session.host?.output ?? 1, session.host?.errorOutput ?? 2))
    switch try program.run(signals: session.signals) {
    case .exited(0): return
    case .exited(let status):
      if session.host != nil { console.say("the launch program exited with status \(status)") }
      throw ExitCode(status)
    case .signalled(let signal):
      console.say("the launch program was ended by signal \(signal)")
      throw ExitCode(128 + signal)
    }
  }
}

extension LaunchEnvironment.Image {
  fileprivate var isBuilt: Bool {
    if case .built = self { return true }
    return false
  }
}
