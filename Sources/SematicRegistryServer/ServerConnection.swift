import SematicFiles
import SematicSystem

/// Serves the requests of one connection, one after the other.
final class ServerConnection {
  /// Throws only what the body's reader throws: then there is nobody to answer, or nothing to go on with.
  typealias Handler = (ServerRequest, RequestBody) throws -> ServerResponse

  private let socket: Socket
  private let stream: SocketStream
  private let timeout: Int
  private let handler: Handler
  private let log: (@Sendable (String) -> Void)?
  /// Made when the first file is sent, and used again.
  private lazy var outgoing = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 4096)
  private var hasOutgoing = false

  /// - Parameter timeout: in seconds: for a whole head, and for a body's next byte.
  init(_ socket: Socket, timeout: Int, log: (@Sendable (String) -> Void)?, handler: @escaping Handler) {
    self.socket = socket
    self.timeout = timeout
    self.log = log
    self.handler = handler
    stream = SocketStream(socket)
  }

  deinit { if hasOutgoing { outgoing.deallocate() } }

  /// Returns when the connection is over; closing it is the caller's.
  /// - Parameter idle: is told true before the wait for a request, false when one comes.
  func serve(idle: (Bool) -> Void) {
    while true {
      idle(true)
      guard let isReady = try? stream.hasBytes || socket.waitForBytes(milliseconds: timeout * 1000), isReady else {
        return
      }
      idle(false)
      do {
        guard try serveRequest() else { return }
      } catch let error as InvalidRequest {
        refuse(error)
        return
      } catch SocketError.timedOut {
        refuse(InvalidRequest(.requestTimeout, "no byte came for \(timeout) seconds"))
        return
      } catch {
        return
      }
    }
  }

  /// - Returns: whether another request may follow.
  private func serveRequest() throws -> Bool {
    let deadline = SocketStream.now() + Int64(timeout) * 1000
    let request = try ServerRequest(from: stream, deadline: deadline)
    let body = RequestBody(request, stream: stream, socket: socket)
    let response = try handler(request, body)
    // Before the answer, so that a client that first sends and then listens gets to the second. What cannot be read
    // to its end no longer tells where the next request begins.
    let isDrained = (try? body.drain()) ?? false
    let closing = !isDrained || !request.keepsAlive
    log?("\(request.method) \(request.target.rawPath) \(response.status) \(response.length)")
    try send(response, to: request, closing: closing)
    if !isDrained { linger() }
    return !closing
  }

  private func send(_ response: ServerResponse, to request: ServerRequest, closing: Bool) throws {
    var head = Array(response.head(closing: closing, keepingAlive: request.isVersion10 && !closing).utf8)
    if case .bytes(let bytes) = response.body, request.method != "HEAD" { head += bytes }
    try head.withUnsafeBytes { try socket.send($0) }
    guard case .file(let file, let offset, var rest) = response.body, request.method != "HEAD" else { return }
    hasOutgoing = true
    try file.seek(to: offset)
    while rest > 0 {
      let window = UnsafeMutableRawBufferPointer(rebasing: outgoing[..<Int(min(rest, Int64(outgoing.count)))])
      let count = try file.read(into: window)
      // Shorter than it was: the client must not take what it has for the whole, and the end of the connection says so.
      guard count > 0 else { throw SocketError.closed }
      try socket.send(UnsafeRawBufferPointer(rebasing: window[..<count]))
      rest -= Int64(count)
    }
  }

  private func refuse(_ error: InvalidRequest) {
    let response = RegistryFault(error).response
    log?("- - \(error.status) \(error.message)")
    var bytes = Array(response.head(closing: true, keepingAlive: false).utf8)
    if case .bytes(let body) = response.body { bytes += body }
    guard (try? bytes.withUnsafeBytes({ try socket.send($0) })) != nil else { return }
    linger()
  }

  /// Takes what the client still sends, for a moment: closing with unread bytes would reset the connection, and the
  /// client would lose the answer.
  private func linger() {
    socket.finishSending()
    let deadline = SocketStream.now() + 2000
    while SocketStream.now() < deadline {
      guard (try? socket.waitForBytes(milliseconds: 500)) == true, (try? stream.piece(limit: .max)) != nil else {
        return
      }
    }
  }
}
