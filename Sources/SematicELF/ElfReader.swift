import SematicFiles
import SematicSystem

/// Reads the parts of an ELF file by their place, never the whole, and never beyond its end.
struct ElfReader {
  let file: InputFile
  let size: UInt64
  var machine: ElfMachine

  /// - Throws: `ElfError` when the file does not begin as an ELF file does; `FileError`.
  init(_ path: String) throws {
    // Before it is opened: opening a pipe would wait for its writer.
    let status = try FileStatus(of: path)
    guard status.kind == .file else {
      throw ElfError(path: path, reason: .notElf(status.kind == .directory ? "a folder" : "no regular file"))
    }
    file = try InputFile(path)
    size = UInt64(clamping: status.size)
    machine = ElfMachine(number: 0, is64Bit: true, isLittleEndian: true)
    let start = try bytes(at: 0, count: Int(min(size, 20)))
    guard start.starts(with: [0x7f, 0x45, 0x4c, 0x46]) else {
      throw ElfError(path: path, reason: .notElf(Self.kind(of: start)))
    }
    guard start.count == 20 else { throw malformed("it ends within its header") }
    guard (1...2).contains(start[4]) else { throw malformed("class \(start[4]) instead of 1 or 2") }
    guard (1...2).contains(start[5]) else { throw malformed("byte order \(start[5]) instead of 1 or 2") }
    guard UInt64(start[6]) == EV.current else { throw malformed("ELF version \(start[6]) instead of 1") }
    let isLittleEndian = start[5] == 1
    let number = UInt16(isLittleEndian ? start[18] : start[19]) | UInt16(isLittleEndian ? start[19] : start[18]) << 8
    machine = ElfMachine(number: number, is64Bit: start[4] == 2, isLittleEndian: isLittleEndian)
  }

  func malformed(_ detail: String) -> ElfError { ElfError(path: file.path, reason: .malformed(detail)) }

  /// A part of the file; the caller bounds `count`.
  func bytes(at offset: UInt64, count: Int) throws -> [UInt8] {
    let (end, overflow) = offset.addingReportingOverflow(UInt64(count))
    guard !overflow, end <= size else { throw malformed("it refers to byte \(offset), but has \(size) bytes") }
    let bytes = try upTo(count, at: offset)
    guard bytes.count == count else { throw malformed("it became shorter while it was read") }
    return bytes
  }

  /// As much of the part as there is: less at the end of the file.
  private func upTo(_ count: Int, at offset: UInt64) throws -> [UInt8] {
    try file.seek(to: Int64(clamping: offset))
    var bytes = [UInt8](repeating: 0, count: count)
    var filled = 0
    while filled < count {
      let read = try bytes.withUnsafeMutableBytes { buffer in
        try file.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
      }
      guard read > 0 else { break }
      filled += read
    }
    bytes.removeLast(count - filled)
    return bytes
  }

  /// Text that ends with a zero byte, of at most 4 KiB: names and paths.
  func text(at offset: UInt64) throws -> String {
    guard offset < size else { throw malformed("it refers to byte \(offset), but has \(size) bytes") }
    // Nearly all names are short.
    var bytes = try upTo(Int(min(128, size - offset)), at: offset)
    if !bytes.contains(0) { bytes = try upTo(Int(min(4096, size - offset)), at: offset) }
    guard let end = bytes.firstIndex(of: 0) else { throw malformed("text at byte \(offset) has no end") }
    guard let text = String(exactly: bytes[..<end]) else {
      throw malformed("text at byte \(offset) is not UTF-8")
    }
    return text
  }

  /// The unsigned number of `width` bytes at `offset`; 0 where there is none.
  func number(_ bytes: [UInt8], _ offset: Int, width: Int) -> UInt64 {
    guard offset >= 0, offset + width <= bytes.count else { return 0 }
    var value: UInt64 = 0
    for index in 0..<width {
      value = value << 8 | UInt64(bytes[machine.isLittleEndian ? offset + width - 1 - index : offset + index])
    }
    return value
  }

  private static func kind(of start: [UInt8]) -> String {
    let machO: [[UInt8]] = [
      [0xcf, 0xfa, 0xed, 0xfe], [0xce, 0xfa, 0xed, 0xfe], [0xfe, 0xed, 0xfa, 0xcf], [0xfe, 0xed, 0xfa, 0xce],
      [0xca, 0xfe, 0xba, 0xbe],
    ]
    if machO.contains(where: { start.starts(with: $0) }) { return "a program for macOS (Mach-O)" }
    if start.starts(with: "MZ".utf8) { return "a program for Windows (PE)" }
    if start.starts(with: "#!".utf8) { return "a script" }
    if start.starts(with: "\0asm".utf8) { return "a WebAssembly module" }
    if start.starts(with: "!<arch>".utf8) { return "a static library" }
    return start.isEmpty ? "empty" : "a file of another kind"
  }
}
