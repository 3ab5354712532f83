import ArgumentParser
import SematicLaunch
import SematicSystem

/// Turns errors into advice for the person at the terminal.
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
}

extension ContainerImageError: ExplainedError {
  package var hint: String? { "unset \(ContainerImages.single), or set it to registry/repository@sha256:..." }
}
