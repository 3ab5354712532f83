import SematicSystem

/// An operation on a registry that failed, as facts.
package struct RegistryError: ExplainedError, Hashable, Sendable {
  package enum Reason: Hashable, Sendable {
    /// An answer that says so: see `status`.
    case answered
    /// No answer, or no whole one.
    case nameUnknown(String)
    case refused(String)
    case untrusted(String)
    case tls(String)
    case authorityFile(String)
    case clientCertificate(String)
    case stalled(seconds: Double)
    case broken(String)
    case missingLibrary(String)
    /// An answer that makes no sense.
    case malformed(String)
    /// A request that makes no sense.
    case malformedRequest(String)
    /// Bytes that are not what they should be.
    case corrupt(String)
    /// Something that would show credentials or content to whom they are not for.
    case unsafe(String)
    /// The credential store cannot be read.
    case credentials(String, hint: String?)
  }

  /// As people write it: `ghcr.io`, `localhost:5000`.
  package let registry: String
  package let repository: String
  /// In the infinitive, with a preposition: "read the manifest latest of".
  package let operation: String
  package let reason: Reason
  /// Of HTTP, where there was an answer.
  package var status: Int?
  /// Who gave that answer, where it was not the registry itself: its token service, a storage that it redirects to.
  package var answeredBy: String?
  /// The registry's own words.
  package var diagnostics: [Diagnostic] = []
  /// Where the credential that was sent came from; nil: none was.
  package var credentialOrigin: String?
  /// How many seconds the registry asks to wait.
  package var retryAfter: Double?
  /// Another try may succeed.
  package var isTransient = false

  package var description: String {
    "cannot \(operation) \(registry)/\(repository): \(sentence)" + words
  }

  /// The registry's code and message, in brackets.
  private var words: String {
    let parts =
      (status.map { ["\($0)\(answeredBy.map { " from \($0)" } ?? "")"] } ?? [])
      + diagnostics.map(\.description).filter { !$0.isEmpty }
    return parts.isEmpty ? "" : " (\(parts.joined(separator: ", ")))"
  }

  private var sentence: String {
    switch reason {
    case .answered: answer
    case .nameUnknown(let detail): "its host name is unknown\(colon(detail))"
    case .refused(let detail): "nothing answers there\(colon(detail))"
    case .untrusted(let detail): "its certificate is not trusted\(colon(detail))"
    case .tls(let detail): "it does not speak TLS as it should\(colon(detail))"
    case .authorityFile(let detail): "the files of certificates for it cannot be used\(colon(detail))"
    case .clientCertificate(let detail): "it lets nobody in without the right client certificate\(colon(detail))"
    case .stalled(let seconds): "not a byte came or went for \(seconds.formattedSeconds)"
    case .broken(let detail): "the connection broke\(colon(detail))"
    case .missingLibrary(let detail), .malformedRequest(let detail), .unsafe(let detail), .corrupt(let detail): detail
    case .malformed(let detail): "its answer cannot be understood: \(detail)"
    case .credentials(let detail, _): detail
    }
  }

  private func colon(_ detail: String) -> String { detail.isEmpty ? "" : ": \(detail)" }

  private var answer: String {
    switch status ?? 0 {
    case 300..<400: "the registry sends this elsewhere, which is not followed here"
    case 401:
      credentialOrigin.map { "the registry does not accept the user or password from \($0)" }
        ?? "the registry wants to know who asks, and there is no credential for it"
    case 403:
      credentialOrigin.map { "the user from \($0) is not allowed to do this" }
        ?? "this is not allowed without logging in"
    case 404: "it is not there"
    case 408: "the registry lost patience"
    case 413: "this is larger than the registry, or a proxy before it, accepts"
    case 429:
      "there were too many requests" + (retryAfter.map { ": the registry asks to wait \($0.formattedSeconds)" } ?? "")
    case 507: "the registry has no room left"
    case 500...: "the registry failed"
    default: "the registry refused"
    }
  }

  /// What to do next, where that is known.
  package var hint: String? {
    switch reason {
    case .answered: answerHint
    case .nameUnknown: "check the registry's name, the network and the proxy settings"
    case .refused: "check the host, the port, and that the registry is running"
    case .untrusted:
      "trust its authority by --ca-file, SSL_CERT_FILE or certs.d/\(registry)/ca.crt, or set insecure for this registry to not check at all"
    case .tls: "a registry without TLS on another machine is used only where insecure says so"
    case .authorityFile: "SSL_CERT_FILE, --ca-file and what lies in certs.d/\(registry) are certificates in PEM form"
    case .clientCertificate:
      "put it, and its key, into ~/.config/containers/certs.d/\(registry) as client.cert and client.key"
    case .credentials(_, let hint): hint
    default: nil
    }
  }

  private var answerHint: String? {
    switch status ?? 0 {
    case 401:
      credentialOrigin == nil
        ? "log in: docker login \(registry), or podman login \(registry)" : "log in again: docker login \(registry)"
    case 403: "ask the registry's owner for the right to use \(repository)"
    case 404 where diagnostics.contains { $0.code == "NAME_UNKNOWN" }:
      "check the repository's name; some registries want it to be created first"
    case 404: "check the name, the tag or digest, and that the login may see it"
    case 413: "raise the limit: with nginx, client_max_body_size 0"
    case 507: "make room on the registry's disk"
    case 429: "wait, or log in: registries allow more to those whom they know"
    default: nil
    }
  }
}

extension Double {
  /// Of a number of seconds, for people.
  fileprivate var formattedSeconds: String {
    self == rounded() && magnitude < 1e9 ? "\(Int(self)) s" : "\((self * 10).rounded() / 10) s"
  }
}
