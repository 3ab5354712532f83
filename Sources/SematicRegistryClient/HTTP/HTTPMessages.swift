import Foundation

/// What is sent.
struct HTTPRequest {
  enum Method: String, Sendable {
    case get = "GET"
    case head = "HEAD"
    case post = "POST"
    case put = "PUT"
    case patch = "PATCH"
    case delete = "DELETE"
  }

  /// The bytes of a request, read on the thread that performs it.
  enum Body {
    case bytes(Data)
    /// `read` fills as much of the buffer as there is, 0 at the end; `rewind` is nil where there is no way back.
    case stream(size: Int64, read: (UnsafeMutableRawBufferPointer) throws -> Int, rewind: (() throws -> Void)?)
  }

  var method: Method
  var address: WebAddress
  var headers: [(name: String, value: String)] = []
  var body: Body?
  /// False turns the check of the server's certificate off, for this request.
  var verifiesServer = true
  /// Asked about once a second; true ends the transfer.
  var isCancelled: (() -> Bool)?

  var isStream: Bool {
    if case .stream = body { true } else { false }
  }

  init(_ method: Method, _ address: WebAddress) {
    self.method = method
    self.address = address
  }

  var authorization: String? {
    get { headers.first { $0.name == "Authorization" }?.value }
    set {
      headers.removeAll { $0.name == "Authorization" }
      if let newValue { headers.append(("Authorization", newValue)) }
    }
  }
}

/// What came back.
struct HTTPResponse: Sendable {
  var head: HTTPResponseHead
  /// Empty where it was handed to a sink.
  var body: Data
  /// Where the answer came from, after redirects.
  var address: WebAddress
  /// Another host than the one that was asked.
  var isElsewhere = false

  var status: Int { head.status }
  var headers: HTTPHeaders { head.headers }
}

struct HTTPResponseHead: Sendable {
  var status = 0
  var headers = HTTPHeaders()
}

/// Header fields: names in any case, several of the same name in their order.
struct HTTPHeaders: Sendable {
  // More than any registry sends; a server must not be able to fill the memory.
  private static let limit = 256 << 10
  private var fields: [(name: String, value: String)] = []
  private var size = 0

  /// Takes a line `Name: value`; what is none is left out.
  mutating func append(line: Substring) {
    size += line.utf8.count
    guard size <= Self.limit, let colon = line.firstIndex(of: ":") else { return }
    let name = line[..<colon].lowercased()
    let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
    fields.append((name, value))
  }

  subscript(name: String) -> String? { fields.first { $0.name == name.lowercased() }?.value }

  func all(_ name: String) -> [String] { fields.filter { $0.name == name.lowercased() }.map(\.value) }

  /// Nil where it is missing or no number.
  var contentLength: Int64? { self["content-length"].flatMap { Int64($0) } }

  /// How many seconds the server asks to wait: https://www.rfc-editor.org/rfc/rfc9110#name-retry-after
  var retryAfter: Double? {
    guard let text = self["retry-after"] else { return nil }
    if let seconds = Double(text), seconds.isFinite { return max(0, seconds) }
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.timeZone = TimeZone(secondsFromGMT: 0)
    formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
    return formatter.date(from: text).map { max(0, $0.timeIntervalSinceNow) }
  }
}
