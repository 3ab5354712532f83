import SematicFiles
import SematicSystem

/// Performs HTTP requests with a registry, its token service and its storage.
///
/// Idle handles of libcurl are kept, and with them connections.
final class RegistryTransport: @unchecked Sendable {  // the idle handles are guarded by the lock; a handle has one user
  private let settings: TransportSettings
  private let lock = Lock()
  private var idle: [Curl] = []
  /// The hosts that do not answer `Expect: 100-continue`.
  private var withoutContinue: Set<String> = []

  init(_ settings: TransportSettings) { self.settings = settings }

  func usesProxy(for address: HTTPAddress) throws -> Bool { try settings.proxies.proxy(for: address) != nil }

  /// Performs one request, without following a redirect.
  /// - Parameters:
  ///   - limit: the most bytes of the body that are collected, and `truncates`: see `Transfer`.
  ///   - sink: takes the body of a successful answer.
  /// - Throws: `HTTPFailure`, or what the sink or the request's body threw.
  func perform(
    _ request: ClientRequest, limit: Int = 1 << 20, truncates: Bool = false, sink: Transfer.Sink? = nil
  ) throws -> ClientResponse {
    let proxy = try settings.proxies.proxy(for: request.address)
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
      curl.trust(try request.verifiesServer ? settings.trust(adding: own?.authorities ?? []) : nil)
    }
    if let proxy { curl.use(proxy, trust: try proxy.usesTLS ? settings.trust() : Curl.Trust()) }
    do {
      try curl.perform(transfer, headers: request.headers + [expectation(of: request)])
    } catch let failure as HTTPFailure where failure.kind == .refused && proxy != nil {
      throw HTTPFailure(.proxyRefused, detail: failure.detail)
    }
    // To libcurl the end of the connection is the end of the head, too.
    guard transfer.isHeadWhole else { throw HTTPFailure(.broken, detail: "in the head of an answer") }
    if proxy != nil, transfer.head.status == 407 { throw HTTPFailure(.proxy(407)) }
    if transfer.wasExpectationIgnored { lock.withLock { _ = withoutContinue.insert(request.address.authority) } }
    try transfer.flush()
    return ClientResponse(head: transfer.head, body: transfer.collected, address: request.address)
  }

  /// The header that lets a server refuse a large body before it is sent.
  ///
  /// A small body is sent at once, and so is a large one to a host that has ignored the header before.
  private func expectation(of request: ClientRequest) -> (name: String, value: String) {
    let isIgnored = lock.withLock { withoutContinue.contains(request.address.authority) }
    return ("Expect", request.isLarge && !isIgnored ? "100-continue" : "")
  }
}
