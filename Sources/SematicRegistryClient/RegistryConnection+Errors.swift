import SematicSystem

extension RegistryConnection {
  func error(_ operation: String, _ reason: RegistryError.Reason) -> RegistryError {
    RegistryError(registry: host, repository: repository, operation: operation, reason: reason)
  }

  /// An answer that is an error.
  func failure(_ call: Call, _ response: HTTPResponse) -> RegistryError {
    var error = error(call.operation, .answered)
    error.status = response.status
    error.diagnostics = Diagnostic.parse(response.body).map { diagnostic in
      Diagnostic(code: diagnostic.code.map(redacting), message: redacting(diagnostic.message))
    }
    error.credentialOrigin = credentialOrigin
    if response.isElsewhere { error.answeredBy = response.address.authority }
    error.retryAfter = [429, 503].contains(response.status) ? response.headers.retryAfter : nil
    // Not implemented, another version, no room: the same the next time.
    let isTransient = response.status >= 500 && ![501, 505, 507].contains(response.status)
    error.isTransient = isTransient || response.status == 408 || response.status == 429
    return error
  }

  /// No answer.
  func failure(_ call: Call, _ failure: TransportFailure) -> RegistryError {
    let detail = Diagnostic.trimmed(failure.detail)
    let reason: RegistryError.Reason =
      switch failure.kind {
      case .nameUnknown: .nameUnknown(detail)
      case .refused: .refused(detail)
      case .untrusted: .untrusted(detail)
      case .tls: .tls(detail)
      case .authorityFile: .authorityFile(detail)
      case .clientCertificate: .clientCertificate(detail)
      case .stalled(let seconds): .stalled(seconds: seconds)
      case .connectTimeout: .refused(detail)
      case .broken, .other: .broken(detail)
      case .protocolError: .malformed(detail)
      case .tooLong(let limit): .malformed("more than the \(limit) bytes that it may have")
      case .bodyEnded: .corrupt("the bytes to send ended too early")
      case .cancelled: .broken("cancelled")
      case .missingLibrary: .missingLibrary(detail)
      }
    var error = error(call.operation, reason)
    error.isTransient = failure.isTransient
    return error
  }

  func failure(_ call: Call, _ failure: AuthorizationFailure) -> RegistryError {
    switch failure {
    case .unsafe(let reason): return error(call.operation, .unsafe(reason))
    case .malformed(let reason): return error(call.operation, .malformed(reason))
    case .refused(let response):
      var error = self.failure(call, response)
      error.answeredBy = "the token service \(response.address.authority)"
      return error
    }
  }
}
