import CSematic
import SematicSystem

/// One request on its way: the state that libcurl's callbacks work on.
final class Transfer {
  /// Takes the body of a successful answer.
  typealias Sink = (HTTPResponseHead, UnsafeRawBufferPointer) throws -> Void

  static let errorCapacity = 256  // CURL_ERROR_SIZE
  /// In bytes.
  private static let storedPerSecond = 10e6

  private(set) var head = HTTPResponseHead()
  /// The empty line at its end has come.
  private(set) var isHeadWhole = false
  private(set) var collected = Data()
  /// More came than is wanted, and the rest was not waited for.
  private(set) var hasEnough = false
  /// Why a callback ended the transfer.
  private(set) var failure: (any Error)?
  let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Transfer.errorCapacity)

  private let request: HTTPRequest
  private let limit: Int
  private let truncates: Bool
  private let sink: Sink?
  private let stallSeconds: Double
  private var position: Int64 = 0
  private var lastActivity = MonotonicClock.nanoseconds
  private var lastCount: Int64 = 0
  // libcurl hands bodies over in pieces of 16 KiB; what works on them does better with larger ones.
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
  private var buffered = 0

  /// - Parameters:
  ///   - limit: of the bytes that are collected.
  ///   - truncates: more than that is left out, as always in an answer that is an error; otherwise it is an error.
  init(_ request: HTTPRequest, limit: Int, truncates: Bool, sink: Sink?, stallSeconds: Double) {
    self.request = request
    self.limit = limit
    self.truncates = truncates
    self.sink = sink
    self.stallSeconds = stallSeconds
    errorText.initialize(repeating: 0, count: Self.errorCapacity)
  }

  deinit {
    errorText.deallocate()
    buffer.deallocate()
  }

  private var isSuccess: Bool { (200..<300).contains(head.status) }

  func receiveHeader(_ bytes: UnsafeRawBufferPointer) -> Int {
    let line = String(decoding: bytes, as: UTF8.self).trimmed
    if line.hasPrefix("HTTP/") {
      // Another one follows an interim answer (100) and a proxy's answer to CONNECT.
      let status = line.split(separator: " ", maxSplits: 2).dropFirst().first.flatMap { Int($0) } ?? 0
      head = HTTPResponseHead(status: status)
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

  /// Hands on what is left, at the end of the transfer.
  func flush() throws {
    guard buffered > 0 else { return }
    let count = buffered
    buffered = 0
    try sink?(head, UnsafeRawBufferPointer(rebasing: buffer[..<count]))
  }

  private func collect(_ bytes: UnsafeRawBufferPointer) -> Int {
    let room = limit - collected.count
    if bytes.count > room {
      // The beginning of an error page is enough; it could go on for ever.
      hasEnough = truncates || !isSuccess
      if !hasEnough { failure = TransportFailure(.tooLong(limit)) }
      collected.append(contentsOf: bytes.prefix(max(0, room)))
      return 0
    }
    collected.append(contentsOf: bytes)
    return bytes.count
  }

  func send(into room: UnsafeMutableRawBufferPointer) -> Int {
    do {
      switch request.body {
      case nil: return 0
      case .bytes(let data):
        let count = min(room.count, data.count - Int(position))
        guard count > 0 else { return 0 }
        data.copyBytes(to: room, from: data.startIndex + Int(position)..<data.startIndex + Int(position) + count)
        position += Int64(count)
        return count
      case .stream(let size, let read, _):
        let count = Int(min(Int64(room.count), size - position))
        guard count > 0 else { return 0 }
        let given = try read(UnsafeMutableRawBufferPointer(rebasing: room[..<count]))
        guard given > 0 else { throw TransportFailure(.bodyEnded) }
        position += Int64(given)
        // The wait was for the one who gives the bytes, not for the server.
        lastActivity = MonotonicClock.nanoseconds
        return given
      }
    } catch {
      failure = error
      return CL_CURL_READ_ABORT
    }
  }

  /// 0: done, 2: there is no way back.
  func rewind() -> CInt {
    do {
      if case .stream(_, _, let rewind) = request.body {
        guard let rewind else { return 2 }
        try rewind()
      }
      position = 0
      return 0
    } catch {
      failure = error
      return 1
    }
  }

  /// Not 0 ends the transfer.
  func check(_ transferred: Int64, uploaded: Int64) -> CInt {
    if request.isCancelled?() == true {
      failure = TransportFailure(.cancelled)
      return 1
    }
    let now = MonotonicClock.nanoseconds
    if transferred != lastCount {
      lastCount = transferred
      lastActivity = now
      return 0
    }
    // A registry that has all of a large blob stores it before it answers: it gets the time of a slow disk for that.
    var allowed = stallSeconds
    if case .stream(let size, _, _) = request.body, uploaded >= size { allowed += Double(size) / Self.storedPerSecond }
    guard now >= lastActivity, Double(now - lastActivity) / 1e9 >= allowed else { return 0 }
    failure = TransportFailure(.stalled(seconds: allowed))
    return 1
  }
}
