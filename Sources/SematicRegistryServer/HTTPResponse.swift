import SematicFiles
import SematicOCI
import SematicSystem

/// An answer: the status, what is said of the body, and the body.
struct HTTPResponse {
  enum Body {
    case none
    case bytes([UInt8])
    /// A part of a file.
    case file(InputFile, offset: Int64, count: Int64)
  }

  var status: Int
  var headers: [(name: String, value: String)]
  var body: Body

  init(_ status: Int, _ headers: [(name: String, value: String)] = [], body: Body = .none) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  static func json(_ status: Int, _ value: JSONValue, type: String = "application/json") throws -> HTTPResponse {
    HTTPResponse(status, [("Content-Type", type)], body: .bytes(Array(try canonicalJSON(value))))
  }

  var length: Int64 {
    switch body {
    case .none: 0
    case .bytes(let bytes): Int64(bytes.count)
    case .file(_, _, let count): count
    }
  }

  func head(closing: Bool, keepingAlive: Bool) -> String {
    var lines = "HTTP/1.1 \(status) \(Self.reasons[status] ?? "Status")\r\n"
    lines += "Date: \(Self.date())\r\n"
    lines += "Docker-Distribution-Api-Version: registry/2.0\r\nX-Content-Type-Options: nosniff\r\n"
    for (name, value) in headers { lines += "\(name): \(value)\r\n" }
    // https://www.rfc-editor.org/rfc/rfc9110#section-8.6 : never with 204; with 304 it would speak of the other body.
    if status != 204 && status != 304 { lines += "Content-Length: \(length)\r\n" }
    if closing { lines += "Connection: close\r\n" }
    if keepingAlive { lines += "Connection: keep-alive\r\n" }
    return lines + "\r\n"
  }

  private static func date() -> String {
    var seconds = time(nil)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    var text = [CChar](repeating: 0, count: 40)
    let count = strftime(&text, text.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
    return String(decoding: text.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static let reasons = [
    200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 206: "Partial Content", 304: "Not Modified",
    400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
    408: "Request Timeout", 409: "Conflict", 413: "Content Too Large", 414: "URI Too Long",
    416: "Range Not Satisfiable",
    417: "Expectation Failed", 431: "Request Header Fields Too Large", 500: "Internal Server Error",
    501: "Not Implemented", 505: "HTTP Version Not Supported", 507: "Insufficient Storage",
  ]
}
