import SematicOCI

/// A library that compresses, and its level: what decides the compressed bytes.
package struct Compressor: Equatable, Sendable {
  package let compression: LayerCompression
  /// The library with its version, and the level: who has the same of both makes the same bytes.
  package let identity: String

  /// - Throws: `MissingLibrary`.
  package init(_ compression: LayerCompression = .gzip) throws {
    self.compression = compression
    let level = compression.level.map { "level \($0)" } ?? "its own level"
    identity = "pieces 2, \(try Self.version(for: compression.method)), \(level)"
  }

  /// Whether the pieces are parts of one deflate stream, which needs gzip's header and trailer around it. Frames of zstd
  /// are complete.
  var isBareDeflate: Bool { compression.method == .gzip }

  /// - Throws: `MissingLibrary`.
  func codec() throws -> any PieceCodec {
    let level = compression.level
    // CPU seconds and MB of 92.5 MB, a program and text: zstd 1 0.15 and 26.6, 3 0.24 and 24.4; zlib 1 0.64 and 27.2,
    // 1 as tuned 0.67 and 26.5, 2 0.70 and 26.6, 3 0.93 and 26.2, 4 0.96 and 25.3, 6 2.18 and 24.6.
    let codec: (any PieceCodec)? =
      switch compression.method {
      case .gzip: DeflateCodec(level: level)
      case .zstd: Zstd.Writer(level: level ?? 3)
      }
    if let codec { return codec }
    let version = try Self.version(for: compression.method)
    throw MissingLibrary(reason: "\(version) cannot compress at this level, or is out of memory")
  }

  private static func version(for method: LayerCompression.Method) throws -> String {
    switch method {
    case .gzip: try Zlib.version()
    case .zstd: try Zstd.version()
    }
  }
}
