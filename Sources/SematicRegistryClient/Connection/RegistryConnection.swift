import SematicFiles
import SematicSystem

/// The requests about one repository, with authorization and redirects.
final class RegistryConnection: Sendable {
  let host: String
  let repository: String
  let options: RegistryOptions
  private let site: RegistrySite
  private var subject: Authorization.Subject { Authorization.Subject(repository: repository, log: options.log) }

  init(host: String, repository: String, options: RegistryOptions) {
    self.host = host
    self.repository = repository
    self.options = options
    site = RegistrySite.shared(host: host, options: options)
  }

  /// Performs a request, with authorization where it is required.
  /// - Throws: `RegistryError`, or what the sink or the body threw.
  func send(_ call: RegistryCall) throws -> ClientResponse {
    do {
      let base = try site.endpoint.address()
      var request = ClientRequest(call.method, call.address ?? base.with(target: "/v2/\(call.path)"))
      request.headers = call.headers
      request.body = call.body
      request.isSentAtOnce = call.isSentAtOnce
      request.isCancelled = call.isCancelled
      request.timeLimit = call.timeLimit
      let isOwn = request.address.hasSameOrigin(as: base)
      request.verifiesServer = !(options.insecure && isOwn)
      if isOwn { request.authorization = try site.authorization.header(for: call.scopes, at: base, subject) }
      var response = try perform(request, call, base)
      if response.status == 401, isOwn, !response.isElsewhere {
        let challenges = Challenge.parse(response.headers.all("WWW-Authenticate"))
        let header = try site.authorization.header(
          after: challenges, refused: request.authorization, for: call.scopes, at: base, subject)
        if let header {
          if case .stream = call.body { throw Renewed(error: failure(call, response)) }
          request.authorization = header
          response = try perform(request, call, base)
        }
      }
      response.isElsewhere = !response.address.hasSameOrigin(as: base)
      guard call.accepted.contains(response.status) else { throw failure(call, response) }
      return response
    } catch let failure as HTTPFailure {
      throw self.failure(call, failure)
    } catch let failure as AuthorizationFailure {
      throw self.failure(call, failure)
    } catch let error as CredentialError {
      throw RegistryError(
        registry: host, repository: repository, operation: call.operation,
        reason: .credentials(error.description, hint: error.hint))
    }
  }

  func redacting(_ text: String) -> String { site.authorization.redacting(text) }

  var credentialOrigin: String? { site.authorization.origin(for: repository) }

  /// New credentials for a request whose body cannot be sent again.
  struct Renewed: Error {
    /// The error to report when that does not help.
    let error: RegistryError
  }

  private func perform(_ request: ClientRequest, _ call: RegistryCall, _ base: HTTPAddress) throws -> ClientResponse {
    let redirects = Redirects(
      transport: site.transport, insecureBase: options.insecure ? base : nil, log: options.log)
    return try redirects.perform(request, limit: call.limit, truncates: call.truncates, sink: call.sink)
  }

  /// The address at which an upload continues.
  /// - Throws: `RegistryError` when that would leave TLS, or is none.
  func location(of response: ClientResponse, operation: String) throws -> HTTPAddress {
    let base = response.address
    guard let text = response.headers["Location"], var address = base.resolving(text) else {
      throw error(operation, .malformed("no Location for the upload"))
    }
    // Behind a proxy that terminates TLS and does not say so, registries answer with http: stay with what works.
    if base.scheme == .https, address.scheme == .http, address.host == base.host,
      address.port == base.port || address.port == HTTPAddress.Scheme.http.port
    {
      address = base.with(target: address.target)
    }
    guard Redirects.isAllowed(from: base, to: address, insecureBase: options.insecure ? base : nil) else {
      throw error(operation, .unsafe("it redirects the upload to \(address.shown), which does not use https"))
    }
    return address
  }

  // MARK: Errors

  func error(_ operation: String, _ reason: RegistryError.Reason) -> RegistryError {
    RegistryError(registry: host, repository: repository, operation: operation, reason: reason)
  }

  /// The error of an answer.
  func failure(_ call: RegistryCall, _ response: ClientResponse) -> RegistryError {
    var error = error(call.operation, .answered)
    error.status = response.status
    error.diagnostics = Diagnostic.parse(response.body).map { diagnostic in
      Diagnostic(code: diagnostic.code.map(redacting), message: redacting(diagnostic.message))
    }
    error.credentialOrigin = credentialOrigin
    if response.status == 401 {
      error.offeredMethods = Challenge.parse(response.headers.all("WWW-Authenticate")).map(\.scheme)
    }
    if response.isElsewhere { error.answeredBy = response.address.authority }
    error.retryAfter = [429, 503].contains(response.status) ? response.headers.retryAfter : nil
    // Not implemented, another version, no room: the same the next time.
    let isTransient = response.status >= 500 && ![501, 505, 507].contains(response.status)
    error.isTransient = isTransient || response.status == 408 || response.status == 429
    return error
  }

  /// The error where no answer came.
  func failure(_ call: RegistryCall, _ failure: HTTPFailure) -> RegistryError {
    let detail = Diagnostic.trimmed(failure.detail)
    let reason: RegistryError.Reason =
      switch failure.kind {
      case .nameUnknown: .nameUnknown(detail)
      case .refused: .refused(detail)
      case .untrusted: .untrusted(detail)
      case .expired: .expired(detail)
      case .wrongName: .wrongName(detail)
      case .proxyVariable(let name): .proxyVariable(name)
      case .proxyUnknown: .proxyUnknown(detail)
      case .proxyRefused: .proxyRefused(detail)
      case .proxy(let status): .proxy(status: status)
      case .tls: .tls(detail)
      case .authorityFile: .authorityFile(detail)
      case .clientCertificate: .clientCertificate(detail)
      case .stalled(let seconds): .stalled(seconds: seconds)
      case .connectTimeout: .refused(detail)
      case .broken, .other: .broken(detail)
      case .protocolError: .malformed(detail)
      case .tooLong(let limit): .malformed("it has more than \(limit) bytes")
      case .bodyEnded: .corrupt("the content to send ended too early")
      case .cancelled: .broken("cancelled")
      case .unsafe: .unsafe(detail)
      case .missingLibrary: .missingLibrary(detail)
      }
    var error = error(call.operation, reason)
    error.isTransient = failure.isTransient
    return error
  }

  func failure(_ call: RegistryCall, _ failure: AuthorizationFailure) -> RegistryError {
    switch failure {
    case .unsafe(let reason): return error(call.operation, .unsafe(reason))
    case .malformed(let reason): return error(call.operation, .malformed(reason))
    case .refused(let response):
      var error = self.failure(call, response)
      error.offeredMethods = nil
      error.answeredBy = "the token service \(response.address.authority)"
      return error
    }
  }
}
