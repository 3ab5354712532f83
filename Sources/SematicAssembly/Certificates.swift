import SematicFiles
import SematicSystem

/// The certificate authorities of this machine: the distribution's, and those that somebody has added.
package struct Certificates: Equatable, Sendable {
  /// The bundles: the first that is there is taken, to the place that libraries know it by.
  package var bundles: [String]
  /// The folders of those that were added.
  package var ownFolders: [String]

  package init(bundles: [String], ownFolders: [String] = []) {
    self.bundles = bundles
    self.ownFolders = ownFolders
  }

  package static let here = Certificates(
    bundles: [
      "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
      "/etc/ssl/cert.pem",
    ],
    ownFolders: [
      "/usr/local/share/ca-certificates", "/etc/pki/ca-trust/source/anchors",
      "/etc/ca-certificates/trust-source/anchors",
      "/etc/pki/trust/anchors",
    ])

  /// This machine's bundle.
  var bundle: String? { bundles.first(where: FileTree.exists) }

  /// The files of certificates that were added, of those that are in the bundle.
  /// - Parameter occurring: finds texts in a file.
  /// - Throws: `FileError`.
  func added(to bundle: String, occurring: ([String], String) throws -> [String]) throws -> [String] {
    try ownFolders.filter(FileTree.isDirectory).flatMap(Self.files).filter { file in
      // What is in a folder need not be in use.
      let content = try Self.content(of: file).map { String(decoding: $0, as: UTF8.self) }
      return try !content.isEmpty && occurring(content, bundle).count == content.count
    }
  }

  /// The bundle without the certificates in these files.
  /// - Throws: `FileError`.
  static func text(of bundle: String, without files: [String]) throws -> [UInt8] {
    let added = Set(try files.flatMap(content))
    var (rest, block): ([UInt8], [ArraySlice<UInt8>]) = ([], [])
    for line in lines(try FileTree.read(bundle, limit: 64 << 20)) {
      block.append(line)
      guard line.starts(with: "-----END".utf8) else { continue }
      if !block.allSatisfy({ $0.starts(with: "-----".utf8) || added.contains($0) }) {
        for line in block { rest += line + [UInt8(ascii: "\n")] }
      }
      block = []
    }
    return rest
  }

  /// The lines of certificates, without those around them.
  private static func content(of file: String) throws -> [ArraySlice<UInt8>] {
    lines(try FileTree.read(file, limit: 1 << 20)).filter { !$0.starts(with: "-----".utf8) }
  }

  private static func lines(_ text: [UInt8]) -> [ArraySlice<UInt8>] {
    text.split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
  }

  private static func files(in folder: String) throws -> [String] {
    try FileTree.names(in: folder).sorted().flatMap { name -> [String] in
      let path = folder + "/" + name
      if FileTree.isDirectory(path) { return try files(in: path) }
      return [".crt", ".pem", ".cer"].contains(where: name.hasSuffix) ? [path] : []
    }
  }
}
