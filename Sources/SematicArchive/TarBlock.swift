import SematicSystem

/// A header block as it was read.
///
/// https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html and, for what GNU tar adds,
/// https://www.gnu.org/software/tar/manual/html_node/Standard.html
struct TarBlock {
  private let bytes: [UInt8]
  /// In the archive, for messages.
  private let offset: Int64

  init(_ block: UnsafeRawBufferPointer, offset: Int64) {
    bytes = Array(block)
    self.offset = offset
  }

  var flag: UInt8 { bytes[156] }

  var isZero: Bool {
    bytes.withUnsafeBytes { block in
      var word = 0
      while word < TarHeader.blockSize {
        if block.loadUnaligned(fromByteOffset: word, as: UInt64.self) != 0 { return false }
        word += 8
      }
      return true
    }
  }

  func check() throws {
    let sum = bytes.withUnsafeBytes { TarHeader.checksum($0) }
    let stored = try number(at: 148, 8, "checksum")
    guard stored == Int64(sum) || stored == Int64(signedChecksum) else {
      throw refuse("its header has a wrong checksum: it is damaged, or no tar archive")
    }
  }

  /// How many bytes of extension follow; nil for an entry.
  var extensionLength: Int64? {
    get throws { "xgXLK".utf8.contains(flag) ? try number(at: 124, 12, "size") : nil }
  }

  func entry() throws -> TarEntry {
    var path = text(at: 0, 100)
    // GNU tar's own format ("ustar  ") keeps times where ustar keeps the prefix.
    if bytes[257..<263].elementsEqual("ustar\u{0}".utf8) {
      let prefix = text(at: 345, 155)
      if !prefix.isEmpty { path = prefix + "/" + path }
    }
    let kind: TarEntry.Kind =
      switch flag {
      case 0, UInt8(ascii: "0"), UInt8(ascii: "7"): .file
      case UInt8(ascii: "1"): .hardLink(text(at: 157, 100))
      case UInt8(ascii: "2"): .symbolicLink(text(at: 157, 100))
      case UInt8(ascii: "5"): .directory
      case UInt8(ascii: "S"): throw refuse("it has a sparse file, which cannot be read here")
      default: .other(flag)
      }
    var size = try number(at: 124, 12, "size")
    switch flag {
    // These have no content, whatever their size says.
    case UInt8(ascii: "1")...UInt8(ascii: "6"): size = 0
    default: break
    }
    return TarEntry(
      path: path, kind: kind, mode: UInt16(truncatingIfNeeded: try number(at: 100, 8, "mode") & 0o7777), size: size,
      owner: try number(at: 108, 8, "owner"), group: try number(at: 116, 8, "group"),
      modified: try number(at: 136, 12, "time", signed: true))
  }

  /// Up to the first zero byte.
  private func text(at offset: Int, _ length: Int) -> String {
    String(decoding: bytes[offset..<(offset + length)].prefix { $0 != 0 }, as: UTF8.self)
  }

  /// Octal digits amid spaces and zeros; or, GNU's way for what does not fit, binary with the highest bit set.
  private func number(at offset: Int, _ length: Int, _ name: String, signed: Bool = false) throws -> Int64 {
    let field = bytes[offset..<(offset + length)]
    if bytes[offset] & 0x80 != 0 {
      // The first byte is only a mark: 0x80, or 0xFF of a negative number.
      var value: Int64 = bytes[offset] == 0xFF ? -1 : Int64(bytes[offset] & 0x7F)
      for byte in field.dropFirst() {
        let (shifted, overflow) = value.multipliedReportingOverflow(by: 256)
        guard !overflow else { throw refuse("its header has a \(name) that is too large") }
        value = shifted | Int64(byte)
      }
      guard value >= 0 || signed else { throw refuse("its header has a negative \(name)") }
      return value
    }
    let digits = field.drop { $0 == UInt8(ascii: " ") || $0 == 0 }.prefix { $0 != UInt8(ascii: " ") && $0 != 0 }
    if digits.isEmpty { return 0 }
    guard let text = String(validating: digits, as: UTF8.self), let value = Int64(text, radix: 8), value >= 0 else {
      throw refuse("its header has a \(name) that is no octal number")
    }
    return value
  }

  /// What writers with a signed `char` computed.
  private var signedChecksum: Int {
    var sum = 0
    for (index, byte) in bytes.enumerated() {
      sum += (148..<156).contains(index) ? 32 : Int(Int8(bitPattern: byte))
    }
    return sum
  }

  private func refuse(_ reason: String) -> ArchiveError {
    ArchiveError("read the tar archive at \(offset)", reason: reason)
  }
}
