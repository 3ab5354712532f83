import SematicFiles
import TestSupport
import Testing

@testable import SematicELF

@Suite struct LibraryResolverTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder("libraries") }

  private func resolve(
    _ program: CraftedElf, package: [String] = [], toolchain: [String] = [], additional: [String] = []
  ) throws -> LibraryClosure {
    let file = try ElfFile(program.write("build/App", in: folder))
    let folders = LibraryFolders(
      package: (["build"] + package).map(folder.file), toolchain: toolchain.map(folder.file),
      system: [folder.file("usr/lib")])
    return try LibraryResolver(folders).resolve(file, additional: additional.map(folder.file))
  }

  private func isFoundBeside(_ closure: LibraryClosure) -> Bool {
    closure.isFoundBesideExecutable(closure.libraries.filter { $0.origin != .system })
  }

  private func found(_ closure: LibraryClosure) -> [String] {
    closure.libraries.map { library in
      "\(library.name): \(library.origin) \(library.file.path.dropFirst(folder.path.count + 1)) "
        + "for \(library.neededBy.joined(separator: " "))"
    }
  }

  @Test func `libraries are found in the loader's order, and know whose they are and who asks for them`() throws {
    try CraftedElf.library(["libb.so", "libc.so.6"], runpath: "$ORIGIN").write("build/liba.so", in: folder)
    try CraftedElf.library(["libc.so.6"]).write("swift/lib/swift/linux/libb.so", in: folder)
    try CraftedElf.library(["ld-linux-x86-64.so.2"]).write("usr/lib/libc.so.6", in: folder)
    let closure = try resolve(
      .program(["liba.so", "libc.so.6"], runpath: "\(folder.file("swift/lib/swift/linux")):$ORIGIN"),
      toolchain: ["swift/lib/swift/linux"])
    #expect(
      found(closure) == [
        "liba.so: package build/liba.so for App", "libc.so.6: system usr/lib/libc.so.6 for App liba.so libb.so",
        "libb.so: toolchain swift/lib/swift/linux/libb.so for liba.so",
      ])
    #expect(closure.missing.isEmpty)
    #expect(isFoundBeside(closure))
  }

  @Test func `a folder named as a toolchain's is one, even where nobody says so`() throws {
    try CraftedElf.library().write("t/usr/lib/swift/linux/libswiftCore.so", in: folder)
    let closure = try resolve(.program(["libswiftCore.so"], runpath: folder.file("t/usr/lib/swift/linux") + ":$ORIGIN"))
    #expect(closure.libraries.map(\.origin) == [.toolchain])
  }

  @Test func `libraries of another processor, scripts and damaged files are passed over`() throws {
    try CraftedElf.arm64.write("build/liba.so", in: folder)
    try folder.write("package/liba.so", "INPUT(-la)")
    try folder.write("toolchain/liba.so", CraftedElf.amd64.bytes.prefix(70))
    try CraftedElf.library().write("usr/lib/liba.so", in: folder)
    let closure = try resolve(
      .program(["liba.so"], runpath: "$ORIGIN"), package: ["package"], toolchain: ["toolchain"])
    #expect(found(closure) == ["liba.so: system usr/lib/liba.so for App"])
  }

  @Test func `RPATH is inherited by libraries, RUNPATH is not`() throws {
    try CraftedElf.library(["libb.so"]).write("x/liba.so", in: folder)
    try CraftedElf.library().write("x/libb.so", in: folder)
    #expect(try resolve(.program(["liba.so"], rpath: "$ORIGIN/../x")).missing.isEmpty)
    let closure = try resolve(.program(["liba.so"], runpath: "${ORIGIN}/../x"))
    #expect(closure.missing == [.init(name: "libb.so", neededBy: ["liba.so"])])
    // A RUNPATH turns the RPATH of the same object off.
    #expect(try resolve(.program(["liba.so"], runpath: "/nowhere", rpath: "$ORIGIN/../x")).missing.count == 1)
  }

  @Test func `where the program does not look beside itself, that is known`() throws {
    try CraftedElf.library().write("build/lib/liba.so", in: folder)
    let closure = try resolve(.program(["liba.so"], runpath: "$ORIGIN/lib"))
    #expect(found(closure) == ["liba.so: package build/lib/liba.so for App"])
    #expect(!isFoundBeside(closure))
    #expect(try isFoundBeside(resolve(.program(["liba.so"], runpath: "$ORIGIN/lib:$ORIGIN/"))))
    #expect(try isFoundBeside(resolve(.program(["liba.so"], rpath: "$ORIGIN/lib:${ORIGIN}"))))
  }

  @Test func `a library that lies beside the program is the package's without any RUNPATH`() throws {
    try CraftedElf.library().write("build/liba.so", in: folder)
    let closure = try resolve(.program(["liba.so"]))
    #expect(found(closure) == ["liba.so: package build/liba.so for App"])
    #expect(!isFoundBeside(closure))
  }

  @Test func `a library that the program loads at run time comes with what it needs`() throws {
    try CraftedElf.library(["libb.so"], runpath: "$ORIGIN").write("build/libplugin.so", in: folder)
    try CraftedElf.library().write("build/libb.so", in: folder)
    let closure = try resolve(.program([]), additional: ["build/libplugin.so"])
    #expect(
      found(closure) == [
        "libplugin.so: package build/libplugin.so for ", "libb.so: package build/libb.so for libplugin.so",
      ])
    let other = try CraftedElf.arm64.write("build/libother.so", in: folder)
    let error = try #require(throws: MismatchedLibrary.self) {
      try resolve(.program([]), additional: ["build/libother.so"])
    }
    #expect(
      error.description == "the library \(other) is for linux/arm64, but the program \(folder.file("build/App")) "
        + "is for linux/amd64")
  }

  @Test func `libraries that need each other, and themselves, end the search`() throws {
    try CraftedElf.library(["libb.so", "liba.so"], runpath: "$ORIGIN").write("build/liba.so", in: folder)
    try CraftedElf.library(["liba.so"], runpath: "$ORIGIN").write("build/libb.so", in: folder)
    let closure = try resolve(.program(["liba.so"], runpath: "$ORIGIN"))
    #expect(closure.libraries.map(\.neededBy) == [["App", "liba.so", "libb.so"], ["liba.so"]])
  }

  @Test func `a library that is named by its path is this machine's, or missing`() throws {
    let path = try CraftedElf.library().write("build/liba.so", in: folder)
    let closure = try resolve(.program([path, "build/liba.so", "../liba.so"], runpath: "$ORIGIN"))
    #expect(closure.libraries.map(\.origin) == [.system])
    #expect(closure.missing.map(\.name) == ["build/liba.so", "../liba.so"])
  }

  @Test func `a name that another library has as its own is that library`() throws {
    try CraftedElf(needed: ["libz.so.1"], soname: "libz.so.1").write("build/libz.so", in: folder)
    try CraftedElf.library(["libz.so.1"]).write("build/liba.so", in: folder)
    let closure = try resolve(.program(["libz.so", "libz.so.1", "liba.so"], runpath: "$ORIGIN"))
    #expect(closure.libraries.map(\.name) == ["libz.so", "liba.so"])
    #expect(closure.libraries[0].neededBy == ["App", "libz.so", "liba.so"])
    #expect(closure.missing.isEmpty)
  }

  @Test func `a search that somebody made endless is an error`() throws {
    let folders = Array(repeating: "/x", count: 1300).joined(separator: ":")
    let needed = (0..<400).map { "lib\($0).so" }
    let error = try #require(throws: ElfError.self) { try resolve(.program(needed, rpath: folders)) }
    #expect(error.description.hasSuffix("it needs more libraries than a loader would look for"))
  }

  @Test func `what the package's files open at run time comes with its needs, and changes nothing else`() throws {
    var plugin = CraftedElf.library(["libb.so"], runpath: "$ORIGIN/plugins")
    plugin.loadingNote = CraftedElf.curlNote
    try plugin.write("build/libplugin.so", in: folder)
    try CraftedElf.library(["libnone.so"], runpath: "$ORIGIN").write("build/plugins/libcurl-gnutls.so.4", in: folder)
    try CraftedElf.library().write("build/plugins/libb.so", in: folder)
    let closure = try resolve(.program(["libplugin.so"], runpath: "$ORIGIN"))
    #expect(closure.libraries.map(\.name) == ["libplugin.so", "libb.so"])
    #expect(closure.missing.isEmpty)
    let loaded = try #require(closure.runtimeLoaded.first)
    #expect(loaded.loadedBy == "libplugin.so" && loaded.name == "libcurl-gnutls.so.4")
    #expect(loaded.missing.map(\.name) == ["libnone.so"])
  }

  @Test func `the token $LIB stands for each folder that it can, and -z nodefaultlib leaves out the system's`() throws {
    try CraftedElf.library().write("build/lib64/liba.so", in: folder)
    try CraftedElf.library().write("usr/lib/libb.so", in: folder)
    #expect(try resolve(.program(["liba.so"], runpath: "$ORIGIN/$LIB")).missing.isEmpty)
    var program = CraftedElf.program(["libb.so"])
    #expect(try resolve(program).missing.isEmpty)
    program.flags = 0x800
    #expect(try resolve(program).missing.map(\.name) == ["libb.so"])
  }
}
