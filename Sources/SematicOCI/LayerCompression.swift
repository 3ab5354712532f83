/// The compression of layers: `gzip` or `zstd`, perhaps with a level after a colon.
package struct LayerCompression: Hashable, Sendable {
  package enum Method: String, Sendable, CaseIterable {
    case gzip
    /// https://github.com/opencontainers/image-spec/blob/v1.1.0/layer.md#zstd-media-types
    case zstd

    /// The levels, from the quickest to the smallest. Above 19, zstd takes a gigabyte of memory.
    package var levels: ClosedRange<Int> { self == .gzip ? 1...9 : 1...19 }
  }

  package let method: Method
  /// The level; nil for the default, which suits today's networks best.
  package let level: Int?

  package static let gzip = LayerCompression(.gzip)
  package static let zstd = LayerCompression(.zstd)

  package init(_ method: Method, level: Int? = nil) {
    self.method = method
    self.level = level
  }

  /// - Throws: `MalformedValue` for another method, and for a level that the method does not have.
  package init(_ text: String) throws {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard let method = parts.first.flatMap({ Method(rawValue: String($0)) }) else {
      throw MalformedValue(
        kind: "compression", value: text, expected: "gzip or zstd, or one of them with a level, as in zstd:3")
    }
    self.init(method, level: parts.count > 1 ? Int(parts[1]) : nil)
    guard parts.count == 1 || level.map(method.levels.contains) == true else {
      throw MalformedValue(
        kind: "compression", value: text,
        expected: "a level of \(method.rawValue) from \(method.levels.lowerBound) to \(method.levels.upperBound)")
    }
  }

  package var mediaType: MediaType { method == .gzip ? .layerGzip : .layerZstd }
}

extension LayerCompression: CustomStringConvertible {
  package var description: String { method.rawValue + (level.map { ":\($0)" } ?? "") }
}
