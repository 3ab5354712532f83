import SematicSystem

/// One request under way: the state that libcurl's callbacks work on.
final class Transfer {
  /// Receives the body of a successful answer.
  typealias Sink = (ResponseHead, UnsafeRawBufferPointer) throws -> Void

  /// How fast a slow registry stores a blob, in bytes.
  private static let storedPerSecond = 10e6

  private(set) var head = ResponseHead()
  /// Whether the empty line at its end has come.
  private(set) var isHeadWhole = false
  private(set) var collected = Data()
  private var headerLines = 0
  private var headerBytes = 0
  private var wasContinued = false
  /// Whether more came than is wanted, and the rest was not waited for.
  private var hasEnough = false
  /// The error with which a callback ended the transfer.
  private(set) var failure: (any Error)?

  private let request: ClientRequest
  private let limit: Int
  private let truncates: Bool
  private let sink: Sink?
  private let stallSeconds: Double
  private var position: Int64 = 0
  /// Whether all of a body whose size was not known has been read.
  private var isBodyRead = false
  private var lastActivity = MonotonicClock.nanoseconds
  private var lastCount: Int64 = 0
  // libcurl delivers bodies in pieces of 16 KiB; larger ones are processed faster.
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
  private var buffered = 0

  /// - Parameters:
  ///   - limit: the most bytes that are collected.
  ///   - truncates: leaves out the rest of a longer body, as always in answers with an error status; else it is an error.
  init(_ request: ClientRequest, limit: Int, truncates: Bool, sink: Sink?, stallSeconds: Double) {
    self.request = request
    self.limit = limit
    self.truncates = truncates
    self.sink = sink
    self.stallSeconds = stallSeconds
  }

  deinit { buffer.deallocate() }

  /// Whether enough came, even where libcurl reports an error.
  var isComplete: Bool { hasEnough || truncates && isHeadWhole }

  /// Whether a large body had to be sent without an answer to `Expect: 100-continue`.
  var wasExpectationIgnored: Bool { !wasContinued && position > 0 && isSuccess && request.isLarge }

  private var isSuccess: Bool { (200..<300).contains(head.status) }

  func receiveHeader(_ bytes: UnsafeRawBufferPointer) -> Int {
    headerLines += 1
    headerBytes += bytes.count
    // A server could send interim answers, or header fields, for ever.
    guard headerLines <= 1_000, headerBytes <= 1 << 20 else {
      failure = HTTPFailure(.protocolError, detail: "the header of the response has no end")
      return 0
    }
    let line = String(decoding: bytes, as: UTF8.self).trimmed
    if line.hasPrefix("HTTP/") {
      // Another one follows an interim answer (1xx).
      let status = line.split(separator: " ", maxSplits: 2).dropFirst().first.flatMap { Int($0) } ?? 0
      if status == 100 { wasContinued = true }
      head = ResponseHead(status: status)
      isHeadWhole = false
    } else if line.isEmpty {
      isHeadWhole = true
    } else {
      head.headers.append(line: Substring(line))
    }
    return bytes.count
  }

  func receive(_ bytes: UnsafeRawBufferPointer) -> Int {
    guard isSuccess, sink != nil else { return collect(bytes) }
    do {
      if buffered + bytes.count > buffer.count { try flush() }
      guard let source = bytes.baseAddress, let start = buffer.baseAddress else { return 0 }
      if bytes.count > buffer.count {
        try sink?(head, bytes)
      } else {
        memcpy(start + buffered, source, bytes.count)
        buffered += bytes.count
      }
      return bytes.count
    } catch {
      failure = error
      return 0
    }
  }

  /// Hands on what is buffered, at the end of the transfer.
  func flush() throws {
    guard buffered > 0 else { return }
    let count = buffered
    buffered = 0
    try sink?(head, UnsafeRawBufferPointer(rebasing: buffer[..<count]))
  }

  private func collect(_ bytes: UnsafeRawBufferPointer) -> Int {
    let room = limit - collected.count
    if bytes.count > room {
      // The beginning of an error page is enough; it could be endless.
      hasEnough = truncates || !isSuccess
      if !hasEnough { failure = HTTPFailure(.tooLong(limit)) }
      collected.append(contentsOf: bytes.prefix(max(0, room)))
      return 0
    }
    collected.append(contentsOf: bytes)
    return bytes.count
  }

  /// Nil ends the transfer.
  func send(into room: UnsafeMutableRawBufferPointer) -> Int? {
    do {
      switch request.body {
      case nil: return 0
      case .bytes(let data):
        let count = min(room.count, data.count - Int(position))
        guard count > 0 else { return 0 }
        data.copyBytes(to: room, from: data.startIndex + Int(position)..<data.startIndex + Int(position) + count)
        position += Int64(count)
        return count
      case .stream(let size, let read):
        let count = Int(min(Int64(room.count), (size ?? .max) - position))
        guard count > 0 else { return 0 }
        let given = try read(UnsafeMutableRawBufferPointer(rebasing: room[..<count]))
        guard given > 0 || size == nil else { throw HTTPFailure(.bodyEnded) }
        isBodyRead = given == 0
        position += Int64(given)
        // The time was spent on reading the bytes, not on the server.
        lastActivity = MonotonicClock.nanoseconds
        return given
      }
    } catch {
      failure = error
      return nil
    }
  }

  /// Goes back to the beginning of the body; false where that is not possible.
  ///
  /// libcurl sends a request again when a connection that it reuses breaks before any answer. The registry may have the
  /// bytes of an upload by then: it must be asked first.
  func rewind() -> Bool {
    guard position == 0 || !request.isStream else { return false }
    position = 0
    return true
  }

  /// False ends the transfer.
  func mayContinue(_ transferred: Int64, uploaded: Int64) -> Bool {
    if request.isCancelled?() == true {
      failure = HTTPFailure(.cancelled)
      return false
    }
    let now = MonotonicClock.nanoseconds
    if transferred != lastCount {
      lastCount = transferred
      lastActivity = now
      return true
    }
    // A registry stores a large blob before it answers: it gets the time of a slow disk for that.
    var allowed = stallSeconds
    if case .stream(let known, _) = request.body, let size = known ?? (isBodyRead ? position : nil), uploaded >= size {
      allowed += Double(size) / Self.storedPerSecond
    }
    guard now >= lastActivity, Double(now - lastActivity) / 1e9 >= allowed else { return true }
    failure = HTTPFailure(.stalled(seconds: allowed))
    return false
  }
}
