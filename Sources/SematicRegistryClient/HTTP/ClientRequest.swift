import SematicSystem

/// An HTTP request that is sent.
struct ClientRequest {
  enum Method: String, Sendable {
    case get = "GET"
    case head = "HEAD"
    case post = "POST"
    case put = "PUT"
    case patch = "PATCH"
    case delete = "DELETE"
  }

  /// The body of a request, read on the thread that performs it.
  enum Body {
    case bytes(Data)
    /// Bytes that are sent only once; `read` returns 0 at the end. Without a size they are sent in chunks:
    /// https://www.rfc-editor.org/rfc/rfc9112#section-7.1
    case stream(size: Int64?, read: (UnsafeMutableRawBufferPointer) throws -> Int)

    /// Nil where it is not known yet.
    var size: Int64? {
      switch self {
      case .bytes(let data): Int64(data.count)
      case .stream(let size, _): size
      }
    }
  }

  var method: Method
  var address: HTTPAddress
  var headers: [(name: String, value: String)] = []
  var body: Body?
  /// Whether even a large body is sent without being asked for.
  var isSentAtOnce = false
  /// Whether the server's certificate is checked.
  var verifiesServer = true
  /// The most milliseconds that it may take as a whole; nil for any.
  var timeLimit: Int?
  /// Called about once a second; true ends the transfer.
  var isCancelled: (() -> Bool)?

  /// Whether the body is, or may be, so large that it is not sent without being asked for.
  var isLarge: Bool { !isSentAtOnce && body.map { $0.size ?? .max > 1 << 20 } ?? false }

  var isStream: Bool {
    if case .stream = body { true } else { false }
  }

  init(_ method: Method, _ address: HTTPAddress) {
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
