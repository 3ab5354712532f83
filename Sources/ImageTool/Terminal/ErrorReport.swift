import ArgumentParser
import SematicLaunch
import SematicRegistryClient
import SematicSystem

/// An error in words for the person at the terminal, and its exit status.
///
/// The one place where errors become text: each says itself what it means.
struct ErrorReport: Equatable {
  let message: String
  let details: [String]
  var hint: String?
  /// 64 for a mistake in how the tool was called, else 1.
  let status: Int32

  init(_ error: any Error) {
    let explained = error as? any ExplainedError
    message = "\(error)"
    details = explained?.details ?? []
    hint = explained?.hint
    status = explained?.isMisuse ?? (error is ValidationError) ? 64 : 1
  }

  /// A mistake in the arguments, as the parser says it.
  private init(misuse error: any Error, of command: String?) {
    message = ImageTool.message(for: error)
    let name = Invocation.command(command)
    details = ImageTool.subcommand(command)?.configuration.usage.map { ["usage: \($0)"] } ?? []
    hint = "`\(name) --help` lists the options"
    status = 64
  }

  /// Ends the process for an error that reached the top: a failure, a mistake in the arguments, `--help`, an exit status.
  static func finish(_ error: any Error) -> Never {
    if let code = error as? ExitCode { POSIX.exit(code.rawValue) }
    let console = Console(talk: .normal, host: Invocation.isVerb ? PluginHost() : nil)
    do {
      guard ImageTool.exitCode(for: error).isSuccess else { throw error }
      // Help, or the version.
      try console.data(text: ImageTool.fullMessage(for: error))
      POSIX.exit(0)
    } catch {
      let isMisuse = ImageTool.exitCode(for: error) == .validationFailure && !(error is any ExplainedError)
      let report = isMisuse ? ErrorReport(misuse: error, of: Invocation.name) : ErrorReport(error)
      console.fail(report)
      POSIX.exit(report.status)
    }
  }
}

extension Session {
  /// Prints what went wrong and how to fix it.
  /// - Returns: what ends the process with the right status.
  func report(_ error: any Error) -> ExitCode {
    if let code = error as? ExitCode { return code }
    var report = ErrorReport(error)
    if isSandboxed, let error = error as? RegistryError, [401, 403].contains(error.status),
      error.credentialOrigin == nil
    {
      report.hint =
        "SwiftPM's sandbox keeps credential helpers from their keychains: `\(Invocation.unsandboxed)`; or "
        + (report.hint ?? "log in without a helper")
    }
    console.fail(report)
    return ExitCode(report.status)
  }
}

extension ContainerImageError: ExplainedError {
  package var hint: String? { "unset \(ContainerImages.single), or set it to registry/repository@sha256:..." }
}
