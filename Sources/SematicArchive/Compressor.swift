import CSematic
import SematicFiles
import SematicOCI

/// A library that compresses, and its level: what decides the compressed bytes.
package struct Compressor: Hashable, Sendable {
  enum Library: Hashable, Sendable { case zlib, libdeflate, zstd }

  package let compression: LayerCompression
  let library: Library
  /// The library with its version, and the level: who has the same of both makes the same bytes.
  package let identity: String

  /// With the trait `Libdeflate` of the package, gzip is libdeflate's.
  /// - Throws: `MissingLibrary`.
  package init(_ compression: LayerCompression = .gzip) throws {
    #if Libdeflate
      let gzip = Library.libdeflate
    #else
      let gzip = Library.zlib
    #endif
    try self.init(compression, library: compression.method == .zstd ? .zstd : gzip)
  }

  init(_ compression: LayerCompression, library: Library) throws {
    self.compression = compression
    self.library = library
    let level = compression.level.map { "level \($0)" } ?? "its own level"
    identity = "pieces 2, \(try Self.version(of: library)), \(level)"
  }

  /// The members of gzip, or frames of zstd, say all; a deflate stream needs what is around it.
  var isBareDeflate: Bool { library == .zlib }

  /// - Throws: `MissingLibrary`.
  func codec() throws -> any PieceCodec {
    let level = compression.level
    let codec: (any PieceCodec)? =
      switch library {
      case .zlib: ZlibCodec(level: level)
      // CPU seconds and MB of 92.5 MB, a program and text: libdeflate 1 0.35 and 26.8, 2 0.45 and 25.5, 3 0.49 and 25.2;
      // zstd 1 0.15 and 26.6, 3 0.24 and 24.4; zlib 1 0.64 and 27.2, 1 as tuned 0.67 and 26.5, 2 0.70 and 26.6, 3 0.93
      // and 26.2, 4 0.96 and 25.3, 6 2.18 and 24.6.
      case .libdeflate: LibdeflateCodec(level: level ?? 1)
      case .zstd: ZstdCodec(level: level ?? 3)
      }
    if let codec { return codec }
    throw MissingLibrary(reason: "\(try Self.version(of: library)) cannot compress at this level, or is out of memory")
  }

  private static func version(of library: Library) throws -> String {
    switch library {
    case .zlib:
      if let version = cl_zlib_version() { return "zlib \(String(cString: version))" }
      throw MissingLibrary(reason: "zlib was not found: install it (Debian and Ubuntu: zlib1g)")
    case .zstd:
      if let version = cl_zstd_version() { return "zstd \(String(cString: version))" }
      throw MissingLibrary(
        reason: "libzstd, for `compression: zstd`, was not found: install it (Debian and Ubuntu: libzstd1)")
    case .libdeflate:
      guard let path = cl_libdeflate_path() else {
        throw MissingLibrary(
          reason: "libdeflate, for the package's trait Libdeflate, was not found: install it (Debian: libdeflate0)")
      }
      // It has no function that tells its version.
      let status = try FileStatus(of: String(cString: path))
      return "libdeflate of \(status.size) bytes and \(status.modified)"
    }
  }
}
