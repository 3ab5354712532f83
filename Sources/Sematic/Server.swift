/// Sematic's server, by its REST interface.
///
/// https://github.com/sematic-ai/sematic/tree/main/sematic/api/endpoints
struct Server: Sendable {
  /// How often a request is tried, and how long to wait before each next one.
  struct Patience: Sendable {
    var attempts = 7
    var pause: @Sendable (_ attempt: Int) -> Void = { System.pause(seconds: Double(1 << min(5, $0 - 1))) }
  }

  /// The client whose ways this library has, by Sematic's own count: the server runs nothing older than its minimum.
  static let version = [0, 41, 0]

  let address: WebAddress
  private let base: String
  private let key: String?
  private var patience: Patience
  private let transport: any HTTPTransport

  init(address: String, key: String?, patience: Patience = Patience(), transport: any HTTPTransport = WebTransport())
    throws
  {
    self.address = try WebAddress(address)
    base = address
    self.key = key
    self.patience = patience
    self.transport = transport
  }

  /// The server of these settings; nil where none is configured.
  init?(_ settings: Settings, patience: Patience = Patience()) throws {
    guard let address = settings.address else { return nil }
    try self.init(address: address, key: settings.key, patience: patience)
  }

  /// The same server, asked only once, for what may fail.
  var once: Server {
    var server = self
    server.patience.attempts = 1
    return server
  }

  /// Where a person sees the run.
  func page(of run: String) -> String { "\(base)/runs/\(run)" }

  /// - Throws: `SematicError.incompatible` where server and library do not understand each other.
  func check() throws {
    let operation = "ask for the version"
    let answer = try call(operation, "GET", "/meta/versions")
    func numbers(_ name: String) throws -> [Int] {
      let found = answer[name]?.elements?.compactMap { if case .number(let text) = $0 { Int(text) } else { nil } }
      guard let found, found.count >= 3 else {
        throw SematicError.unexpectedAnswer(operation: operation, reason: "it does not tell its versions")
      }
      return found
    }
    func text(_ version: [Int]) -> String { version.map(String.init).joined(separator: ".") }
    let (server, minimum) = (try numbers("server"), try numbers("min_client_supported"))
    if server.lexicographicallyPrecedes([0, 30, 0]) {
      throw SematicError.incompatible(
        address: base, reason: "its version \(text(server)) is older than 0.30.0, and cannot start this program")
    }
    if Self.version.lexicographicallyPrecedes(minimum) {
      throw SematicError.incompatible(
        address: base,
        reason: "it supports clients from \(text(minimum)) on, and this library speaks as \(text(Self.version))")
    }
  }

  /// What a client says that its version is: never more than the server knows.
  var clientVersion: String { Self.version.map(String.init).joined(separator: ".") }

  /// The answer's document; null where it is empty.
  ///
  /// - Parameter isDone: asked after a failure, whether an earlier attempt has done it all the same.
  @discardableResult
  func call(
    _ operation: String, _ method: String, _ path: String, _ body: JSON? = nil, isDone: () -> Bool = { false }
  ) throws -> JSON {
    var request = HTTPRequest(method: method, address: try WebAddress(base + "/api/v1" + path))
    request.headers = [("Accept", "application/json")]
    if let body {
      request.body = Array(body.canonical.utf8)
      request.headers.append(("Content-Type", "application/json"))
    }
    let answer = try send(operation, request, isDone: isDone)
    if answer.isEmpty { return .null }
    do {
      return try JSON(parsing: answer)
    } catch {
      throw SematicError.unexpectedAnswer(operation: operation, reason: "\(error)")
    }
  }

  /// The bytes of an answer.
  func bytes(_ operation: String, _ path: String) throws -> [UInt8] {
    try send(operation, HTTPRequest(method: "GET", address: try WebAddress(base + "/api/v1" + path)))
  }

  /// Puts bytes where the server said, which can be another server.
  func put(_ operation: String, _ bytes: [UInt8], at place: String, headers: [(String, String)]) throws {
    var request = HTTPRequest(method: "PUT", address: try address.following(place), body: bytes)
    request.headers = headers.map { (name: $0.0, value: $0.1) }
    _ = try send(operation, request)
  }

  private func send(
    _ operation: String, _ request: HTTPRequest, isDone: () -> Bool = { false }
  ) throws -> [UInt8] {
    var (attempt, reason) = (0, "")
    while attempt < max(1, patience.attempts) {
      if attempt > 0 { patience.pause(attempt) }
      attempt += 1
      do {
        let response = try follow(request)
        switch response.status {
        case 200..<300: return response.body
        case 401, 403: throw SematicError.unauthorized(address: base, hasKey: key != nil)
        case 408, 429, 500...: reason = "it answers with status \(response.status)" + Self.message(of: response)
        default:
          let message = Self.message(of: response)
          throw SematicError.refused(
            operation: operation, status: response.status,
            message: message.isEmpty ? "no reason is given" : String(message.dropFirst(2)))
        }
      } catch let failure as HTTPFailure {
        reason = failure.reason
      }
      if isDone() { return [] }
    }
    throw SematicError.unreachable(address: base, operation: operation, reason: reason, attempts: attempt)
  }

  /// `: ` and what Sematic says in its answer, or nothing.
  private static func message(of response: HTTPResponse) -> String {
    (try? JSON(parsing: response.body))?["error"]?.text.map { ": " + $0 } ?? ""
  }

  private func follow(_ request: HTTPRequest) throws -> HTTPResponse {
    var request = request
    for _ in 0..<5 {
      var sent = request
      // The key is for the server alone; its storage can be elsewhere. Where it is not, the server has named the key itself.
      let isNamed = sent.headers.contains { $0.name.lowercased() == "x-api-key" }
      if let key, !isNamed, request.address.isSameHost(as: address) { sent.headers.append(("X-API-KEY", key)) }
      let response = try transport.send(sent)
      guard (301...308).contains(response.status), response.status != 304, response.status != 305,
        request.method == "GET", let location = response.headers["location"]
      else { return response }
      request.address = try request.address.following(location)
    }
    throw HTTPFailure(reason: "it sends from place to place")
  }
}
