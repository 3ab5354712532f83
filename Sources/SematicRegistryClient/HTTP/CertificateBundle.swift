import SematicFiles

/// The files of trusted certificate authorities.
enum CertificateBundle {
  // Debian and Ubuntu; Fedora and RHEL; openSUSE; Alpine and macOS.
  private static let places = [
    "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
  ]

  /// The authorities of the system or of a file, and those of more files.
  /// - Throws: `FileError` when a file cannot be read or holds no certificate.
  static func joined(_ authorities: String?, _ added: [String]) throws -> [UInt8] {
    let base = try authorities.map { try read($0) } ?? places.lazy.compactMap { try? FileTree.read($0) }.first
    return try added.reduce(base ?? []) { try $0 + [UInt8(ascii: "\n")] + read($1) }
  }

  /// A file of certificates in PEM format: https://www.rfc-editor.org/rfc/rfc7468
  static func read(_ path: String) throws -> [UInt8] {
    let bytes = try FileTree.read(path)
    let text = String(decoding: bytes, as: UTF8.self)
    if text.contains("-----BEGIN CERTIFICATE-----") || text.contains("-----BEGIN TRUSTED CERTIFICATE-----") {
      return bytes
    }
    // A certificate in DER format is a SEQUENCE with a length of two bytes.
    let isDER = bytes.starts(with: [0x30, 0x82])
    throw FileError(
      "use the certificates in", path,
      reason: isDER
        ? "it is in DER format; convert it: openssl x509 -inform der -in \(path) -out ca.pem"
        : "it contains no certificate in PEM format")
  }
}
