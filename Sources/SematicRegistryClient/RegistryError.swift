import SematicSystem

/// A failed operation on a registry, as facts.
package struct RegistryError: ExplainedError, Equatable, Sendable {
  package enum Reason: Equatable, Sendable {
    /// An answer with an error: see `status`.
    case answered
    // No answer, or an incomplete one.
    case nameUnknown(String)
    case refused(String)
    case untrusted(String)
    case expired(String)
    case wrongName(String)
    /// The environment variable does not hold the URL of a proxy.
    case proxyVariable(String)
    case proxyUnknown(String)
    case proxyRefused(String)
    /// The proxy answered with an error status.
    case proxy(status: Int)
    case tls(String)
    case authorityFile(String)
    case clientCertificate(String)
    case stalled(seconds: Double)
    case broken(String)
    case missingLibrary(String)
    /// An invalid response.
    case malformed(String)
    /// An invalid request.
    case malformedRequest(String)
    /// Bytes that do not have the expected size or digest.
    case corrupt(String)
    /// Something that would show credentials or content to the wrong host.
    case unsafe(String)
    /// The credential store cannot be read.
    case credentials(String, hint: String?)
  }

  /// The host as people write it: `ghcr.io`, `localhost:5000`.
  package let registry: String
  package let repository: String
  /// The operation, such as "read the manifest latest of".
  package let operation: String
  package let reason: Reason
  /// The HTTP status, where there was an answer.
  package var status: Int?
  /// The host that answered, where it was not the registry itself.
  package var answeredBy: String?
  /// The errors that the registry reported.
  package var diagnostics: [Diagnostic] = []
  /// The file or program that the credential came from; nil: none was sent.
  package var credentialOrigin: String?
  /// The authentication methods that the registry offers with 401, in lower case.
  package var offeredMethods: [String]?
  /// The seconds that the registry asks to wait.
  package var retryAfter: Double?
  /// Whether another try may succeed.
  package var isTransient = false

  package var description: String {
    "cannot \(operation) \(registry)/\(repository): \(sentence)" + words
  }

  /// The status, and the errors that the registry reported, in parentheses.
  private var words: String {
    let parts =
      (status.map { ["\($0)\(answeredBy.map { " from \($0)" } ?? "")"] } ?? [])
      + diagnostics.map(\.description).filter { !$0.isEmpty }
    return parts.isEmpty ? "" : " (\(parts.joined(separator: ", ")))"
  }

  private var sentence: String {
    switch reason {
    case .answered: answer
    case .nameUnknown(let detail): "its host name cannot be resolved\(colon(detail))"
    case .refused(let detail): "cannot connect to it\(colon(detail))"
    case .untrusted(let detail): "its certificate is not trusted\(colon(detail))"
    case .expired(let detail): "its certificate has expired\(colon(detail))"
    case .wrongName(let detail): "its certificate is for another host name\(colon(detail))"
    case .proxyVariable(let name): "the value of \(name) is not the URL of a proxy"
    case .proxyUnknown(let detail): "the host name of the proxy cannot be resolved\(colon(detail))"
    case .proxyRefused(let detail): "cannot connect to the proxy\(colon(detail))"
    case .proxy(status: 407): "the proxy requires authentication, or rejected the user or password (407)"
    case .proxy(let status): "the proxy refused the connection (\(status))"
    case .tls(let detail): "the TLS handshake failed\(colon(detail))"
    case .authorityFile(let detail): "the certificate files for it cannot be used\(colon(detail))"
    case .clientCertificate(let detail): "it requires a client certificate\(colon(detail))"
    case .stalled(let seconds): "no data transferred for \(seconds.formattedSeconds)"
    case .broken(let detail): "the connection broke\(colon(detail))"
    case .missingLibrary(let detail), .malformedRequest(let detail), .unsafe(let detail), .corrupt(let detail): detail
    case .malformed(let detail): "invalid response: \(detail)"
    case .credentials(let detail, _): detail
    }
  }

  private var methods: String { Diagnostic.trimmed((offeredMethods ?? []).joined(separator: ", "), limit: 100) }

  private var isMethodKnown: Bool { offeredMethods?.contains { ["basic", "bearer"].contains($0) } ?? true }

  private func colon(_ detail: String) -> String { detail.isEmpty ? "" : ": \(detail)" }

  private var answer: String {
    switch status ?? 0 {
    case 300..<400: "the registry redirects this request, and such redirects are not followed"
    case 401 where offeredMethods?.isEmpty == true:
      "the registry requires authentication, but its response names no method (it lacks WWW-Authenticate)"
    case 401 where !isMethodKnown:
      "the registry requires authentication by \(methods), which is not supported"
    case 401:
      credentialOrigin.map { "the registry rejected the credentials from \($0)" }
        ?? "the registry requires authentication, and no credentials were found for it"
    case 403:
      credentialOrigin.map { "the user from \($0) is not permitted to do this" }
        ?? "this is not permitted without logging in"
    case 404: "not found"
    case 408: "the registry timed out"
    case 413: "this is larger than the registry, or a proxy in front of it, accepts"
    case 429:
      "too many requests" + (retryAfter.map { ": the registry asks to wait \($0.formattedSeconds)" } ?? "")
    case 507: "the registry has no space left"
    case 500...: "the registry failed"
    default: "the registry rejected the request"
    }
  }

  package var hint: String? {
    switch reason {
    case .answered: answerHint
    case .nameUnknown: "check the registry's name, the network and the proxy settings"
    case .refused: "check the host, the port, and that the registry is running"
    case .untrusted:
      "trust its certificate authority with --ca-file, SSL_CERT_FILE or certs.d/\(registry)/ca.crt, or set insecure for this registry to skip the check"
    case .expired: "renew the registry's certificate, and check this machine's clock"
    case .wrongName: "use the host name that the certificate is for, or give the registry a certificate for \(registry)"
    case .proxyVariable(let name):
      "set \(name) to http://[user:password@]host:port, with special characters in user and password percent-encoded: '@' as %40, '#' as %23, '/' as %2F"
    case .proxyUnknown, .proxyRefused: "check the variables https_proxy, http_proxy, all_proxy and no_proxy"
    case .proxy(status: 407): "put user and password into the proxy variable: http://user:password@host:port"
    case .proxy: "ask whether the proxy may connect to \(registry), or add it to NO_PROXY"
    case .tls: "set insecure for this registry if it has no TLS"
    case .authorityFile:
      "SSL_CERT_FILE, --ca-file and the files in certs.d/\(registry) must be readable certificates in PEM format"
    case .clientCertificate:
      "put the certificate and its key into ~/.config/containers/certs.d/\(registry) as client.cert and client.key"
    case .credentials(_, let hint): hint
    default: nil
    }
  }

  /// Whether the registry says that a tag cannot be changed. There is no code for it: ECR has TAG_INVALID ("the repository is
  /// immutable"), Harbor PRECONDITION ("configured as immutable"), Artifact Registry "tag immutability".
  private var isAboutImmutableTag: Bool {
    (400..<500).contains(status ?? 0)
      && diagnostics.contains { "\($0)".lowercased().contains("immutab") }
  }

  private var answerHint: String? {
    switch status ?? 0 {
    case _ where isAboutImmutableTag:
      "the registry lets no tag be changed: use `--no-default-tag` (`default_tag: false` in sematic.yaml) with a `--tag` that "
        + "is new each time, or without any: the image is known by its digest then"
    case 401 where !isMethodKnown:
      "check that \(registry) is a container registry, and what is in front of it"
    case 401:
      credentialOrigin == nil
        ? "log in: docker login \(registry), or podman login \(registry)" : "log in again: docker login \(registry)"
    case 403 where credentialOrigin == nil: "log in: docker login \(registry), or podman login \(registry)"
    case 403: "ask the registry's owner for access to \(repository)"
    case 404 where diagnostics.contains { $0.code == "NAME_UNKNOWN" }:
      "check the repository's name; in some registries it must be created first"
    case 404: "check the name, the tag or digest, and that your account has access"
    case 413: "raise the limit: with nginx, client_max_body_size 0"
    case 507: "free space on the registry's disk"
    case 429: "wait, or log in: authenticated users have higher rate limits"
    default: nil
    }
  }
}

extension Double {
  /// A number of seconds, for people.
  fileprivate var formattedSeconds: String {
    self == rounded() && magnitude < 1e9 ? "\(Int(self)) s" : "\((self * 10).rounded() / 10) s"
  }
}
