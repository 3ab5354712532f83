/// The fields of gzip around a deflate stream: https://www.rfc-editor.org/rfc/rfc1952#section-2.3
enum GzipHeader {
  /// ID1 and ID2.
  static let magic: [UInt8] = [0x1F, 0x8B]

  /// The header that is written, always the same: zlib's own would name the host's operating system.
  static let fixed: [UInt8] =
    magic + [
      8,  // CM: deflate
      0,  // FLG: no name, no comment, no extra field
      0, 0, 0, 0,  // MTIME: no time
      0,  // XFL: level not told
      255,  // OS: unknown
    ]

  /// A last block of deflate without content: https://www.rfc-editor.org/rfc/rfc1951#section-3.2.3
  static let lastBlock: [UInt8] = [3, 0]
}
