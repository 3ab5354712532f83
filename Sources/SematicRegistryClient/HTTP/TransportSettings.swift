import SematicFiles

/// The settings of the transport to one registry.
struct TransportSettings: Sendable {
  /// A file of certificate authorities to trust instead of the system's.
  var authorities: String?
  /// Files of authorities to trust in addition.
  var addedAuthorities: [String] = []
  /// The certificates for one host and port alone.
  var own: (host: HTTPAddress, certificates: Result<CertificateFolder, any Error>)?
  var stallSeconds: Double = 30
  var userAgent = "swift-sematic"

  func ownCertificates(for address: HTTPAddress) throws -> CertificateFolder? {
    try own.flatMap { try $0.host.hasSameOrigin(as: address) ? $0.certificates.get() : nil }
  }

  /// - Throws: `TransportFailure` when a file cannot be read.
  func trust(adding more: [String]) throws -> Curl.Trust {
    let added = addedAuthorities + more
    guard let last = added.last else { return authorities.map { .file($0) } ?? .system }
    do {
      return .bundle(try CertificateBundle.joined(authorities, added), fallback: last)
    } catch let error as FileError {
      throw TransportFailure(.authorityFile, detail: error.description)
    }
  }
}
