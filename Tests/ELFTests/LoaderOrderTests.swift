import SematicFiles
import TestSupport
import Testing

@testable import SematicELF

/// The search beside this machine's own loader, on programs that were linked for each case.
@Suite(.enabled(if: ChildProcess.canRun("clang"))) struct LoaderOrderTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder("order") }

  private enum Copy { case library, text, otherProcessor }

  /// Links a program that needs liba.so, with copies of it in folders.
  private func program(_ copies: [String: Copy], _ linking: [String]) throws -> String {
    func clang(_ arguments: [String]) throws {
      let built = try ChildProcess.run(["clang"] + arguments, folder: folder.path)
      try #require(built.status == 0, "\(built.output)")
    }
    try folder.write("a.c", "int a(void) { return 0; }")
    try folder.write("main.c", "int a(void); int main(void) { return a(); }")
    try clang(["-shared", "-fPIC", "a.c", "-o", "liba.so"])
    try clang(["main.c", "-L.", "-la", "-o", "main"] + linking)
    for (name, copy) in copies {
      switch copy {
      case .library: try folder.write("\(name)/liba.so", FileTree.read(folder.file("liba.so")))
      case .text: try folder.write("\(name)/liba.so", "INPUT(-la)")
      case .otherProcessor: try CraftedElf(machine: 8).write("\(name)/liba.so", in: folder)
      }
    }
    return folder.file("main")
  }

  @Test(arguments: [
    (["--disable-new-dtags", "-rpath,$ORIGIN/own"], ["own", "given"]),
    (["--enable-new-dtags", "-rpath,$ORIGIN/own"], ["own", "given"]),
    (["--enable-new-dtags", "-rpath,$ORIGIN/own"], ["own"]),
    (["--enable-new-dtags", "-rpath,${ORIGIN}/none:$ORIGIN/own/../own"], ["own"]),
    (["--enable-new-dtags"], ["own"]),
  ]) func `a library is found where the loader finds it`(linking: [String], places: [String]) throws {
    let path = try program(Dictionary(uniqueKeysWithValues: places.map { ($0, .library) }), linking.map { "-Wl," + $0 })
    let file = try ElfFile(path)
    let given = folder.file("given")
    var folders = try LibraryFolders.here(for: file.machine)
    folders.libraryPath = [given]
    let closure = try LibraryResolver(folders).resolve(file)
    let listed = try ChildProcess.run(
      [try #require(file.interpreter), "--list", path], environment: ["LD_LIBRARY_PATH": given])
    let line = listed.output.split(separator: "\n").first { $0.contains("liba.so => /") } ?? ""
    let expected = line.split(separator: " ").first { $0.hasPrefix("/") }.map(String.init)
    let found = closure.libraries.first { $0.name == "liba.so" }?.file.path
    #expect(try expected.map(FileTree.resolved) == found.map(FileTree.resolved), "\(listed.output)")
    #expect((found == nil) == !linking.contains { $0.contains("own") })
  }

  @Test func `the loader gives up at a file that is no library, and skips one of another processor`() throws {
    let linking = ["-Wl,--enable-new-dtags,-rpath,$ORIGIN/bad:$ORIGIN/own"]
    for (copy, isFound) in [(Copy.text, false), (.otherProcessor, true)] {
      let path = try program(["bad": copy, "own": .library], linking)
      let file = try ElfFile(path)
      let closure = try LibraryResolver(.here(for: file.machine)).resolve(file)
      #expect(closure.missing.map(\.unusable) == (isFound ? [] : [folder.file("bad/liba.so")]))
      #expect(try ChildProcess.run([path]).status == (isFound ? 0 : 127))
    }
  }
}
