import Foundation
import SematicFiles
import TestSupport
import Testing

@testable import SematicELF

@Suite struct ElfFileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder("elf") }

  @Test func `a program of this machine is read as readelf reads it`() throws {
    let shell = try ElfFile(FileTree.resolved("/bin/sh"))
    #expect(try shell.platformName.hasPrefix("linux/"))
    #expect(shell.interpreter.map(FileTree.exists) == true)
    #expect(shell.needed.contains { $0.hasPrefix("libc.") })
    #expect(!shell.isStatic)
    #expect(shell.versionNeeds.allSatisfy { !$0.version.isEmpty && shell.needed.contains($0.library) })
    if shell.needed.contains("libc.so.6") {
      #expect(shell.versionNeeds.contains { $0.version.hasPrefix("GLIBC_2.") })
    }
  }

  @Test(arguments: [("amd64", 62, true), ("arm64", 183, true), ("arm", 40, false), ("s390x", 22, true)])
  func `a platform has one processor`(architecture: String, number: UInt16, is64Bit: Bool) throws {
    let machine = try #require(ElfMachine(architecture: architecture))
    #expect(machine.number == number && machine.is64Bit == is64Bit)
    #expect(machine.platformName?.hasPrefix("linux/" + architecture) == true)
    #expect(ElfMachine(architecture: "amd") == nil)
  }

  @Test(arguments: [(true, true), (true, false), (false, true), (false, false)])
  func `every width and byte order is read alike`(is64Bit: Bool, isLittleEndian: Bool) throws {
    let crafted = CraftedElf(
      machine: 40, is64Bit: is64Bit, isLittleEndian: isLittleEndian, interpreter: "/lib/ld.so.1",
      needed: ["liba.so", "libb.so.2"], soname: "libself.so", runpath: "$ORIGIN:/x/lib", rpath: "/old",
      versionNeeds: [("liba.so", ["A_1", "A_2.3"]), ("libb.so.2", ["B_1"])], versionDefinitions: ["C_1", "C_2"],
      loadingNote: CraftedElf.curlNote)
    let file = try ElfFile(crafted.write("file", in: folder))
    #expect(file.machine == ElfMachine(number: 40, is64Bit: is64Bit, isLittleEndian: isLittleEndian))
    #expect(file.kind == .sharedObject)
    #expect(file.interpreter == "/lib/ld.so.1")
    #expect(file.needed == ["liba.so", "libb.so.2"])
    #expect(file.soname == "libself.so")
    #expect(file.runpath == ["$ORIGIN", "/x/lib"])
    #expect(file.rpath == ["/old"])
    #expect(file.versionDefinitions == ["C_1", "C_2"])
    #expect(file.dlopenNotes.map(\.names) == [["libcurl.so.4", "libcurl-gnutls.so.4"]])
    #expect(file.dlopenNotes.map(\.feature) == ["https"])
    #expect(file.versionNeeds.map(\.version) == ["A_1", "A_2.3", "B_1"])
    #expect(file.versionNeeds.map(\.library) == ["liba.so", "liba.so", "libb.so.2"])
  }

  @Test(
    arguments: [
      (62, true, true, "linux/amd64"), (183, true, true, "linux/arm64"), (40, false, true, "linux/arm/v7"),
      (3, false, true, "linux/386"), (243, true, true, "linux/riscv64"), (21, true, true, "linux/ppc64le"),
      (22, true, false, "linux/s390x"),
    ] as [(UInt16, Bool, Bool, String)])
  func `the machine says the platform`(machine: UInt16, wide: Bool, little: Bool, platform: String) throws {
    let crafted = CraftedElf(machine: machine, is64Bit: wide, isLittleEndian: little)
    #expect(try ElfFile(crafted.write("file", in: folder)).platformName == platform)
  }

  @Test(arguments: [(8, true, true), (62, false, true), (21, true, false)] as [(UInt16, Bool, Bool)])
  func `a machine without a platform is an error that says its number`(
    machine: UInt16, wide: Bool, little: Bool
  ) throws {
    let path = try CraftedElf(machine: machine, is64Bit: wide, isLittleEndian: little).write("file", in: folder)
    let error = try #require(throws: ElfError.self) { try ElfFile(path).platformName }
    #expect(
      error.description == "\(path) is for a processor without a name in images (ELF machine \(machine), "
        + "\(wide ? 64 : 32) bits, \(little ? "little" : "big") endian)")
  }

  @Test(
    arguments: [
      ([0xcf, 0xfa, 0xed, 0xfe, 7, 0, 0, 1], "a program for macOS (Mach-O)"), (Array("#!/bin/sh\n".utf8), "a script"),
      (Array("MZ\u{90}".utf8), "a program for Windows (PE)"), ([], "empty"), ([1, 2, 3], "a file of another kind"),
      (Array("\u{0}asm".utf8), "a WebAssembly module"), (Array("!<arch>\n".utf8), "a static library"),
    ] as [([UInt8], String)])
  func `what is no ELF file is called by its name`(bytes: [UInt8], kind: String) throws {
    let path = try folder.write("file", bytes)
    let error = try #require(throws: ElfError.self) { try ElfFile(path) }
    #expect(error.description == "\(path) is \(kind), not a program for Linux (ELF)")
    #expect(error.hint?.contains("--swift-sdk") == true)
  }

  @Test func `a folder is no ELF file`() throws {
    let error = try #require(throws: ElfError.self) { try ElfFile(folder.path) }
    #expect(error.description == "\(folder.path) is a folder, not a program for Linux (ELF)")
  }

  @Test func `a pipe is not waited for`() throws {
    #expect(mkfifo(folder.file("pipe"), 0o600) == 0)
    let error = try #require(throws: ElfError.self) { try ElfFile(folder.file("pipe")) }
    #expect(error.description == "\(folder.file("pipe")) is no regular file, not a program for Linux (ELF)")
  }

  private var whole: CraftedElf {
    CraftedElf(
      interpreter: "/lib64/ld.so", needed: ["liba.so", "libb.so"], soname: "libself.so", runpath: "$ORIGIN",
      versionNeeds: [("liba.so", ["A_1", "A_2"]), ("libb.so", ["B_1"])],
      versionDefinitions: ["C_1", "C_2"])
  }

  @Test func `a file that ends anywhere too early is an error`() throws {
    let bytes = whole.bytes
    for count in 0..<bytes.count {
      let path = try folder.write("file", bytes.prefix(count))
      #expect(throws: ElfError.self, "cut at \(count) of \(bytes.count)") { try ElfFile(path) }
    }
  }

  @Test(arguments: [0x00, 0x7f, 0xff] as [UInt8])
  func `a wrong byte anywhere is an error or another value, never a trap`(value: UInt8) throws {
    let bytes = whole.bytes
    var errors = 0
    for offset in 0..<bytes.count {
      var changed = bytes
      for index in offset..<min(bytes.count, offset + 4) { changed[index] = value }
      let path = try folder.write("file", changed)
      do { _ = try ElfFile(path) } catch is ElfError { errors += 1 }
    }
    #expect(errors > 10)
  }

  @Test func `lengths that nothing has are refused before memory is asked for`() throws {
    let size = try FileStatus(of: whole.write("file", in: folder)).size
    var bytes = whole.bytes
    // The number of program headers.
    bytes.replaceSubrange(56..<58, with: [0xff, 0xff])
    try folder.write("file", bytes)
    let error = try #require(throws: ElfError.self) { try ElfFile(folder.file("file")) }
    #expect(error.description == "\(folder.file("file")) is a damaged ELF file: 65535 program headers")
    // The size of the dynamic section: the third program header's.
    bytes = whole.bytes
    bytes.replaceSubrange(64 + 2 * 56 + 32..<64 + 2 * 56 + 40, with: [0, 0, 0, 0, 0, 0, 0, 0x7f])
    try folder.write("file", bytes)
    let second = try #require(throws: ElfError.self) { try ElfFile(folder.file("file")) }
    #expect(
      second.description
        == "\(folder.file("file")) is a damaged ELF file: a dynamic section of 9151314442816847872 bytes")
    #expect(size < 1000)
  }

  @Test(arguments: [(6, "2"), (20, "9")])
  func `another version of ELF is refused`(offset: Int, version: String) throws {
    var bytes = whole.bytes
    bytes[offset] = UInt8(version) ?? 0
    let path = try folder.write("file", bytes)
    let error = try #require(throws: ElfError.self) { try ElfFile(path) }
    #expect(error.description == "\(path) is a damaged ELF file: ELF version \(version) instead of 1")
  }

  @Test(arguments: [(1, "an object file, not yet linked"), (4, "a core dump")] as [(UInt16, String)])
  func `where a program is expected, another kind of ELF file is refused`(type: UInt16, name: String) throws {
    let file = try ElfFile(CraftedElf(type: type).write("file", in: folder))
    let error = try #require(throws: ElfError.self) { try LibraryResolver(LibraryFolders()).resolve(file) }
    #expect(error.description == "\(file.path) is \(name), and cannot be started")
  }

  @Test func `Notes are read within limits, also where a thousand segments have the same ones`() throws {
    let long = CraftedElf(loadingNote: CraftedElf.curlNote + String(repeating: " ", count: 5000))
    #expect(try ElfFile(long.write("long", in: folder)).dlopenNotes.isEmpty)

    let text = Array(CraftedElf.curlNote.utf8)
    func number(_ value: Int, _ width: Int) -> [UInt8] {
      (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    let note = number(4, 4) + number(text.count, 4) + number(0x407c_0c0a, 4) + Array("FDO\0".utf8) + text
    let size = 60 << 10
    let place = 64 + 1024 * 56
    // The header, with 1024 program headers behind it.
    var bytes = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1] + [UInt8](repeating: 0, count: 9) + number(3, 2) + number(62, 2)
    bytes += number(1, 4) + number(0, 8) + number(64, 8) + number(0, 12) + number(64, 2) + number(56, 2)
    bytes += number(1024, 2) + number(0, 6)
    for _ in 0..<1024 {
      bytes += number(4, 4) + number(0, 4) + number(place, 8) + number(0, 16) + number(size, 8) + number(0, 16)
    }
    bytes += note + [UInt8](repeating: 0, count: size - note.count)
    #expect(try ElfFile(folder.write("many", bytes)).dlopenNotes.count == 1)
  }
}
