/// The status of a response, by the name in its specification.
///
/// https://www.rfc-editor.org/rfc/rfc9110#section-15
enum ResponseStatus: Int {
  case ok = 200
  case created = 201
  case accepted = 202
  case noContent = 204
  case partialContent = 206
  case notModified = 304
  case badRequest = 400
  case unauthorized = 401
  case forbidden = 403
  case notFound = 404
  case methodNotAllowed = 405
  case requestTimeout = 408
  case conflict = 409
  case contentTooLarge = 413
  case uriTooLong = 414
  case rangeNotSatisfiable = 416
  case expectationFailed = 417
  case requestHeaderFieldsTooLarge = 431
  case internalServerError = 500
  case notImplemented = 501
  case serviceUnavailable = 503
  case httpVersionNotSupported = 505
  case insufficientStorage = 507

  /// The reason phrase: `Not Found`.
  var phrase: String {
    switch self {
    case .ok: "OK"
    case .uriTooLong: "URI Too Long"
    case .httpVersionNotSupported: "HTTP Version Not Supported"
    default:
      "\(self)".reduce(into: "") { text, letter in
        text += text.isEmpty ? letter.uppercased() : letter.isUppercase ? " \(letter)" : "\(letter)"
      }
    }
  }
}
