import SematicFiles
import SematicOCI
import SematicSystem

/// Speaks HTTP with one registry about one repository: authorization, redirects, errors in the registry's words.
final class RegistryConnection: Sendable {
  /// One request, as the operations of a registry see it.
  struct Call {
    /// As `RegistryError` has it.
    var operation: String
    var method: HTTPRequest.Method
    /// An address that the registry gave, or a path below `/v2/`.
    var address: WebAddress?
    var path = ""
    var headers: [(name: String, value: String)] = []
    var body: HTTPRequest.Body?
    var scopes = TokenScopes([])
    /// Statuses that are answers and not errors.
    var accepted: Set<Int> = [200]
    /// Of a body that is collected.
    var limit = 64 << 10
    var truncates = false
    var sink: Transfer.Sink?
    var isCancelled: (() -> Bool)?

    init(_ operation: String, _ method: HTTPRequest.Method, path: String = "") {
      self.operation = operation
      self.method = method
      self.path = path
    }
  }

  private static let maximumRedirects = 5

  let host: String
  let repository: String
  let options: RegistryOptions
  private let site: RegistrySite
  private var asker: Authorization.Asker { Authorization.Asker(repository: repository, log: options.log) }

  init(host: String, repository: String, options: RegistryOptions) {
    self.host = host
    self.repository = repository
    self.options = options
    site = RegistrySite.shared(host: host, options: options)
  }

  /// Performs a request, with a token where one is asked for.
  /// - Throws: `RegistryError`, or what the sink or the body threw.
  func send(_ call: Call) throws -> HTTPResponse {
    do {
      let base = try site.endpoint.address()
      var request = HTTPRequest(call.method, call.address ?? base.with(target: "/v2/\(call.path)"))
      request.headers = call.headers
      request.body = call.body
      request.isCancelled = call.isCancelled
      let isOwn = request.address.hasSameOrigin(as: base)
      request.verifiesServer = !(options.insecure && isOwn)
      if isOwn { request.authorization = try site.authorization.header(for: call.scopes, at: base, asker) }
      var response = try perform(request, call, base)
      if response.status == 401, isOwn, !response.isElsewhere {
        let challenges = Challenge.parse(response.headers.all("WWW-Authenticate"))
        let header = try site.authorization.header(
          after: challenges, refused: request.authorization, for: call.scopes, at: base, asker)
        if let header {
          if case .stream = call.body { throw Renewed(error: failure(call, response)) }
          request.authorization = header
          response = try perform(request, call, base)
        }
      }
      guard call.accepted.contains(response.status) else { throw failure(call, response) }
      return response
    } catch let failure as TransportFailure {
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

  /// The credentials are new, but the body of the request cannot be sent again as it is.
  struct Renewed: Error {
    /// To report when that does not help.
    let error: RegistryError
  }

  private func perform(_ request: HTTPRequest, _ call: Call, _ base: WebAddress) throws -> HTTPResponse {
    try Self.perform(
      request, transport: site.transport, log: options.log, limit: call.limit, truncates: call.truncates,
      sink: call.sink, insecureBase: options.insecure ? base : nil)
  }

  /// Follows the redirects of what only reads: https://www.rfc-editor.org/rfc/rfc9110#name-redirection-3xx
  static func perform(
    _ request: HTTPRequest, transport: RegistryTransport, log: (String) -> Void, limit: Int,
    truncates: Bool = false, sink: Transfer.Sink?, insecureBase: WebAddress? = nil
  ) throws -> HTTPResponse {
    var request = request
    let first = request.address
    for _ in 0...maximumRedirects {
      var response: HTTPResponse
      do {
        response = try transport.perform(request, limit: limit, truncates: truncates, sink: sink)
        response.isElsewhere = !request.address.hasSameOrigin(as: first)
      } catch let failure as TransportFailure {
        log("\(request.method.rawValue) \(request.address.shown): \(failure.kind) \(failure.detail)")
        throw failure
      }
      log("\(request.method.rawValue) \(request.address.shown): \(response.status)")
      guard [301, 302, 303, 307, 308].contains(response.status), request.method == .get || request.method == .head,
        let location = response.headers["Location"]
      else { return response }
      guard let next = request.address.resolving(location) else {
        throw TransportFailure(.protocolError, detail: "a redirect to what is no http address")
      }
      guard isAllowed(from: request.address, to: next, insecureBase: insecureBase) else {
        throw AuthorizationFailure.unsafe("it sends this on to \(next.shown), which is not reached by https")
      }
      if !next.hasSameOrigin(as: request.address) { request.authorization = nil }
      request.address = next
      request.verifiesServer = !(insecureBase.map { next.hasSameOrigin(as: $0) } ?? false)
    }
    throw TransportFailure(.protocolError, detail: "more than \(maximumRedirects) redirects")
  }

  /// From https never to http; from http to http on this machine, or for a registry that may be in clear.
  static func isAllowed(from: WebAddress, to: WebAddress, insecureBase: WebAddress?) -> Bool {
    if to.scheme == .https { return true }
    guard from.scheme == .http else { return false }
    return to.isLoopback || insecureBase != nil
  }

  /// The address that an upload goes on at.
  /// - Throws: `RegistryError` when that would leave TLS, or makes no sense.
  func location(of response: HTTPResponse, operation: String) throws -> WebAddress {
    let base = response.address
    guard let text = response.headers["Location"], var address = base.resolving(text) else {
      throw error(operation, .malformed("an upload without a Location"))
    }
    // A proxy that ends TLS and does not say so makes registries answer with http: stay with what is known to work.
    if base.scheme == .https, address.scheme == .http, address.host == base.host,
      address.port == base.port || address.port == WebAddress.Scheme.http.port
    {
      address = base.with(target: address.target)
    }
    guard Self.isAllowed(from: base, to: address, insecureBase: options.insecure ? base : nil) else {
      throw error(operation, .unsafe("it wants the upload at \(address.shown), which is not reached by https"))
    }
    return address
  }
}
