import Foundation

/// An HTTP proxy before a registry on loopback that hands everything on, except where a test wants a fault.
package final class FaultProxy: @unchecked Sendable {  // what changes is guarded by the lock
  package struct Request: Sendable {
    package let method: String
    package let target: String
    /// By name in lower case.
    package let headers: [String: String]
    /// How often the same method and path came before.
    package let earlier: Int

    package var path: String { String(target.prefix { $0 != "?" }) }
    package var isChunked: Bool { headers["transfer-encoding"] == "chunked" }
    /// Nil for a body in chunks.
    var length: Int? { isChunked ? nil : headers["content-length"].flatMap { Int($0) } ?? 0 }
  }

  private let socket: ListeningSocket
  private let registry: UInt16
  private let rewriting: @Sendable (Request, [String]) -> [String]
  private let plan: @Sendable (Request) -> Fault?
  private let lock = NSLock()
  private var received: [Request] = []
  private var hits = 0
  private var streams: [ObjectIdentifier: LoopbackStream] = [:]
  private var isStopped = false

  /// - Parameters:
  ///   - address: of the registry, `127.0.0.1:PORT`.
  ///   - rewriting: makes the head of an answer, line by line, from the registry's.
  ///   - plan: what happens to a request; nil to hand it on.
  package init(
    to address: String, rewriting: @escaping @Sendable (Request, [String]) -> [String] = { $1 },
    _ plan: @escaping @Sendable (Request) -> Fault?
  ) throws {
    guard let port = address.split(separator: ":").last.flatMap({ UInt16($0) }) else {
      throw ChildProcess.Failure("\(address) has no port")
    }
    registry = port
    socket = try ListeningSocket()
    self.rewriting = rewriting
    self.plan = plan
    Thread.detachNewThread { [weak self, socket] in
      while let connection = socket.accept() {
        let client = LoopbackStream(connection)
        guard let self, self.insert(client) else { continue }
        Thread.detachNewThread { [weak self] in
          while let self, self.serve(client) {}
          client.end()
          self?.remove(client)
        }
      }
    }
  }

  deinit { stop() }

  package var address: String { "127.0.0.1:\(socket.port)" }
  package var requests: [Request] { lock.withLock { received } }
  package var lines: [String] { requests.map { "\($0.method) \($0.path)" } }
  /// How many faults there were.
  package var faults: Int { lock.withLock { hits } }

  package func stop() {
    let open = lock.withLock {
      defer { isStopped = true }
      return isStopped ? nil : Array(streams.values)
    }
    guard let open else { return }
    for stream in open { stream.end() }
    socket.close()
  }

  private func insert(_ stream: LoopbackStream) -> Bool {
    lock.withLock {
      if isStopped { return false }
      streams[ObjectIdentifier(stream)] = stream
      return true
    }
  }

  private func remove(_ stream: LoopbackStream) { lock.withLock { streams[ObjectIdentifier(stream)] = nil } }

  /// False where the connection ends.
  private func serve(_ client: LoopbackStream) -> Bool {
    guard let head = client.readHead(), let request = note(head) else { return false }
    let fault = plan(request)
    var exchange = ProxiedExchange(client: client, fault: fault, length: request.length) { [rewriting] head in
      rewriting(request, head)
    }
    if let answer = exchange.answerWithoutRegistry(target: request.target) {
      hit()
      client.write(answer)
      return exchange.drainRequest()
    }
    guard let registry = LoopbackStream(port: registry) else { return false }
    guard insert(registry) else { return false }
    defer { remove(registry) }
    // The registry's end of the connection is the end of its answer, however long that is.
    let fields = head.filter { !$0.lowercased().hasPrefix("connection:") && !$0.lowercased().hasPrefix("expect:") }
    registry.write((fields + ["Connection: close", "", ""]).joined(separator: "\r\n").utf8)
    if request.headers["expect"] != nil { client.write("HTTP/1.1 100 Continue\r\n\r\n".utf8) }
    let goesOn = exchange.relayRequest(to: registry) && exchange.relayAnswer(from: registry, to: request.method)
    if exchange.wasHit { hit() }
    return goesOn
  }

  private func hit() { lock.withLock { hits += 1 } }

  private func note(_ head: [String]) -> Request? {
    let first = head[0].split(separator: " ")
    guard first.count == 3 else { return nil }
    let (method, target) = (String(first[0]), String(first[1]))
    return lock.withLock {
      let path = target.prefix { $0 != "?" }
      let request = Request(
        method: method, target: target, headers: ProxiedExchange.fields(head),
        earlier: received.count { $0.method == method && $0.path == path })
      received.append(request)
      return request
    }
  }
}
