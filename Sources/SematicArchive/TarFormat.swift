/// Numbers that tar fixes, by their names in the standard.
///
/// https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_06 and, for what GNU tar adds,
/// https://www.gnu.org/software/tar/manual/html_node/Standard.html
enum TarFormat {
  static let blockSize = 512
  /// Eleven octal digits: one byte less than 8 GiB.
  static let largestSize: Int64 = 0o777_7777_7777
  /// Seven octal digits.
  static let largestOwner: Int64 = 0o777_7777
  static let magicAndVersion = Array("ustar\u{0}00".utf8)

  /// The number of zero bytes after content of this size.
  static func padding(after size: Int64) -> Int { Int((512 - size % 512) % 512) }

  /// A field of a header block: its offset and its length, in bytes.
  struct Field {
    let offset: Int
    let length: Int

    var range: Range<Int> { offset..<(offset + length) }

    static let name = Field(offset: 0, length: 100)
    static let mode = Field(offset: 100, length: 8)
    static let uid = Field(offset: 108, length: 8)
    static let gid = Field(offset: 116, length: 8)
    static let size = Field(offset: 124, length: 12)
    static let mtime = Field(offset: 136, length: 12)
    static let chksum = Field(offset: 148, length: 8)
    static let typeflag = Field(offset: 156, length: 1)
    static let linkname = Field(offset: 157, length: 100)
    static let magic = Field(offset: 257, length: 6)
    static let devmajor = Field(offset: 329, length: 8)
    static let devminor = Field(offset: 337, length: 8)
    static let prefix = Field(offset: 345, length: 155)
  }

  /// Types of entries, by their names in `tar.h`.
  enum TypeFlag {
    static let regtype = UInt8(ascii: "0")
    /// A file in archives from before ustar.
    static let aregtype: UInt8 = 0
    static let lnktype = UInt8(ascii: "1")
    static let symtype = UInt8(ascii: "2")
    static let chrtype = UInt8(ascii: "3")
    static let blktype = UInt8(ascii: "4")
    static let dirtype = UInt8(ascii: "5")
    static let fifotype = UInt8(ascii: "6")
    static let conttype = UInt8(ascii: "7")
    /// The pax header of the entry that follows.
    static let xhdtype = UInt8(ascii: "x")
    /// The pax header of all entries that follow.
    static let xgltype = UInt8(ascii: "g")
    /// The pax header of Solaris, from before the standard.
    static let solarisXhdtype = UInt8(ascii: "X")
    static let gnuLongname = UInt8(ascii: "L")
    static let gnuLonglink = UInt8(ascii: "K")
    static let gnuSparse = UInt8(ascii: "S")

    static let extensions = [xhdtype, xgltype, solarisXhdtype, gnuLongname, gnuLonglink]
    /// Entries that have no content, whatever their size says.
    static let withoutContent = lnktype...fifotype
  }
}
