/// Performs requests and follows redirects: https://www.rfc-editor.org/rfc/rfc9110#name-redirection-3xx
///
/// 307 and 308 are followed for every method, the others only where a request reads. Credentials never go to another host.
struct Redirects {
  let transport: RegistryTransport
  /// The registry's own address, where it may be insecure.
  var insecureBase: HTTPAddress?
  let log: (String) -> Void

  /// A redirect of a request whose body is a stream, and has to be read again.
  struct Redirected: Error {
    let address: HTTPAddress
  }

  static let limit = 5

  func perform(
    _ request: ClientRequest, limit: Int, truncates: Bool = false, sink: Transfer.Sink? = nil
  ) throws -> ClientResponse {
    var request = request
    let first = request.address
    for _ in 0...Self.limit {
      var response: ClientResponse
      do {
        response = try transport.perform(request, limit: limit, truncates: truncates, sink: sink)
        response.isElsewhere = !request.address.hasSameOrigin(as: first)
      } catch let failure as HTTPFailure {
        log("\(request.method.rawValue) \(request.address.shown): \(failure.kind) \(failure.detail)")
        throw failure
      }
      log("\(request.method.rawValue) \(request.address.shown): \(response.status)")
      let followed: Set =
        request.method == .get || request.method == .head ? [301, 302, 303, 307, 308] : [307, 308]
      guard followed.contains(response.status), let location = response.headers["Location"]
      else { return response }
      guard let next = request.address.resolving(location) else {
        throw HTTPFailure(.protocolError, detail: "a redirect to something that is not an http address")
      }
      guard Self.isAllowed(from: request.address, to: next, insecureBase: insecureBase) else {
        throw HTTPFailure(.unsafe, detail: "it redirects to \(next.shown), which does not use https")
      }
      if request.isStream { throw Redirected(address: next) }
      if !next.hasSameOrigin(as: request.address) { request.authorization = nil }
      request.address = next
      request.verifiesServer = !(insecureBase.map { next.hasSameOrigin(as: $0) } ?? false)
    }
    throw HTTPFailure(.protocolError, detail: "too many redirects")
  }

  /// From https never to http; from http to http on loopback addresses, or for a registry that may be without TLS.
  static func isAllowed(from: HTTPAddress, to: HTTPAddress, insecureBase: HTTPAddress?) -> Bool {
    if to.scheme == .https { return true }
    guard from.scheme == .http else { return false }
    return to.isLoopback || insecureBase != nil
  }
}
