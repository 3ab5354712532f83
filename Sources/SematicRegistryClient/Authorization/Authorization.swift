import SematicOCI
import SematicSystem

/// Proves to one registry who we are: learns how from its challenges, and keeps its tokens.
///
/// One for all repositories of the registry; podman's file can have a credential for some of them.
final class Authorization: @unchecked Sendable {  // all state is guarded by the lock
  private enum Method {
    case basic
    case bearer(realm: WebAddress, service: String?)
  }

  /// Who wants to be let in.
  struct Asker {
    let repository: String
    let log: (String) -> Void
  }

  private let host: String
  private let store: CredentialStore
  private let insecure: Bool
  private let userAgent: String
  /// Performs a request to a token service.
  private let send: (HTTPRequest, (String) -> Void) throws -> HTTPResponse
  /// Held while a token is fetched: whoever else wants it gets the same.
  private let lock = Lock()
  private var method: Method?
  private var caches: [Credential?: TokenCache] = [:]
  /// By repository; those that were looked for and not found, too.
  private var credentials: [String: Credential?] = [:]
  private var spent: [String] = []

  init(
    host: String, options: RegistryOptions,
    send: @escaping (HTTPRequest, (String) -> Void) throws -> HTTPResponse
  ) {
    self.host = host
    self.store = CredentialStore(environment: options.environment)
    self.insecure = options.insecure
    self.userAgent = options.userAgent
    self.send = send
  }

  /// The header for a request; nil while the registry has not asked.
  func header(for scopes: TokenScopes, at base: WebAddress, _ asker: Asker) throws -> String? {
    try lock.withLock { try makeHeader(scopes, base, asker) }
  }

  /// The header for the same request again after a 401; nil when there is nothing else to show.
  /// - Parameter refused: the header that the request had.
  func header(
    after challenges: [Challenge], refused: String?, for scopes: TokenScopes, at base: WebAddress, _ asker: Asker
  ) throws -> String? {
    try lock.withLock {
      var wanted = scopes
      if let bearer = challenges.first(where: { $0.scheme == "bearer" && $0.parameters["realm"] != nil }) {
        let text = bearer.parameters["realm"] ?? ""
        guard let realm = WebAddress(text) else {
          throw AuthorizationFailure.unsafe("its token service is no http address")
        }
        guard realm.scheme == .https || realm.isLoopback || insecure else {
          throw AuthorizationFailure.unsafe("its token service \(realm.shown) is not reached by https")
        }
        method = .bearer(realm: realm, service: bearer.parameters["service"])
        // Only what the registry asks for about this or another repository, never less than what is wanted.
        wanted = scopes.adding(bearer.parameters["scope"] ?? "")
        if let refused, refused.hasPrefix("Bearer ") {
          for key in caches.keys { caches[key]?.remove(String(refused.dropFirst(7))) }
        }
      } else if challenges.contains(where: { $0.scheme == "basic" }) {
        method = .basic
      } else {
        return nil
      }
      let header = try makeHeader(wanted, base, asker)
      return header == refused ? nil : header
    }
  }

  /// Where the credential came from, if there is one.
  func origin(for repository: String) -> String? { lock.withLock { credentials[repository]??.origin } }

  /// Takes what must not be seen out of a text that came from outside.
  func redacting(_ text: String) -> String {
    let secrets = lock.withLock {
      credentials.values.flatMap { $0?.traces ?? [] } + caches.values.flatMap(\.tokens) + spent
    }
    return secrets.filter { $0.utf8.count > 2 }.reduce(text) { $0.replacing($1, with: "***") }
  }

  private func makeHeader(_ scopes: TokenScopes, _ base: WebAddress, _ asker: Asker) throws -> String? {
    guard let method else { return nil }
    let credential = try credential(for: asker.repository)
    let isSafe = base.scheme == .https || base.isLoopback
    if credential != nil, !isSafe {
      throw AuthorizationFailure.unsafe(
        "it wants a credential over plain http, where it could be read on the way: give the registry TLS")
    }
    switch method {
    case .basic:
      return credential?.basic
    case .bearer(let realm, let service):
      if case .bearerToken(let token) = credential?.secret { return "Bearer \(token)" }
      if let token = caches[credential]?.token(for: scopes) { return "Bearer \(token)" }
      if credential != nil, realm.scheme == .http, !realm.isLoopback {
        throw AuthorizationFailure.unsafe("its token service \(realm.shown) wants a credential over plain http")
      }
      let (token, lifetime) = try fetch(realm, service, scopes, credential, asker.log)
      caches[credential, default: TokenCache()].insert(token, for: scopes, lifetime: lifetime)
      spent = (spent + [token]).suffix(8)
      return "Bearer \(token)"
    }
  }

  private func credential(for repository: String) throws -> Credential? {
    if let known = credentials[repository] { return known }
    let found = try store.credential(host: host, repository: repository)
    credentials[repository] = .some(found)
    return found
  }

  /// https://distribution.github.io/distribution/spec/auth/token/ and, for an identity token, .../spec/auth/oauth/
  private func fetch(
    _ realm: WebAddress, _ service: String?, _ scopes: TokenScopes, _ credential: Credential?,
    _ log: (String) -> Void
  ) throws -> (token: String, lifetime: Double) {
    var request: HTTPRequest
    if case .identityToken(let token) = credential?.secret {
      var fields = [("grant_type", "refresh_token"), ("refresh_token", token), ("client_id", userAgent)]
      if let service { fields.append(("service", service)) }
      fields.append(("scope", scopes.list.map(\.description).joined(separator: " ")))
      let form = fields.map { "\($0.0)=\(WebAddress.encoded($0.1))" }.joined(separator: "&")
      request = HTTPRequest(.post, realm)
      request.headers = [("Content-Type", "application/x-www-form-urlencoded")]
      request.body = .bytes(Data(form.utf8))
    } else {
      var address = realm
      if let service { address = address.appendingQuery("service", service) }
      for scope in scopes.list { address = address.appendingQuery("scope", scope.description) }
      request = HTTPRequest(.get, address)
      request.authorization = credential?.basic
    }
    let response = try send(request, log)
    guard response.status == 200 else { throw AuthorizationFailure.refused(response) }
    let answer = try? JSONDecoder().decode(JSONValue.self, from: response.body)
    let token = ["token", "access_token"].lazy.compactMap { answer?[$0]?.string }.first { !$0.isEmpty }
    guard let token, token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw AuthorizationFailure.malformed("the token service \(realm.shown) gave no token")
    }
    let lifetime: Double =
      switch answer?["expires_in"] {
      case .integer(let seconds)?: Double(seconds)
      case .number(let seconds)?: seconds
      // As the specification says for a service that does not.
      default: 60
      }
    return (token, lifetime)
  }
}

/// Why there is nothing to show to a registry.
enum AuthorizationFailure: Error {
  case unsafe(String)
  case malformed(String)
  /// The token service's answer.
  case refused(HTTPResponse)
}
