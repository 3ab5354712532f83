import Foundation
import SematicFiles
import TestSupport
import Testing

@testable import SematicAssembly
@testable import SematicELF

@Suite struct ProductArtifactsTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder("artifacts") }

  @Test func `a plugin's context file is read, also one that says only what must be said`() throws {
    let path = try folder.write(
      "context.json",
      #"{"packages": [], "newer": 1, "programs": [{"product": "App", "executable": "/b/App"}, {"product": "Other", "executable": "/b/Other", "resourceBundles": ["/b/x.resources"], "dynamicLibraries": ["/b/liba.so"]}]}"#
    )
    #expect(
      try ProductArtifacts.list(contextFile: path) == [
        ProductArtifacts(product: "App", executable: "/b/App"),
        ProductArtifacts(
          product: "Other", executable: "/b/Other", resourceBundles: ["/b/x.resources"],
          dynamicLibraries: ["/b/liba.so"]),
      ])
    try folder.write("context.json", #"{"programs": []}"#)
    #expect(try ProductArtifacts.list(contextFile: path).isEmpty)
  }

  @Test(arguments: [
    "", "{}", "[]", #"{"programs": [{"product": "App"}]}"#,
  ])
  func `another file is an error`(text: String) throws {
    let path = try folder.write("context.json", text)
    let error = try #require(throws: FileError.self) { try ProductArtifacts.list(contextFile: path) }
    #expect(error.description == "cannot read \(path): it is not the JSON that the plugins write")
  }

  @Test func `beside an executable, the bundles that it names and its libraries are found`() throws {
    var bytes = CraftedElf.program(["liba.so"], runpath: "$ORIGIN").bytes
    bytes += Array("/build/pkg_App.resources\0unable to find bundle named a_long_package_App\0".utf8)
    let executable = try folder.write("build/App", bytes, mode: 0o755)
    let library = CraftedElf.library().bytes + Array("\0pkg_Shapes.resources\0".utf8)
    try folder.write("build/liba.so", library)
    try CraftedElf.library().write("build/libother.so", in: folder)
    for bundle in [
      "pkg_App.resources", "pkg_Shapes.resources", "pkg_Other.resources", "a_long_package_App.bundle",
      "a_long_package_Shapes.bundle", "pkg_App.build",
    ] {
      try FileTree.createDirectory(folder.file("build/\(bundle)"))
    }
    try folder.write("build/pkg_File.resources", "no folder")
    let artifacts = try ProductArtifacts.besides(executable: executable)
    #expect(artifacts.product == "App")
    #expect(artifacts.dynamicLibraries == [folder.file("build/liba.so")])
    #expect(
      artifacts.resourceBundles.map(FileTree.name(of:)) == [
        "a_long_package_App.bundle", "pkg_App.resources", "pkg_Shapes.resources",
      ])
  }

  @Test func `code in C does not name its bundle, but SwiftPM's list of what it linked does`() throws {
    try CraftedElf.program(["liba.so"], runpath: "$ORIGIN").write("build/App", in: folder)
    try CraftedElf.library().write("build/liba.so", in: folder)
    for bundle in ["my.pkg_c-code.resources", "pkg_Other.resources", "pkg_InLibrary.bundle"] {
      try FileTree.createDirectory(folder.file("build/\(bundle)"))
    }
    try folder.write("build/App.product/Objects.LinkFileList", "/b/App.build/main.swift.o\n'/b/c_code.build/x.c.o'\n")
    try folder.write("build/a.product/Objects.LinkFileList", "/b/InLibrary.build/sub/y.c.o\n")
    let artifacts = try ProductArtifacts.besides(executable: folder.file("build/App"))
    #expect(
      artifacts.resourceBundles.map(FileTree.name(of:)) == ["my.pkg_c-code.resources", "pkg_InLibrary.bundle"])
  }

  @Test func `an executable that is not there is an error, and one that is no program is none for an image`() throws {
    #expect(throws: FileError.self) { try ProductArtifacts.besides(executable: folder.file("App")) }
    try folder.write("App", "#!/bin/sh\n", mode: 0o755)
    let artifacts = try ProductArtifacts.besides(executable: folder.file("App"))
    let error = try #require(throws: ElfError.self) { try artifacts.libraryClosure() }
    #expect(error.description == "\(folder.file("App")) is a script, not a program for Linux (ELF)")
  }
}
