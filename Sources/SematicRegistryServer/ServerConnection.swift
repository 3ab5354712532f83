import SematicSystem

/// One client's connection: its requests, one after the other, each as far as it can go without waiting.
final class ServerConnection: @unchecked Sendable {  // one thread at a time has it: the event loop's, or a worker
  /// - Throws: only what the body's reader throws, and `Pause`: then it is called again.
  typealias Handler = @Sendable (ServerRequest, RequestBody) throws -> ServerResponse

  private enum Phase {
    case head
    case request(ServerRequest, RequestBody)
    /// The response is known; what the client still sends of the body is read before it is sent.
    case rest(ServerRequest, RequestBody, ServerResponse)
    case response
    /// The response was sent before the whole request had come.
    case lingering
  }

  /// What follows a response.
  private enum Sequel { case nextRequest, end, linger }

  let socket: Socket
  /// Why it waits; nil when it is over.
  private(set) var pause: Pause? = .bytes
  /// The last time at which it made progress, by the monotonic clock. Bytes of an incomplete head are none.
  private(set) var touched = MonotonicClock.nanoseconds
  private(set) var hasBeenServed = false
  /// Set when it waited too long: the next turn ends it.
  var isLate = false

  private let stream: SocketStream
  private let timeout: Int
  private let handler: Handler
  private let log: (@Sendable (String) -> Void)?
  private var paused: UInt64 = 0
  private var phase = Phase.head
  private var head = RequestHead()
  private var hasHeadBegun = false
  private var outgoing: [UInt8] = []
  private var sent = 0
  private var file: (content: StoredFile, offset: Int64, rest: Int64)?
  private var sequel = Sequel.end

  /// - Parameter timeout: in seconds: for a whole head, and for progress in a body or a response.
  init(_ socket: Socket, timeout: Int, log: (@Sendable (String) -> Void)?, handler: @escaping Handler) {
    self.socket = socket
    self.timeout = timeout
    self.log = log
    self.handler = handler
    stream = SocketStream(socket)
  }

  /// What a request leaves behind is gone before its client sees the end of the connection.
  deinit { phase = .head }

  /// The time at which it will have waited too long.
  var deadline: UInt64 {
    let seconds = if case .lingering = phase { 2 } else { timeout }
    return touched + UInt64(seconds) * 1_000_000_000
  }

  /// The time at which it must continue, whatever its client does: to ask for a lock again, or to end.
  var due: UInt64 { pause == .lock ? min(deadline, paused + 20_000_000) : deadline }

  /// The memory that its client makes it keep, in bytes.
  var keptCount: Int {
    var count = stream.keptCount + head.size + outgoing.count
    if case .request(_, let body) = phase { count += body.collected.count }
    return count
  }

  /// Whether it is in the middle of a body, so that it can wait for others.
  var isTransferring: Bool {
    switch phase {
    case .head, .lingering: false
    case .request(_, let body), .rest(_, let body, _): body.received > 0
    case .response: true
    }
  }

  /// Continues until it has to wait or its turn is over, and sets `pause`.
  func advance(_ turn: Turn) {
    stream.begin(turn)
    defer { stream.endTurn() }
    while true {
      do {
        let isHeadLate = hasHeadBegun && MonotonicClock.nanoseconds > deadline
        if isLate || isHeadLate {
          isLate = false
          try expire()
        }
        try step(turn)
      } catch let reason as Pause {
        if case .head = phase, !hasHeadBegun, head.size > 0 || stream.hasBytes {
          hasHeadBegun = true
          touch()
        }
        pause = reason
        if reason == .lock { paused = MonotonicClock.nanoseconds }
        return
      } catch let error as InvalidRequest {
        let response = RegistryFault(error).response
        log?("- - \(error.status.rawValue) \(error.message)")
        respond(response, head: response.head(closing: true, keepingAlive: false), then: .linger)
      } catch {
        pause = nil
        return
      }
    }
  }

  private func touch() { touched = MonotonicClock.nanoseconds }

  private func step(_ turn: Turn) throws {
    switch phase {
    case .head:
      let request = try head.read(from: stream)
      head = RequestHead()
      hasHeadBegun = false
      touch()
      phase = .request(request, RequestBody(request, stream: stream, socket: socket))
    case .request(let request, let body):
      let before = body.received
      defer { if body.received > before { touch() } }
      phase = .rest(request, body, try handler(request, body))
    case .rest(let request, let body, let response):
      // A client that first sends and then listens must get to the second. What cannot be read to its end does not
      // tell where the next request begins.
      let before = body.received
      defer { if body.received > before { touch() } }
      var isDrained = false
      do { isDrained = try body.drain() } catch let pause as Pause { throw pause } catch {}
      respond(response, to: request, isDrained: isDrained)
      if file != nil, turn.isCrowded { throw Pause.turn }
    case .response:
      try sendResponse(turn)
      hasBeenServed = true
      switch sequel {
      case .nextRequest:
        phase = .head
        if turn.isOver { throw Pause.turn }
      case .end: throw ConnectionClosed()
      case .linger:
        socket.finishSending()
        phase = .lingering
      }
    case .lingering:
      // Closing with unread bytes would reset the connection, and the client would lose the response.
      _ = try stream.piece(limit: .max)
      if MonotonicClock.nanoseconds > deadline { throw ConnectionClosed() }
    }
  }

  /// Ends what waited too long.
  private func expire() throws {
    switch phase {
    case .head where hasHeadBegun: break
    case .request where pause == .lock:
      throw InvalidRequest(.serviceUnavailable, "the registry was locked for \(timeout) s")
    case .request: break
    case .rest(let request, _, let response): return respond(response, to: request, isDrained: false)
    case .head, .response, .lingering: throw ConnectionClosed()
    }
    throw InvalidRequest(.requestTimeout, "no data received for \(timeout) s")
  }

  private func respond(_ response: ServerResponse, to request: ServerRequest, isDrained: Bool) {
    let isClosing = !isDrained || !request.keepsAlive
    log?("\(request.method) \(request.target.rawPath) \(response.status.rawValue) \(response.length)")
    respond(
      response, head: response.head(closing: isClosing, keepingAlive: request.isVersion10 && !isClosing),
      then: !isDrained ? .linger : isClosing ? .end : .nextRequest, isHead: request.method == "HEAD")
  }

  private func respond(_ response: ServerResponse, head: String, then sequel: Sequel, isHead: Bool = false) {
    outgoing = Array(head.utf8)
    sent = 0
    file = nil
    switch response.body {
    case .bytes(let bytes) where !isHead: outgoing += bytes
    case .file(let content, let offset, let count) where !isHead: file = (content, offset, count)
    default: break
    }
    self.sequel = sequel
    phase = .response
    touch()
  }

  private func sendResponse(_ turn: Turn) throws {
    try outgoing.withUnsafeBytes { bytes in
      while sent < bytes.count { sent += try send(UnsafeRawBufferPointer(rebasing: bytes[sent...]), turn) }
    }
    while let (content, offset, rest) = file, rest > 0 {
      if turn.isOver { throw Pause.turn }
      let window = UnsafeMutableRawBufferPointer(
        rebasing: turn.outgoing[..<Int(min(rest, Int64(turn.outgoing.count)))])
      let count = try content.read(at: offset, into: window)
      // Shorter than it was: the connection must end, so that the client does not take a part for the whole.
      guard count > 0 else { throw ConnectionClosed() }
      var start = 0
      while start < count {
        start += try send(UnsafeRawBufferPointer(rebasing: window[start..<count]), turn)
        file = (content, offset + Int64(start), rest - Int64(start))
      }
    }
    (outgoing, sent, file) = ([], 0, nil)
  }

  private func send(_ bytes: UnsafeRawBufferPointer, _ turn: Turn) throws -> Int {
    while true {
      if let count = try socket.send(bytes) {
        touch()
        return count
      }
      guard socket.isReady(for: Int32(POLLOUT), within: turn.grace) else { throw Pause.space }
    }
  }
}
