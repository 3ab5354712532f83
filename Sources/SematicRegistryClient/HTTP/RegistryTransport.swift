import SematicFiles
import SematicSystem

/// Performs HTTP requests with a registry, its token service and its storage.
///
/// Idle handles of libcurl are kept, and with them connections.
final class RegistryTransport: @unchecked Sendable {  // the idle handles are guarded by the lock; a handle has one user
  private let settings: TransportSettings
  private let lock = Lock()
  private var idle: [Curl] = []

  init(_ settings: TransportSettings) { self.settings = settings }

  /// Performs one request, without following a redirect.
  /// - Parameters:
  ///   - limit: the most bytes of the body that are collected, and `truncates`: see `Transfer`.
  ///   - sink: takes the body of a successful answer.
  /// - Throws: `TransportFailure`, or what the sink or the request's body threw.
  func perform(
    _ request: ClientRequest, limit: Int = 1 << 20, truncates: Bool = false, sink: Transfer.Sink? = nil
  ) throws -> ClientResponse {
    let curl = try lock.withLock { idle.popLast() } ?? Curl()
    defer { lock.withLock { idle.append(curl) } }
    let transfer = Transfer(
      request, limit: limit, truncates: truncates, sink: sink, stallSeconds: settings.stallSeconds)
    curl.prepare(
      request, userAgent: settings.userAgent, connectTimeout: Int(settings.stallSeconds),
      isLarge: sink != nil || request.isStream)
    if request.address.scheme == .https {
      let own = try settings.ownCertificates(for: request.address)
      if let client = own?.client { curl.identify(by: client) }
      curl.trust(try request.verifiesServer ? settings.trust(adding: own?.authorities ?? []) : .anybody)
    }
    try curl.perform(transfer, headers: request.headers)
    // To libcurl the end of the connection is the end of the head, too.
    guard transfer.isHeadWhole else { throw TransportFailure(.broken, detail: "in the head of an answer") }
    try transfer.flush()
    return ClientResponse(head: transfer.head, body: transfer.collected, address: request.address)
  }
}
