import SematicArchive
import SematicFiles
import SematicOCI
import TestSupport
import Testing

@testable import SematicAssembly
@testable import SematicELF

@Suite(.enabled(if: ChildProcess.canRun("swiftc"))) struct StrippedElfTests {
  private let folder: TemporaryFolder
  private let program: String

  init() throws {
    folder = try TemporaryFolder("stripped")
    let source = try folder.write(
      "crash.swift",
      """
      @inline(never) func theInnermostFunction(_ count: Int) -> Int { [1, 2, 3][count + 100] }
      print(theInnermostFunction(CommandLine.arguments.count))
      """)
    program = folder.file("crash")
    let built = try ChildProcess.run(["swiftc", "-O", "-g", source, "-o", program])
    try #require(built.status == 0, "\(built.output)")
  }

  /// The program as it comes out of a layer.
  private func unpacked(_ source: SourceFile) throws -> String {
    let planned = PlannedFile(path: "crash", content: .file(source), mode: 0o755)
    let plan = LayerPlan(kind: .program, files: [planned])
    let layer = try LayerBuilder(folder: folder.file("cache"), compressor: Compressor()).build(plan)
    guard case .file(let blob) = layer.content else { return "" }
    var bytes: [UInt8] = []
    try TarReader.forEachEntry(in: ByteSource(InputFile(blob))) { _, reader in
      bytes = try reader.content(limit: 1 << 24)
    }
    #expect(Int64(bytes.count) == planned.size)
    return try folder.write("unpacked", bytes, mode: 0o755)
  }

  @Test func `A backtrace of the stripped program names the function that crashed`() throws {
    let stripped = try unpacked(SourceFile(program, stripped: true))
    #expect(try FileStatus(of: stripped).size < FileStatus(of: program).size)
    let sections = try FileSearch.occurring([".symtab", "theInnermostFunction", "crash.swift"], in: stripped)
    #expect(sections == [".symtab", "theInnermostFunction"])
    let run = try ChildProcess.run(
      ["env", "SWIFT_BACKTRACE=enable=yes,color=no,interactive=no", stripped], folder: folder.path)
    #expect(run.status != 0)
    #expect(run.output.contains("theInnermostFunction(_:) + "), "\(run.output)")
  }

  @Test func `What other tools make of it is the same program`() throws {
    let stripped = try unpacked(SourceFile(program, stripped: true))
    let (before, after) = (try ElfFile(program), try ElfFile(stripped))
    #expect(before.needed == after.needed && before.runpath == after.runpath && before.machine == after.machine)
    // Nothing is left to leave out.
    #expect(try StrippedElf(stripped) == nil)
    guard ChildProcess.canRun("readelf") else { return }
    let read = try ChildProcess.run(["readelf", "--wide", "--sections", "--symbols", stripped])
    #expect(read.status == 0 && !read.output.contains("Warning") && !read.output.contains(" .debug_info"))
  }

  @Test func `What a linker would not have made stays as it is`() throws {
    let bytes = try FileTree.read(program)
    // With something behind its last section, which the program may look for.
    let appended = try folder.write("appended", bytes + Array("payload".utf8))
    #expect(try StrippedElf(appended) == nil)
    #expect(try FileTree.read(unpacked(SourceFile(appended, stripped: true))) == bytes + Array("payload".utf8))
    #expect(try StrippedElf(folder.write("cut", Array(bytes.dropLast(1000)))) == nil)
    #expect(try StrippedElf(folder.write("text", "no program")) == nil)
    #expect(try FileTree.read(unpacked(SourceFile(program))) == bytes)
    var noise = SeededRandom(of: "StrippedElfTests")
    for _ in 0..<200 {
      var damaged = bytes
      // The header, and the table of sections at the end.
      for _ in 0..<4 {
        damaged[Int(noise.next() % 64)] = UInt8(truncatingIfNeeded: noise.next())
        damaged[bytes.count - 1 - Int(noise.next() % 3000)] = UInt8(truncatingIfNeeded: noise.next())
      }
      let pieces = try StrippedElf(folder.write("damaged", damaged))?.pieces ?? []
      #expect(pieces.reduce(0) { $0 + $1.size } <= Int64(bytes.count) + 64 * 4096)
    }
  }
}
