/// The reason why no answer, or no whole answer, came.
struct HTTPFailure: Error, Sendable {
  enum Kind: Equatable, Sendable {
    case nameUnknown
    case refused
    /// The server's certificate is not trusted.
    case untrusted
    /// The server's certificate has expired.
    case expired
    /// The server's certificate is for another name.
    case wrongName
    /// The variable does not hold the URL of a proxy.
    case proxyVariable(String)
    case proxyUnknown
    case proxyRefused
    /// The proxy answered with an error status.
    case proxy(Int)
    /// The TLS handshake failed.
    case tls
    case authorityFile
    case clientCertificate
    case stalled(seconds: Double)
    case connectTimeout
    /// The connection broke.
    case broken
    /// The other side does not use HTTP, or not as specified.
    case protocolError
    case tooLong(Int)
    case bodyEnded
    case cancelled
    /// Credentials or content would be shown to others than they are for.
    case unsafe
    case missingLibrary
    case other
  }

  let kind: Kind
  /// What is known besides, often libcurl's words.
  let detail: String

  init(_ kind: Kind, detail: String = "") {
    self.kind = kind
    self.detail = detail
  }

  /// Whether another try may succeed.
  var isTransient: Bool {
    switch kind {
    case .nameUnknown, .proxyUnknown, .proxyRefused, .refused, .stalled, .connectTimeout, .broken: true
    case .proxy(let status): status >= 500
    default: false
    }
  }
}
