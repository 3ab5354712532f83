import SematicFiles
import TestSupport
import Testing

@testable import SematicELF

@Suite struct ImageSearchPathTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder("search-path") }

  /// The file as it is in an image.
  private func edited(_ elf: CraftedElf, isProgram: Bool = true) throws -> ElfFile {
    let path = try elf.write("build/file", in: folder)
    var bytes = elf.bytes
    for edit in try ImageSearchPath.edits(of: path, isProgram: isProgram) {
      bytes.replaceSubrange(Int(edit.offset)..<Int(edit.offset) + edit.bytes.count, with: edit.bytes)
    }
    #expect(bytes.count == elf.bytes.count)
    let image = try ElfFile(folder.write("image/file", bytes))
    #expect(image.needed == elf.needed)
    return image
  }

  @Test(arguments: [
    CraftedElf.program(["liba.so"]), CraftedElf(is64Bit: false, isLittleEndian: false, needed: ["liba.so"]),
  ])
  func `this machine's toolchain is taken out, and a program's libraries inherit its folder`(elf: CraftedElf) throws {
    var program = elf
    program.runpath = "/opt/swift/usr/lib/swift/linux:$ORIGIN:/usr/local/cuda/lib64"
    let image = try edited(program)
    #expect(image.rpath == ["$ORIGIN", "/usr/local/cuda/lib64"])
    #expect(image.runpath.isEmpty)
    #expect(ImageSearchPath(try ElfFile(folder.file("build/file"))).findsBeside)
  }

  @Test func `a library keeps its RUNPATH, which counts for it alone`() throws {
    let image = try edited(.library(["liba.so"], runpath: "/usr/lib/swift/linux:$ORIGIN"), isProgram: false)
    #expect(image.runpath == ["$ORIGIN"])
    #expect(image.rpath.isEmpty)
  }

  @Test func `the folder beside it takes the place of another one, where there is room`() throws {
    #expect(try edited(.program(["liba.so"], runpath: "/opt/swift/usr/lib/swift/linux")).rpath == ["$ORIGIN"])
    let short = CraftedElf.program(["liba.so"], runpath: "/lib")
    #expect(try edited(short).rpath == ["/lib"])
    #expect(try !ImageSearchPath(ElfFile(folder.file("build/file"))).findsBeside)
  }

  @Test func `nothing is changed in what has no search path, or has it right`() throws {
    for elf in [CraftedElf(), .program(["liba.so"]), .program(["liba.so"], rpath: "$ORIGIN")] {
      let path = try elf.write("build/file", in: folder)
      #expect(try ImageSearchPath.edits(of: path, isProgram: true).isEmpty)
    }
    let library = try CraftedElf.library(["liba.so"], runpath: "$ORIGIN/../x:${ORIGIN}").write("build/l", in: folder)
    #expect(try ImageSearchPath.edits(of: library, isProgram: false).isEmpty)
  }
}
