import Foundation

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// An HTTP server on loopback that does what a test tells it, mistakes included.
package final class ScriptedServer: @unchecked Sendable {  // what changes is guarded by the lock
  package struct Request: Sendable {
    package var method = ""
    package var target = ""
    /// By name in lower case.
    package var headers: [String: String] = [:]
    package var body: [UInt8] = []
    /// How often the same method and path came before.
    package var earlier = 0

    package var path: String { String(target.prefix { $0 != "?" }) }
  }

  package enum Answer: Sendable {
    case status(Int, [String: String] = [:], [UInt8] = [])
    /// The beginning of an answer that promises `length` bytes, and then the end of the connection.
    case cut(Int, [UInt8], length: Int)
    /// As `cut`, but the connection stays.
    case stalled(Int, [UInt8], length: Int)
    /// Bytes as they are, and then the end of the connection.
    case raw(String)
    case nothing

    package static func bytes(_ status: Int, _ body: [UInt8], _ headers: [String: String] = [:]) -> Answer {
      .status(status, headers, body)
    }

    package static func text(_ status: Int, _ text: String, _ headers: [String: String] = [:]) -> Answer {
      .status(status, headers, Array(text.utf8))
    }
  }

  private let socket: ListeningSocket
  private let readsBodies: Bool
  private let answersExpect: Bool
  private let script: @Sendable (Request) -> Answer
  private let lock = NSLock()
  private var received: [Request] = []
  private var connections: Set<CInt> = []
  private var isStopped = false

  /// - Parameters:
  ///   - readsBodies: false to answer after the header of a request, as a proxy does that refuses it.
  ///   - answersExpect: false to ignore `Expect: 100-continue`.
  package init(readsBodies: Bool = true, answersExpect: Bool = true, _ script: @escaping @Sendable (Request) -> Answer)
    throws
  {
    socket = try ListeningSocket()
    self.readsBodies = readsBodies
    self.answersExpect = answersExpect
    self.script = script
    Thread.detachNewThread { [weak self, socket] in
      while let connection = socket.accept() {
        guard let self, self.insert(connection) else {
          close(connection)
          continue
        }
        Thread.detachNewThread { [weak self] in
          while let self, let request = self.read(connection), self.answer(request, connection) {}
          self?.remove(connection)
          close(connection)
        }
      }
    }
  }

  deinit { stop() }

  package var port: UInt16 { socket.port }
  package var address: String { "127.0.0.1:\(port)" }

  /// In the order in which they came.
  package var requests: [Request] { lock.withLock { received } }

  /// `METHOD path` of each.
  package var lines: [String] { requests.map { "\($0.method) \($0.path)" } }

  package func stop() {
    let open = lock.withLock {
      defer { isStopped = true }
      return isStopped ? nil : connections
    }
    guard let open else { return }
    for connection in open { shutdown(connection, CInt(SHUT_RDWR)) }
    socket.close()
  }

  private func insert(_ connection: CInt) -> Bool {
    lock.withLock { isStopped ? false : connections.insert(connection).inserted }
  }

  private func remove(_ connection: CInt) { lock.withLock { _ = connections.remove(connection) } }

  private func read(_ connection: CInt) -> Request? {
    var bytes: [UInt8] = []
    while !bytes.suffix(4).elementsEqual("\r\n\r\n".utf8) {
      // One at a time: what follows the header is another matter.
      guard let byte = receive(connection, 1)?.first else { return nil }
      bytes.append(byte)
    }
    var lines = String(decoding: bytes, as: UTF8.self).components(separatedBy: "\r\n").filter { !$0.isEmpty }
    var request = Request()
    let first = lines.removeFirst().split(separator: " ")
    guard first.count == 3 else { return nil }
    request.method = String(first[0])
    request.target = String(first[1])
    for line in lines {
      guard let colon = line.firstIndex(of: ":") else { continue }
      request.headers[line[..<colon].lowercased()] =
        line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
    }
    if readsBodies, let length = request.headers["content-length"].flatMap({ Int($0) }), length > 0 {
      if answersExpect, request.headers["expect"] != nil {
        send(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8), connection)
      }
      while request.body.count < length {
        guard let part = receive(connection, min(1 << 16, length - request.body.count)) else { return nil }
        request.body += part
      }
    }
    if readsBodies, request.headers["transfer-encoding"] == "chunked" {
      if request.headers["expect"] != nil { send(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8), connection) }
      guard let body = readChunks(connection) else { return nil }
      request.body = body
    }
    return lock.withLock {
      request.earlier = received.count { $0.method == request.method && $0.path == request.path }
      received.append(request)
      return request
    }
  }

  private func readChunks(_ connection: CInt) -> [UInt8]? {
    var body: [UInt8] = []
    while true {
      var line: [UInt8] = []
      while !line.suffix(2).elementsEqual("\r\n".utf8) {
        guard let byte = receive(connection, 1)?.first else { return nil }
        line.append(byte)
      }
      guard let size = Int(String(decoding: line.dropLast(2), as: UTF8.self), radix: 16) else { return nil }
      // With the end of its line.
      let end = body.count + size + 2
      while body.count < end {
        guard let part = receive(connection, end - body.count) else { return nil }
        body += part
      }
      body.removeLast(2)
      if size == 0 { return body }
    }
  }

  /// False where the connection ends.
  private func answer(_ request: Request, _ connection: CInt) -> Bool {
    switch script(request) {
    case .status(let status, let headers, let body):
      let isHead = request.method == "HEAD"
      let length = headers["Content-Length"].flatMap { Int($0) } ?? body.count
      send(head(status, headers, length) + (isHead ? [] : body), connection)
      return readsBodies
    case .cut(let status, let body, let length):
      send(head(status, [:], length) + body, connection)
      return false
    case .stalled(let status, let body, let length):
      send(head(status, [:], length) + body, connection)
      while receive(connection, 1) != nil {}
      return false
    case .raw(let text):
      send(Array(text.utf8), connection)
      return false
    case .nothing:
      while receive(connection, 1) != nil {}
      return false
    }
  }

  private func head(_ status: Int, _ headers: [String: String], _ length: Int) -> [UInt8] {
    var lines = ["HTTP/1.1 \(status) Scripted", "Content-Length: \(length)"]
    lines += headers.filter { $0.key != "Content-Length" }.map { "\($0.key): \($0.value)" }
    return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
  }

  private func receive(_ connection: CInt, _ count: Int) -> [UInt8]? {
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      filled = max(0, recv(connection, buffer.baseAddress, count, 0))
    }
    return bytes.isEmpty ? nil : bytes
  }

  private func send(_ bytes: [UInt8], _ connection: CInt) {
    bytes.withUnsafeBytes { buffer in
      var sent = 0
      while sent < buffer.count {
        let count = sendPart(connection, UnsafeRawBufferPointer(rebasing: buffer[sent...]))
        if count <= 0 { return }
        sent += count
      }
    }
  }

  private func sendPart(_ connection: CInt, _ bytes: UnsafeRawBufferPointer) -> Int {
    #if canImport(Darwin)
      Darwin.send(connection, bytes.baseAddress, bytes.count, 0)
    #elseif canImport(Glibc)
      Glibc.send(connection, bytes.baseAddress, bytes.count, CInt(MSG_NOSIGNAL))
    #elseif canImport(Musl)
      Musl.send(connection, bytes.baseAddress, bytes.count, CInt(MSG_NOSIGNAL))
    #endif
  }
}
