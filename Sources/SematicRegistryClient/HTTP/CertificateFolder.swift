import SematicFiles

/// The certificates for one registry, where docker and podman have them.
///
/// https://github.com/containers/image/blob/main/docs/containers-certs.d.5.md and
/// https://docs.docker.com/engine/security/certificates/
struct CertificateFolder: Equatable, Sendable {
  /// The files of authorities to trust in addition: `*.crt`.
  var authorities: [String] = []
  /// The client certificate and its key: `NAME.cert` and `NAME.key`.
  var client: Client?

  struct Client: Equatable, Sendable {
    let certificate: String
    let key: String
  }

  static let systemFolders = ["/etc/containers/certs.d", "/etc/docker/certs.d"]

  /// Reads the first folder that exists.
  /// - Parameters:
  ///   - host: the registry as in a reference, with its port.
  ///   - environment: `HOME` says where the user's own folders are.
  /// - Throws: `CredentialError` where a certificate lacks its key, or a key its certificate.
  init(host: String, environment: [String: String], system: [String] = systemFolders) throws {
    let home = environment["HOME"].flatMap { $0.isEmpty ? nil : $0 }
    let own = home.map { ["\($0)/.config/containers/certs.d", "\($0)/.config/docker/certs.d"] } ?? []
    let places = (own + system).map { "\($0)/\(host)" }
    guard !host.contains("/"), let folder = places.first(where: FileTree.isDirectory) else { return }
    let names = ((try? FileTree.names(in: folder)) ?? []).sorted()
    authorities = names.filter { $0.hasSuffix(".crt") }.map { "\(folder)/\($0)" }
    for name in names {
      let other =
        name.hasSuffix(".cert")
        ? name.dropLast(".cert".count) + ".key" : name.hasSuffix(".key") ? name.dropLast(".key".count) + ".cert" : nil
      guard let other else { continue }
      guard names.contains(String(other)) else {
        throw CredentialError(
          origin: "\(folder)/\(name)", reason: "\(other) is missing",
          hint: "a client certificate consists of two files, NAME.cert and NAME.key")
      }
      if client == nil, name.hasSuffix(".cert") {
        client = Client(certificate: "\(folder)/\(name)", key: "\(folder)/\(other)")
      }
    }
  }
}
