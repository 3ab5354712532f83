/// The client of Sematic's REST interface.
///
/// https://github.com/sematic-ai/sematic/tree/main/sematic/api/endpoints
struct SematicClient: Sendable {
  /// How often a request is tried, and how long to pause before each next attempt.
  struct Retries: Sendable {
    var attempts = 7
    /// - Parameter attempt: 1 before the second attempt.
    var pause: @Sendable (_ attempt: Int) async throws -> Void = {
      try await System.pause(seconds: Double(1 << min(5, $0 - 1)))
    }
  }

  /// The version of Sematic's Python client that this library behaves like.
  static let version = [0, 41, 0]
  /// The oldest server that can start a program in Swift.
  static let oldestServer = [0, 30, 0]

  let address: ServerAddress
  private let base: String
  private let key: String?
  private(set) var retries: Retries
  /// Whether it was said that the server does not answer.
  private let isSilent = Locked(false)
  /// While Sematic's server answers a change it calls itself, to tell its UI, and it has ten threads: ten changes at the same
  /// moment would wait for each other without end.
  private let changes = ConcurrencyLimit(4)

  init(address: String, key: String?, retries: Retries = Retries()) throws {
    self.address = try ServerAddress(address)
    base = address
    self.key = key
    self.retries = retries
  }

  /// The client of the server in these settings; nil where no server is configured.
  init?(_ settings: SematicSettings, retries: Retries = Retries()) throws {
    guard let address = settings.address else { return nil }
    try self.init(address: address, key: settings.key, retries: retries)
  }

  /// The same client without retries, for what may fail.
  var once: SematicClient {
    var client = self
    client.retries.attempts = 1
    return client
  }

  /// The page of a run in the UI.
  func page(of run: String) -> String { "\(base)/runs/\(run)" }

  /// Checks that this library and the server understand each other; says so soon where the server does not answer.
  ///
  /// - Throws: `SematicError.incompatible`, and what requests throw.
  func check() async throws {
    let operation = "read the server's version"
    let watch = Task { [self] in
      try await Task.sleep(nanoseconds: 2_000_000_000)
      if !isSilent.exchange(true) {
        System.say("the Sematic server at \(base) has not answered yet: trying for about a minute")
      }
    }
    defer { watch.cancel() }
    let answer = try await call(operation, "GET", "/meta/versions")
    func numbers(_ name: String) throws -> [Int] {
      let found = answer[name]?.elements?.compactMap { if case .number(let text) = $0 { Int(text) } else { nil } }
      guard let found, found.count >= 3 else {
        throw SematicError.unexpectedAnswer(operation: operation, reason: "'\(name)' is not a version")
      }
      return found
    }
    func text(_ version: [Int]) -> String { version.map(String.init).joined(separator: ".") }
    let (server, minimum) = (try numbers("server"), try numbers("min_client_supported"))
    if server.lexicographicallyPrecedes(Self.oldestServer) {
      throw SematicError.incompatible(
        address: base,
        reason: "its version \(text(server)) is older than \(text(Self.oldestServer)), and cannot start this program")
    }
    if Self.version.lexicographicallyPrecedes(minimum) {
      throw SematicError.incompatible(
        address: base,
        reason: "it supports clients from \(text(minimum)) on, and this library behaves like \(text(Self.version))")
    }
  }

  /// The version that is recorded with a resolution.
  var clientVersion: String { Self.version.map(String.init).joined(separator: ".") }

  /// The JSON of an answer; null where the answer is empty.
  ///
  /// - Parameter isDone: asked after a failure: whether an earlier attempt, whose answer was lost, was successful.
  @discardableResult
  func call(
    _ operation: String, _ method: String, _ path: String, _ body: JSON? = nil,
    isDone: @Sendable () async -> Bool = { false }
  ) async throws -> JSON {
    var request = ServerRequest(method: method, address: try ServerAddress(base + "/api/v1" + path))
    request.headers = [("Accept", "application/json")]
    if let body {
      request.body = .of(body)
      request.headers.append(("Content-Type", "application/json"))
    }
    let answer =
      try await method == "GET"
      ? send(operation, request, isDone: isDone)
      : changes.perform { [request] in try await send(operation, request, isDone: isDone) }
    if answer.isEmpty { return .null }
    do {
      return try JSON(parsing: answer)
    } catch {
      throw SematicError.unexpectedAnswer(operation: operation, reason: "\(error)")
    }
  }

  /// The bytes of an answer.
  func bytes(_ operation: String, _ path: String) async throws -> [UInt8] {
    try await send(operation, ServerRequest(method: "GET", address: try ServerAddress(base + "/api/v1" + path)))
  }

  /// Puts bytes at an address that the server named, which can be another server's.
  func put(_ operation: String, _ bytes: JSONText, at place: String, headers: [(String, String)]) async throws {
    var request = ServerRequest(method: "PUT", address: try address.following(place), body: bytes)
    request.headers = headers.map { (name: $0.0, value: $0.1) }
    _ = try await send(operation, request)
  }

  private func send(
    _ operation: String, _ request: ServerRequest, isDone: () async -> Bool = { false }
  ) async throws -> [UInt8] {
    var (attempt, reason) = (0, "")
    while attempt < max(1, retries.attempts) {
      if attempt > 0 { try await retries.pause(attempt) }
      attempt += 1
      do {
        let response = try await follow(request)
        switch response.status {
        case StatusCode.successful:
          if isSilent.exchange(false) { System.say("the Sematic server at \(base) answers again") }
          return response.body
        case StatusCode.unauthorized, StatusCode.forbidden:
          throw SematicError.unauthorized(address: base, hasKey: key != nil)
        case StatusCode.requestTimeout, StatusCode.tooManyRequests, StatusCode.serverError:
          reason = "it answers with status \(response.status)" + Self.message(of: response)
        default:
          if attempt > 1, await isDone() { return [] }
          let message = Self.message(of: response)
          throw SematicError.refused(
            operation: operation, status: response.status,
            message: message.isEmpty ? "no reason is given" : String(message.dropFirst(2)))
        }
      } catch let failure as TransportFailure {
        reason = failure.reason
      }
      if await isDone() { return [] }
      if attempt < retries.attempts, !isSilent.exchange(true) {
        System.say("the Sematic server at \(base) does not answer: \(reason); trying for about a minute")
      }
    }
    throw SematicError.unreachable(address: base, operation: operation, reason: reason, attempts: attempt)
  }

  /// The error that Sematic's answer names, after `: `; or nothing.
  private static func message(of response: ServerResponse) -> String {
    (try? JSON(parsing: response.body))?["error"]?.text.map { ": " + $0 } ?? ""
  }

  private func follow(_ request: ServerRequest) async throws -> ServerResponse {
    var request = request
    for _ in 0..<5 {
      var sent = request
      // The key is for the server alone, and its storage can be elsewhere. Where the server stores itself, it names the key.
      let isNamed = sent.headers.contains { $0.name.lowercased() == "x-api-key" }
      if let key, !isNamed, request.address.isSameHost(as: address) { sent.headers.append(("X-API-KEY", key)) }
      let response = try await BlockingWork.shared.run { [sent] in try CurlTransport.send(sent, cancellation: $0) }
      guard StatusCode.redirection.contains(response.status), response.status != StatusCode.notModified,
        response.status != StatusCode.useProxy,
        request.method == "GET", let location = response.headers["location"]
      else { return response }
      request.address = try request.address.following(location)
    }
    throw TransportFailure(reason: "too many redirects")
  }
}
