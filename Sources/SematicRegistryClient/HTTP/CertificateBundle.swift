import SematicFiles

/// The files of trusted certificate authorities.
enum CertificateBundle {
  // Debian and Ubuntu; Fedora and RHEL; openSUSE; Alpine and macOS.
  private static let places = [
    "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
  ]

  /// The system's authorities, or those of `authorities`, together with those of the files `added`.
  /// - Throws: `FileError` when a file cannot be read.
  static func joined(_ authorities: String?, _ added: [String]) throws -> [UInt8] {
    let base = try authorities.map { try FileTree.read($0) } ?? places.lazy.compactMap { try? FileTree.read($0) }.first
    return try added.reduce(base ?? []) { try $0 + [UInt8(ascii: "\n")] + FileTree.read($1) }
  }
}
