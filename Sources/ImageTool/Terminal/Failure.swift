import ArgumentParser
import SematicLaunch
import SematicSystem

/// Turns errors into text for the person at the terminal, and into the exit status.
enum Failure {
  struct Advice: Equatable {
    let message: String
    let hint: String?
  }

  static func advice(for error: any Error) -> Advice {
    Advice(message: "\(error)", hint: (error as? any ExplainedError)?.hint)
  }

  /// 64 for a mistake in how the tool was called, else 1.
  static func status(of error: any Error) -> Int32 {
    if let error = error as? any ExplainedError { return error.isMisuse ? 64 : 1 }
    return error is ValidationError ? 64 : 1
  }

  /// Ends the process for an error that reached the top: a failure, a mistake in the arguments, `--help`, an exit status.
  static func finish(_ error: any Error) -> Never {
    if let code = error as? ExitCode { POSIX.exit(code.rawValue) }
    let host = CommandLine.arguments.contains("--plugin-context") ? PluginHost() : nil
    let console = Console(talk: .normal, host: host)
    let status = ImageTool.exitCode(for: error).rawValue
    let text = ImageTool.fullMessage(for: error)
    if status == 0 {
      console.data(text)
      POSIX.exit(0)
    }
    // The parser's own errors come with the usage.
    if status == ExitCode.validationFailure.rawValue {
      console.misuse(text)
      POSIX.exit(64)
    }
    console.fail(advice(for: error))
    POSIX.exit(Self.status(of: error))
  }
}

extension Session {
  /// Prints what went wrong and how to fix it.
  /// - Returns: what ends the process with the right status.
  func report(_ error: any Error) -> ExitCode {
    if let code = error as? ExitCode { return code }
    console.fail(Failure.advice(for: error))
    return ExitCode(Failure.status(of: error))
  }
}

extension ContainerImageError: ExplainedError {
  package var hint: String? { "unset \(ContainerImages.single), or set it to registry/repository@sha256:..." }
}
