import SematicSystem

/// The answer to an HTTP request.
struct ClientResponse: Sendable {
  var head: ResponseHead
  /// Empty where it was handed to a sink.
  var body: Data
  /// The address that answered, after redirects.
  var address: HTTPAddress
  /// Whether another host than the one that was asked gave the answer.
  var isElsewhere = false

  var status: Int { head.status }
  var headers: ResponseFields { head.headers }
}

/// The status and header fields of an answer.
struct ResponseHead: Sendable {
  var status = 0
  var headers = ResponseFields()
}
