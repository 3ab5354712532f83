/// One request to Sematic's server, or to its storage.
struct ServerRequest: Sendable {
  var method: String
  var address: ServerAddress
  var headers: [(name: String, value: String)] = []
  var body: JSONText?
}

/// The answer to a request.
struct ServerResponse: Sendable {
  var status: Int
  /// By name in lower case.
  var headers: [String: String] = [:]
  var body: [UInt8] = []
}

/// Why there was no answer. Another attempt may succeed.
struct TransportFailure: Error {
  let reason: String
}

/// Status codes: https://www.rfc-editor.org/rfc/rfc9110#name-status-codes
enum StatusCode {
  static let successful = 200..<300
  static let redirection = 300..<400
  static let notModified = 304
  static let useProxy = 305
  static let unauthorized = 401
  static let forbidden = 403
  static let requestTimeout = 408
  static let tooManyRequests = 429
  static let serverError = 500...
}
