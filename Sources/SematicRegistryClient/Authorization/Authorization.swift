import SematicOCI
import SematicSystem

/// The authorization at one registry: answers its challenges, and keeps its tokens.
///
/// It serves all repositories of the registry; podman's file can have credentials for some of them.
final class Authorization: @unchecked Sendable {  // all state is guarded by the lock
  private enum Method {
    case basic
    case bearer(realm: HTTPAddress, service: String?)
  }

  /// The repository that a request is about, and its log.
  struct Subject {
    let repository: String
    let log: (String) -> Void
  }

  private let host: String
  private let store: CredentialStore
  private let insecure: Bool
  private let userAgent: String
  private let warn: @Sendable (String) -> Void
  private var warned: Set<String> = []
  /// Performs a request to a token service.
  private let send: (ClientRequest, @escaping (String) -> Void) throws -> ClientResponse
  /// Held while a token is fetched: others who need it get the same one.
  private let lock = Lock()
  private var method: Method?
  private var caches: [Credential?: TokenCache] = [:]
  /// The credentials by repository; nil where none was found.
  private var credentials: [String: Credential?] = [:]
  private var spent: [String] = []

  init(
    host: String, options: RegistryOptions,
    send: @escaping (ClientRequest, @escaping (String) -> Void) throws -> ClientResponse
  ) {
    self.host = host
    self.store = CredentialStore(environment: options.environment, isSandboxed: options.isSandboxed)
    self.insecure = options.insecure
    self.userAgent = options.userAgent
    self.warn = options.warn
    self.send = send
  }

  /// The header for a request; nil while the registry has not asked for one.
  func header(for scopes: TokenScopes, at base: HTTPAddress, _ subject: Subject) throws -> String? {
    try lock.withLock { try makeHeader(scopes, base, subject) }
  }

  /// The header for the same request after a 401; nil when there is no other.
  /// - Parameter refused: the header that the refused request had.
  func header(
    after challenges: [Challenge], refused: String?, for scopes: TokenScopes, at base: HTTPAddress, _ subject: Subject
  ) throws -> String? {
    try lock.withLock {
      var wanted = scopes
      if let bearer = challenges.first(where: { $0.scheme == "bearer" && $0.parameters["realm"] != nil }) {
        let text = bearer.parameters["realm"] ?? ""
        guard let realm = HTTPAddress(text) else {
          throw AuthorizationFailure.unsafe("the address of its token service is not an http address")
        }
        guard realm.scheme == .https || realm.isLoopback || insecure else {
          throw AuthorizationFailure.unsafe("its token service \(realm.shown) does not use https")
        }
        method = .bearer(realm: realm, service: bearer.parameters["service"])
        // What the registry asks for, and never less than what is wanted.
        wanted = scopes.adding(bearer.parameters["scope"] ?? "")
        if let refused, refused.hasPrefix("Bearer ") {
          for key in caches.keys { caches[key]?.remove(String(refused.dropFirst(7))) }
        }
      } else if challenges.contains(where: { $0.scheme == "basic" }) {
        method = .basic
      } else {
        return nil
      }
      let header = try makeHeader(wanted, base, subject)
      return header == refused ? nil : header
    }
  }

  /// The file or program that the credential came from, if there is one.
  func origin(for repository: String) -> String? { lock.withLock { credentials[repository]??.origin } }

  /// Removes secrets from a text that came from outside.
  func redacting(_ text: String) -> String {
    let secrets = lock.withLock {
      credentials.values.flatMap { $0?.traces ?? [] } + caches.values.flatMap(\.tokens) + spent
    }
    return secrets.filter { $0.utf8.count > 2 }.reduce(text) { $0.replacing($1, with: "***") }
  }

  private func makeHeader(_ scopes: TokenScopes, _ base: HTTPAddress, _ subject: Subject) throws -> String? {
    guard let method else { return nil }
    let credential = try credential(for: subject.repository)
    let isSafe = base.scheme == .https || base.isLoopback
    if credential != nil, !isSafe {
      throw AuthorizationFailure.unsafe(
        "credentials are not sent over plain http, where others could read them: give the registry TLS")
    }
    switch method {
    case .basic:
      return credential?.basic
    case .bearer(let realm, let service):
      if case .bearerToken(let token) = credential?.secret { return "Bearer \(token)" }
      if let token = caches[credential]?.token(for: scopes) { return "Bearer \(token)" }
      if credential != nil, realm.scheme == .http, !realm.isLoopback {
        throw AuthorizationFailure.unsafe(
          "credentials are not sent to its token service \(realm.shown) over plain http")
      }
      let (token, lifetime) = try fetch(realm, service, scopes, credential, subject.log)
      caches[credential, default: TokenCache()].insert(token, for: scopes, lifetime: lifetime)
      spent = (spent + [token]).suffix(8)
      return "Bearer \(token)"
    }
  }

  private func credential(for repository: String) throws -> Credential? {
    if let known = credentials[repository] { return known }
    let found = try store.credential(host: host, repository: repository) { text in
      if warned.insert(text).inserted { warn(text) }
    }
    credentials[repository] = .some(found)
    return found
  }

  /// https://distribution.github.io/distribution/spec/auth/token/ and, for an identity token, .../spec/auth/oauth/
  private func fetch(
    _ realm: HTTPAddress, _ service: String?, _ scopes: TokenScopes, _ credential: Credential?,
    _ log: @escaping (String) -> Void
  ) throws -> (token: String, lifetime: Double) {
    var request: ClientRequest
    if case .identityToken(let token) = credential?.secret {
      var fields = [("grant_type", "refresh_token"), ("refresh_token", token), ("client_id", userAgent)]
      if let service { fields.append(("service", service)) }
      fields.append(("scope", scopes.list.map(\.description).joined(separator: " ")))
      let form = fields.map { "\($0.0)=\(HTTPAddress.encoded($0.1))" }.joined(separator: "&")
      request = ClientRequest(.post, realm)
      request.headers = [("Content-Type", "application/x-www-form-urlencoded")]
      request.body = .bytes(Data(form.utf8))
    } else {
      var address = realm
      if let service { address = address.appendingQuery("service", service) }
      for scope in scopes.list { address = address.appendingQuery("scope", scope.description) }
      request = ClientRequest(.get, address)
      request.authorization = credential?.basic
    }
    let response = try send(request, log)
    guard response.status == 200 else { throw AuthorizationFailure.refused(response) }
    let answer = try? decodeJSON(JSONValue.self, from: response.body)
    let token = ["token", "access_token"].lazy.compactMap { answer?[$0]?.string }.first { !$0.isEmpty }
    guard let token, token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw AuthorizationFailure.malformed("no token from the token service \(realm.shown)")
    }
    let lifetime: Double =
      switch answer?["expires_in"] {
      case .integer(let seconds)?: Double(seconds)
      case .number(let seconds)?: seconds
      // The default of the specification.
      default: 60
      }
    return (token, lifetime)
  }
}

/// The reason why a request cannot be authorized.
enum AuthorizationFailure: Error {
  case unsafe(String)
  case malformed(String)
  /// The token service's answer.
  case refused(ClientResponse)
}
