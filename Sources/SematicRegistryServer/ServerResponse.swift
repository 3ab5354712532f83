import SematicOCI
import SematicSystem

/// The response to a request: status, headers and body.
struct ServerResponse {
  enum Body {
    case none
    case bytes([UInt8])
    /// A part of a file.
    case file(StoredFile, offset: Int64, count: Int64)
  }

  var status: ResponseStatus
  var headers: [(name: String, value: String)]
  var body: Body

  init(_ status: ResponseStatus, _ headers: [(name: String, value: String)] = [], body: Body = .none) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  static func json(_ status: ResponseStatus, _ value: JSONValue, type: String = "application/json") throws
    -> ServerResponse
  {
    ServerResponse(status, [("Content-Type", type)], body: .bytes(Array(try canonicalJSON(value))))
  }

  var length: Int64 {
    switch body {
    case .none: 0
    case .bytes(let bytes): Int64(bytes.count)
    case .file(_, _, let count): count
    }
  }

  func head(closing: Bool, keepingAlive: Bool) -> String {
    var lines = "HTTP/1.1 \(status.rawValue) \(status.phrase)\r\n"
    lines += "Date: \(Self.date())\r\n"
    lines += "Docker-Distribution-Api-Version: registry/2.0\r\nX-Content-Type-Options: nosniff\r\n"
    for (name, value) in headers { lines += "\(name): \(value)\r\n" }
    // https://www.rfc-editor.org/rfc/rfc9110#section-8.6 : never with 204; with 304 it would be the other body's length.
    if status != .noContent && status != .notModified { lines += "Content-Length: \(length)\r\n" }
    if closing { lines += "Connection: close\r\n" }
    if keepingAlive { lines += "Connection: keep-alive\r\n" }
    return lines + "\r\n"
  }

  /// https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7
  private static func date() -> String {
    var seconds = time(nil)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    var text = [CChar](repeating: 0, count: 40)
    let count = strftime(&text, text.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
    return String(decoding: text.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
