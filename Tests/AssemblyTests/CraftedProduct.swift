import Foundation
import SematicFiles
import SematicOCI
import TestSupport

@testable import SematicAssembly
@testable import SematicELF

/// A product of crafted files: a program with a dynamic library, a runtime library and a resource bundle.
struct CraftedProduct {
  let folder: TemporaryFolder
  let toolchain: String
  var name = "App"
  var runpath: String

  init() throws {
    folder = try TemporaryFolder("product")
    toolchain = folder.file("toolchain/usr/lib/swift/linux")
    runpath = "\(toolchain):$ORIGIN"
    var shapes = CraftedElf.library(["libcurl.so.4", "libnowhere.so"], runpath: "$ORIGIN")
    shapes.soname = "libShapes.so"
    try shapes.write("build/libShapes.so", in: folder)
    try CraftedElf.library().write("toolchain/usr/lib/swift/linux/libswiftCore.so", in: folder)
    for library in ["libc.so.6", "libcurl.so.4"] {
      try CraftedElf.library(["libm.so.6"]).write("lib/\(library)", in: folder)
    }
    try folder.write("ca.crt", "authorities")
    try folder.write("build/app_App.resources/a.txt", "hello")
    try folder.write("build/app_App.resources/bin/run", "#!/bin/sh\necho executable\n", mode: 0o700)
    try FileTree.symbolicLink(at: folder.file("build/app_App.resources/link"), to: "bin/../a.txt")
  }

  func artifacts(_ program: CraftedElf) throws -> (ProductArtifacts, LibraryClosure) {
    let path = try program.write("build/App", in: folder)
    let artifacts = ProductArtifacts(
      product: name, executable: path,
      resourceBundles: [folder.file("build/app_App.resources")])
    let folders = LibraryFolders(system: [folder.file("lib")])
    return (artifacts, try LibraryResolver(folders).resolve(ElfFile(path)))
  }

  func plan(
    _ base: ImagePlan.Base, _ settings: ImageSettings = ImageSettings(), wanted: Platform? = nil
  ) throws -> ImagePlan {
    var program = CraftedElf.program(
      ["libShapes.so", "libswiftCore.so", "libcurl.so.4", "libc.so.6"], runpath: runpath)
    program.versionNeeds = [("libc.so.6", ["GLIBC_2.35"])]
    let (artifacts, libraries) = try artifacts(program)
    return try ImagePlan(
      artifacts, settings: settings, base: base, libraries: libraries, entrypoint: "#!/bin/sh\nexec \"$@\"\n",
      wanted: wanted,
      system: MachineSystem(timeZones: "/none", certificates: Certificates(bundles: [folder.file("ca.crt")])))
  }

  /// Of a statically linked program without a base.
  func scratchPlan(_ settings: ImageSettings = ImageSettings()) throws -> ImagePlan {
    let (artifacts, libraries) = try artifacts(CraftedElf())
    var system = MachineSystem(timeZones: "/none", certificates: Certificates(bundles: []))
    system.root = folder.file("system")
    return try ImagePlan(
      artifacts, settings: settings, base: .scratch, libraries: libraries, entrypoint: "", system: system)
  }
}

extension ImagePlan {
  /// The plan of an image with one program.
  /// - Parameter entrypoint: the script in front of the program.
  init(
    _ artifacts: ProductArtifacts, settings: ImageSettings, base: Base, libraries: LibraryClosure, entrypoint: String,
    wanted: Platform? = nil, system: MachineSystem = .here
  ) throws {
    let program = ImageProgram(artifacts, libraries: libraries)
    try self.init(
      .program(program, entrypoint: entrypoint), settings: settings, base: base, wanted: wanted, system: system)
  }
}
