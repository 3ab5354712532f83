import Foundation
import SematicOCI

/// A client that sends any bytes, right or wrong, and reads answers without any code of the server's.
final class HTTPClient {
  struct Failure: Error { let reason: String }

  struct Response {
    var status: Int
    var headers: [(name: String, value: String)] = []
    var body: [UInt8] = []

    subscript(name: String) -> String? { all(name).first }

    func all(_ name: String) -> [String] {
      headers.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
    }

    var text: String { String(decoding: body, as: UTF8.self) }

    var json: JSONValue? { try? JSONDecoder().decode(JSONValue.self, from: Data(body)) }

    /// The codes of the errors in the body.
    var codes: [String] { json?["errors"]?.array?.compactMap { $0["code"]?.string } ?? [] }
  }

  private let descriptor: CInt
  private var received: [UInt8] = []

  /// - Parameter seconds: how long to wait for each answer.
  init(port: UInt16, seconds: Int = 20) throws {
    #if canImport(Glibc)
      descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
    #else
      descriptor = socket(AF_INET, SOCK_STREAM, 0)
    #endif
    var limit = timeval()
    limit.tv_sec = seconds
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard status == 0 else { throw Failure(reason: "connect: \(String(cString: strerror(errno)))") }
  }

  deinit { close(descriptor) }

  func finishSending() { _ = shutdown(descriptor, CInt(SHUT_WR)) }

  func send(_ text: String) throws { try send(Array(text.utf8)) }

  func send(_ bytes: [UInt8]) throws {
    var start = 0
    while start < bytes.count {
      let count = bytes[start...].withUnsafeBytes { buffer in
        #if canImport(Glibc)
          Glibc.send(descriptor, buffer.baseAddress, buffer.count, CInt(MSG_NOSIGNAL))
        #else
          Darwin.send(descriptor, buffer.baseAddress, buffer.count, 0)
        #endif
      }
      guard count > 0 else { throw Failure(reason: "send: \(String(cString: strerror(errno)))") }
      start += count
    }
  }

  /// Waits for some bytes, and keeps them for `response`.
  /// - Returns: false at the end of the connection.
  @discardableResult
  func receive() throws -> Bool {
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    guard count >= 0 else { throw Failure(reason: "recv: \(String(cString: strerror(errno)))") }
    received += buffer.prefix(count)
    return count > 0
  }

  /// Whether the server ended the connection, and had nothing more to say.
  func isAtEnd() throws -> Bool { try received.isEmpty && !receive() }

  /// The next answer; `toHead` for the answer to a HEAD request, which has no body whatever its length.
  func response(toHead: Bool = false) throws -> Response {
    let end = Array("\r\n\r\n".utf8)
    var head: Range<Int>?
    while head == nil {
      head = Data(received).range(of: Data(end))
      if head == nil, try !receive() { throw Failure(reason: "the connection ended before an answer") }
    }
    guard let head else { throw Failure(reason: "no head") }
    let lines = String(decoding: received[..<head.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
    received.removeFirst(head.upperBound)
    guard let first = lines.first, let status = Int(first.split(separator: " ")[1]) else {
      throw Failure(reason: "no status line")
    }
    var response = Response(status: status)
    for line in lines.dropFirst() {
      guard let colon = line.range(of: ": ") else { throw Failure(reason: "a header without a value: \(line)") }
      response.headers.append((String(line[..<colon.lowerBound]), String(line[colon.upperBound...])))
    }
    if toHead || status < 200 || status == 204 || status == 304 { return response }
    guard let length = response["Content-Length"].flatMap({ Int($0) }) else {
      throw Failure(reason: "the answer has no length")
    }
    while received.count < length {
      guard try receive() else {
        throw Failure(reason: "the answer is cut off at \(received.count) of \(length) bytes")
      }
    }
    response.body = Array(received.prefix(length))
    received.removeFirst(length)
    return response
  }

  func request(
    _ method: String, _ target: String, _ headers: [String] = [], body: [UInt8]? = nil
  ) throws -> Response {
    var lines = ["\(method) \(target) HTTP/1.1", "Host: test"] + headers
    if let body { lines.append("Content-Length: \(body.count)") }
    try send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + (body ?? []))
    return try response(toHead: method == "HEAD")
  }
}
