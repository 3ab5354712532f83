import SematicConfiguration
import SematicFiles
import SematicOCI
import SematicRegistryClient
import SematicSystem

/// The question whether Sematic's server takes a launch, which is asked before anything is built: `sematic run` does so, too.
struct ServerCheck {
  let need: ServerNeed
  let caFile: String?
  let environment: [String: String]

  /// How long to wait for both answers together, in nanoseconds: the build that waits for them takes longer.
  private static let timeLimit: UInt64 = 1_800_000_000
  private let end = MonotonicClock.nanoseconds &+ Self.timeLimit

  init(need: ServerNeed, caFile: String?, environment: [String: String] = ProcessInfo.processInfo.environment) {
    self.need = need
    self.caFile = caFile
    self.environment = environment
  }

  /// - Throws: `UnusableServer`.
  func run() throws {
    let settings = SematicUserSettings(environment: environment)
    let server = try server(settings)
    let versions = try versions(of: server)
    try need.check(versions, of: server)
    let key = settings.value("SEMATIC_API_KEY")
    let answer = try? get("/meta/env", of: server, header: key.map { ("X-API-KEY", $0.value) })
    if answer?.status == 401 || answer?.status == 403 { throw UnusableServer(server, .key(origin: key?.origin)) }
  }

  private func server(_ settings: SematicUserSettings) throws -> UnusableServer.Server {
    // Only the client in Python knows these two.
    if need.isPython, let name = environment["SEMATIC_SERVER_ADDRESS"], !name.isEmpty {
      let isWhole = name.hasPrefix("http://") || name.hasPrefix("https://")
      let address = isWhole ? name : "http://\(name):\(environment["PORT"] ?? "80")"
      return UnusableServer.Server(address: address, origin: "SEMATIC_SERVER_ADDRESS")
    }
    if let (address, origin) = settings.value("SEMATIC_API_ADDRESS") {
      return UnusableServer.Server(address: address, origin: origin)
    }
    guard need.isPython else { throw UnusableServer(nil, .notConfigured) }
    return UnusableServer.Server(address: "http://127.0.0.1:\(environment["PORT"] ?? "5001")", origin: nil)
  }

  private func get(
    _ path: String, of server: UnusableServer.Server, header: (name: String, value: String)? = nil
  ) throws(SmallAnswer.Missing) -> SmallAnswer {
    var address = server.address
    while address.hasSuffix("/") { address.removeLast() }
    return try SmallAnswer.get(address + "/api/v1" + path, header: header, by: end, caFile: caFile)
  }

  private func versions(of server: UnusableServer.Server) throws -> ServerNeed.Versions {
    let answer: SmallAnswer
    do {
      answer = try get("/meta/versions", of: server)
    } catch {
      throw UnusableServer(server, .silent(error.description))
    }
    let body = try? decodeJSON([String: JSONValue].self, from: answer.body)
    func numbers(_ key: String) -> [Int]? {
      guard let values = body?[key]?.array else { return nil }
      let numbers = values.compactMap { if case .integer(let number) = $0 { Int(clamping: number) } else { nil } }
      return numbers.count == values.count ? numbers : nil
    }
    guard answer.status == 200, let version = numbers("server"), let oldest = numbers("min_client_supported") else {
      throw UnusableServer(server, answer.status >= 500 ? .silent("it fails (\(answer.status))") : .stranger)
    }
    return (version, oldest)
  }
}

extension ServerNeed {
  typealias Versions = (server: [Int], oldestClient: [Int])

  /// - Throws: `UnusableServer`.
  fileprivate func check(_ versions: Versions, of server: UnusableServer.Server) throws {
    // As the clients do it themselves: the one in Python wants a server that is no older than itself.
    let (client, oldestServer) = isPython ? (version, version) : (Self.swiftClient, Self.oldestServerForSwift)
    if let oldestServer, versions.server.lexicographicallyPrecedes(oldestServer) {
      throw UnusableServer(server, .serverTooOld(versions.server, needed: oldestServer))
    }
    if let client, client.lexicographicallyPrecedes(versions.oldestClient) {
      throw UnusableServer(server, .clientTooOld(client, needed: versions.oldestClient))
    }
  }
}

/// A server that does not take the launch.
struct UnusableServer: ExplainedError, Equatable {
  struct Server: Equatable, Sendable {
    let address: String
    /// The variable or the file that names it; nil for Sematic's default.
    let origin: String?
  }

  enum Reason: Equatable, Sendable {
    case notConfigured
    /// It does not answer.
    case silent(String)
    /// What answers is not Sematic.
    case stranger
    case serverTooOld([Int], needed: [Int])
    case clientTooOld([Int], needed: [Int])
    /// It refuses the key, or wants one.
    case key(origin: String?)
  }

  let server: Server?
  let reason: Reason

  init(_ server: Server?, _ reason: Reason) {
    self.server = server
    self.reason = reason
  }

  var description: String {
    let address = server?.address ?? ""
    let name = "the Sematic server at \(address)"
    switch reason {
    case .notConfigured: return "the launch program needs a Sematic server, and none is configured"
    case .silent(let why): return "\(name) does not answer: \(why)"
    case .stranger: return "what answers at \(address) is not a Sematic server"
    case .serverTooOld(let version, let needed):
      return "\(name) has version \(Self.text(version)), and the launch program needs \(Self.text(needed)) or later"
    case .clientTooOld(let version, let needed):
      return
        "\(name) needs clients of version \(Self.text(needed)) or later, and the launch program has \(Self.text(version))"
    case .key(let origin?): return "\(name) refuses the API key of \(origin)"
    case .key(nil): return "\(name) requires an API key, and there is none"
    }
  }

  var hint: String? {
    let remedy =
      switch reason {
      case .notConfigured: "set SEMATIC_API_ADDRESS, or run: sematic settings set SEMATIC_API_ADDRESS ADDRESS"
      case .silent, .stranger:
        server?.origin.map { "check that the server runs, and the address, which comes from \($0)" }
          ?? "start it with `sematic start`, or name another one: sematic settings set SEMATIC_API_ADDRESS ADDRESS"
      case .serverTooOld(let version, _): "upgrade the server, or install sematic==\(Self.text(version)) here"
      case .clientTooOld: "upgrade Sematic here: pip install --upgrade sematic"
      case .key: "copy the key from the settings in Sematic's UI, and run: sematic settings set SEMATIC_API_KEY KEY"
      }
    return remedy + "; nothing was built. `--no-server-check` starts a program that does not need the server this time"
  }

  private static func text(_ version: [Int]) -> String { version.map(String.init).joined(separator: ".") }
}
