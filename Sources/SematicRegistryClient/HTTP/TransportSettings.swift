import SematicFiles
import SematicSystem

/// The settings of the transport to one registry.
struct TransportSettings: Sendable {
  /// A file of certificate authorities to trust instead of the system's.
  var authorities: String?
  /// A folder of more authorities, with names by `openssl rehash`.
  var authoritiesFolder: String?
  /// Files of authorities to trust in addition.
  var addedAuthorities: [String] = []
  /// The certificates for one host and port alone.
  var own: (host: HTTPAddress, certificates: Result<CertificateFolder, any Error>)?
  var proxies = ProxySettings(environment: [:])
  var stallSeconds: Double = 30
  var userAgent = "swift-sematic"

  init(host: String, options: RegistryOptions) {
    func variable(_ name: String) -> String? { options.environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    authorities = variable("SSL_CERT_FILE")
    authoritiesFolder = variable("SSL_CERT_DIR")
    addedAuthorities = options.caFile.map { [$0] } ?? []
    own = HTTPAddress(scheme: .https, authority: RegistryEndpoint.authority(of: host), target: "/").map { address in
      (address, Result { try CertificateFolder(host: host, environment: options.environment) })
    }
    proxies = ProxySettings(environment: options.environment)
    stallSeconds = options.stallSeconds
    userAgent = options.userAgent
  }

  func ownCertificates(for address: HTTPAddress) throws -> CertificateFolder? {
    try own.flatMap { try $0.host.hasSameOrigin(as: address) ? $0.certificates.get() : nil }
  }

  /// - Throws: `HTTPFailure` when a file cannot be used.
  func trust(adding more: [String] = []) throws -> Curl.Trust {
    let added = addedAuthorities + more
    do {
      guard let last = added.last else {
        guard let authorities else { return Curl.Trust(folder: authoritiesFolder) }
        _ = try CertificateBundle.read(authorities)
        return Curl.Trust(file: authorities, folder: authoritiesFolder)
      }
      return Curl.Trust(
        bundle: try CertificateBundle.joined(authorities, added), file: last, folder: authoritiesFolder)
    } catch let error as FileError {
      throw HTTPFailure(.authorityFile, detail: error.description)
    }
  }
}
