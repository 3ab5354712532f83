/// A header block as it was read: see `TarFormat`.
struct TarBlock {
  private let bytes: [UInt8]
  /// The place in the archive, for messages.
  private let offset: Int64

  init(_ block: UnsafeRawBufferPointer, offset: Int64) {
    bytes = Array(block)
    self.offset = offset
  }

  var flag: UInt8 { bytes[TarFormat.Field.typeflag.offset] }

  var isZero: Bool {
    bytes.withUnsafeBytes { block in
      var word = 0
      while word < TarFormat.blockSize {
        if block.loadUnaligned(fromByteOffset: word, as: UInt64.self) != 0 { return false }
        word += 8
      }
      return true
    }
  }

  func check() throws {
    let sum = bytes.withUnsafeBytes { TarHeader.checksum($0) }
    let stored = try number(.chksum, "checksum")
    guard stored == Int64(sum) || stored == Int64(signedChecksum) else {
      throw refuse("its header has a wrong checksum: it is damaged, or no tar archive")
    }
  }

  /// The size of the extension that follows, in bytes; nil for an entry.
  var extensionLength: Int64? {
    get throws { TarFormat.TypeFlag.extensions.contains(flag) ? try number(.size, "size") : nil }
  }

  func entry() throws -> TarEntry {
    var path = text(.name)
    // GNU tar's own format ("ustar  ") keeps times where ustar keeps the prefix.
    if bytes[TarFormat.Field.magic.range].elementsEqual("ustar\u{0}".utf8) {
      let prefix = text(.prefix)
      if !prefix.isEmpty { path = prefix + "/" + path }
    }
    typealias TypeFlag = TarFormat.TypeFlag
    let kind: TarEntry.Kind =
      switch flag {
      case TypeFlag.aregtype, TypeFlag.regtype, TypeFlag.conttype: .file
      case TypeFlag.lnktype: .hardLink(text(.linkname))
      case TypeFlag.symtype: .symbolicLink(text(.linkname))
      case TypeFlag.dirtype: .directory
      case TypeFlag.gnuSparse: throw refuse("it has a sparse file, which cannot be read here")
      default: .other(flag)
      }
    let size = try number(.size, "size")
    return TarEntry(
      path: path, kind: kind, mode: UInt16(truncatingIfNeeded: try number(.mode, "mode") & 0o7777),
      size: TypeFlag.withoutContent.contains(flag) ? 0 : size, owner: try number(.uid, "owner"),
      group: try number(.gid, "group"), modified: try number(.mtime, "time", signed: true))
  }

  /// The text of a field, up to the first zero byte.
  private func text(_ field: TarFormat.Field) -> String {
    String(decoding: bytes[field.range].prefix { $0 != 0 }, as: UTF8.self)
  }

  /// The number of a field: octal digits amid spaces and zeros; or, GNU's way for what does not fit, binary with the
  /// highest bit set.
  private func number(_ field: TarFormat.Field, _ name: String, signed: Bool = false) throws -> Int64 {
    let content = bytes[field.range]
    let first = bytes[field.offset]
    if first & 0x80 != 0 {
      // The first byte is only a mark: 0x80, or 0xFF of a negative number.
      var value: Int64 = first == 0xFF ? -1 : Int64(first & 0x7F)
      for byte in content.dropFirst() {
        let (shifted, overflow) = value.multipliedReportingOverflow(by: 256)
        guard !overflow else { throw refuse("its header has a \(name) that is too large") }
        value = shifted | Int64(byte)
      }
      guard value >= 0 || signed else { throw refuse("its header has a negative \(name)") }
      return value
    }
    let digits = content.drop { $0 == UInt8(ascii: " ") || $0 == 0 }.prefix { $0 != UInt8(ascii: " ") && $0 != 0 }
    if digits.isEmpty { return 0 }
    // What is not UTF-8 becomes U+FFFD, which is no digit.
    guard let value = Int64(String(decoding: digits, as: UTF8.self), radix: 8), value >= 0 else {
      throw refuse("its header has a \(name) that is no octal number")
    }
    return value
  }

  /// The checksum as writers with a signed `char` computed it.
  private var signedChecksum: Int {
    var sum = 0
    for (index, byte) in bytes.enumerated() {
      sum += TarFormat.Field.chksum.range.contains(index) ? Int(UInt8(ascii: " ")) : Int(Int8(bitPattern: byte))
    }
    return sum
  }

  private func refuse(_ reason: String) -> ArchiveError {
    ArchiveError("read the tar archive at \(offset)", reason: reason)
  }
}
