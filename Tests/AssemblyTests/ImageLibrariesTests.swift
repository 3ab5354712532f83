import Foundation
import SematicArchive
import SematicFiles
import SematicOCI
import TestSupport
import Testing

@testable import SematicAssembly
@testable import SematicELF

/// Which libraries come along into an image, and in which layers.
@Suite struct ImageLibrariesTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder("libraries") }

  private static let base = ImagePlan.Base.image(ImageConfiguration(platform: Platform(architecture: "amd64")))

  private func plan(
    _ program: CraftedElf, name: String = "App", _ settings: ImageSettings = ImageSettings(),
    baseSystem: BaseSystem? = nil
  ) throws -> ImagePlan {
    let path = try program.write("\(name)/App", in: folder)
    let artifacts = ProductArtifacts(product: name, executable: path)
    let folders = LibraryFolders(toolchain: [toolchain], system: [folder.file("lib")])
    let closure = try LibraryResolver(folders).resolve(ElfFile(path))
    return try ImagePlan(
      .program(ImageProgram(artifacts, libraries: closure), entrypoint: ""), settings: settings, base: Self.base,
      baseSystem: baseSystem,
      system: MachineSystem(timeZones: folder.file("zones"), certificates: Certificates(bundles: [])))
  }

  private var toolchain: String { folder.file("usr/lib/swift/linux") }

  private func writeLibraries() throws {
    func library(_ name: String, _ needed: [String] = [], glibc: String? = nil) throws {
      var library = CraftedElf.library(needed, runpath: name.hasPrefix("lib/") ? nil : "$ORIGIN")
      if let glibc { library.versionNeeds = [("libc.so.6", [glibc])] }
      try library.write(name, in: folder)
    }
    try library("lib/libc.so.6")
    try library("lib/libstdc++.so.6", ["libc.so.6"])
    try library("lib/libz.so.1", ["libc.so.6"])
    try library("lib/libcurl.so.4", ["libz.so.1", "libc.so.6"], glibc: "GLIBC_2.36")
    try library("lib/libxml2.so.2", ["libz.so.1", "libstdc++.so.6"])
    try library("lib/libsqlite3.so.0", ["libc.so.6"])
    try library("lib/libcuda.so.1", ["libc.so.6"])
    for (name, needed) in [
      ("swiftCore", ["libstdc++.so.6", "libc.so.6"]), ("swift_Concurrency", ["libswiftCore.so"]),
      ("FoundationEssentials", ["libswiftCore.so"]),
      ("Foundation", ["libFoundationEssentials.so", "lib_FoundationICU.so"]),
      ("_FoundationICU", ["libstdc++.so.6"]), ("FoundationNetworking", ["libFoundation.so", "libcurl.so.4"]),
      ("FoundationXML", ["libFoundation.so", "libxml2.so.2"]), ("Testing", ["libswiftCore.so"]),
    ] {
      try library("usr/lib/swift/linux/lib\(name).so", needed)
    }
    try FileTree.createDirectory(folder.file("zones"))
  }

  private func names(_ plan: ImagePlan, _ kind: LayerPlan.Kind) -> [String] {
    plan.layers.filter { $0.kind == kind }.flatMap(\.files).filter { $0.content != .directory }
      .map { FileTree.name(of: $0.path) }
  }

  @Test func `a library of the system comes along, with what it needs, in the layer of the group that needs it`() throws
  {
    try writeLibraries()
    let plan = try plan(
      .program(
        ["libFoundationNetworking.so", "libFoundationXML.so", "libsqlite3.so.0", "libc.so.6"], runpath: "$ORIGIN"))
    #expect(names(plan, .runtime) == ["libswiftCore.so", "libswift_Concurrency.so"])
    #expect(names(plan, .essentials) == ["libFoundationEssentials.so"])
    #expect(names(plan, .foundation) == ["libFoundation.so", "lib_FoundationICU.so"])
    // Both need libz: each of the layers is whole.
    #expect(names(plan, .networking) == ["libFoundationNetworking.so", "libcurl.so.4", "libz.so.1"])
    #expect(names(plan, .xml) == ["libFoundationXML.so", "libxml2.so.2", "libz.so.1"])
    #expect(names(plan, .systemLibraries) == ["libsqlite3.so.0"])
    #expect(plan.layers.flatMap(\.files).allSatisfy { !$0.path.hasSuffix("libc.so.6") && !$0.path.contains("Testing") })
    #expect(plan.requiredVersions == ["GLIBC_2.36"])
    #expect(plan.warnings.isEmpty)
    #expect(!plan.environment.contains { $0.hasPrefix("LD_LIBRARY_PATH") })
  }

  @Test func `programs with different imports have the same layers of what both need`() throws {
    try writeLibraries()
    func layers(_ needed: [String], _ name: String) throws -> [LayerPlan.Kind: LayerPlan] {
      let plan = try plan(.program(needed, runpath: "$ORIGIN"), name: name)
      return Dictionary(uniqueKeysWithValues: plan.layers.map { ($0.kind, $0) })
    }
    let small = try layers(["libswiftCore.so"], "Small")
    let networking = try layers(["libFoundationNetworking.so", "libsqlite3.so.0"], "Networking")
    let whole = try layers(["libFoundationXML.so", "libFoundationNetworking.so", "libTesting.so"], "Whole")
    #expect(small.keys.contains(.runtime) && !small.keys.contains(.essentials))
    #expect(small[.runtime] == networking[.runtime] && small[.runtime] == whole[.runtime])
    for kind in [LayerPlan.Kind.essentials, .foundation, .networking] {
      #expect(networking[kind] != nil && networking[kind] == whole[kind], "\(kind)")
    }
  }

  @Test func `with system_libraries: base, and of drivers, nothing comes along`() throws {
    try writeLibraries()
    let settings = ImageSettings(bringsSystemLibraries: false)
    let program = CraftedElf.program(["libFoundationNetworking.so", "libsqlite3.so.0"], runpath: "$ORIGIN")
    let plan = try plan(program, settings)
    #expect(names(plan, .networking) == ["libFoundationNetworking.so"])
    #expect(names(plan, .systemLibraries).isEmpty)
    #expect(
      plan.warnings == [
        "libsqlite3.so.0, which App needs, is not brought along: the program starts only if the base has it",
        "libcurl.so.4, which libFoundationNetworking.so needs, is not brought along: the program starts only if the base "
          + "has it",
      ])
    let driver = try self.plan(.program(["libcuda.so.1", "libnowhere.so"], runpath: "$ORIGIN"))
    #expect(driver.layers.map(\.kind) == [.program])
    #expect(driver.warnings.count == 2)
  }

  @Test func `a library is warned of only where the base does not have it`() throws {
    try writeLibraries()
    let program = CraftedElf.program(["libcuda.so.1", "libnowhere.so"], runpath: "$ORIGIN")
    func warnings(_ base: BaseSystem) throws -> [String] { try plan(program, baseSystem: base).warnings }
    #expect(
      try warnings(BaseSystem(name: "b", cLibrary: "GLIBC_2.31", libraries: ["libcuda.so.1", "libnowhere.so"])).isEmpty)
    #expect(
      try warnings(BaseSystem(name: "b", cLibrary: "GLIBC_2.31", libraries: ["libcuda.so.1"])) == [
        "libnowhere.so, which App needs, is not in the base b: the program cannot start"
      ])
    #expect(
      try warnings(BaseSystem(name: "b", cLibrary: nil, libraries: ["libcuda.so.1", "libnowhere.so"])) == [
        "the base b has no C library for App: it cannot start there"
      ])
    #expect(try warnings(BaseSystem(name: "b", cLibrary: "GLIBC_2.31", libraries: nil)).count == 2)
  }

  @Test func `the C++ library is the base's, unless everybody can see that it has none`() throws {
    try writeLibraries()
    let program = CraftedElf.program(["libswiftCore.so"], runpath: "$ORIGIN")
    func brought(_ libraries: Set<String>?, isLocal: Bool = true) throws -> [String] {
      let base = BaseSystem(name: "b", cLibrary: "GLIBC_2.40", libraries: libraries, isLocal: isLocal)
      return names(try plan(program, baseSystem: base), .systemLibraries)
    }
    #expect(try brought([]) == ["libstdc++.so.6"])
    #expect(try brought(["libstdc++.so.6"]).isEmpty && brought(nil).isEmpty && brought([], isLocal: false).isEmpty)
    let remote = BaseSystem(name: "b", cLibrary: "GLIBC_2.40", isLocal: false)
    #expect(
      try plan(program, baseSystem: remote).warnings == [
        "libstdc++.so.6, which libswiftCore.so needs, is not in the base b: the program cannot start"
      ])
  }

  @Test func `a base with an older C library is an error that names it and what needs a newer one`() throws {
    try writeLibraries()
    let program = CraftedElf.program(["libFoundationNetworking.so"], runpath: "$ORIGIN")
    for version in ["GLIBC_2.36", "GLIBC_2.40"] {
      _ = try plan(program, baseSystem: BaseSystem(name: "b", cLibrary: version))
    }
    let error = try #require(throws: ImagePlanError.self) {
      try plan(program, baseSystem: BaseSystem(name: "debian:11", cLibrary: "GLIBC_2.31"))
    }
    #expect(
      error.description == "libcurl.so.4 needs GLIBC_2.36, but the base debian:11 has GLIBC_2.31 at most")
    // The base's libcurl is its own affair.
    _ = try plan(
      program, ImageSettings(bringsSystemLibraries: false), baseSystem: BaseSystem(name: "b", cLibrary: "GLIBC_2.31"))
  }

  @Test func `the newest version of each library's symbols is asked of the base`() throws {
    var program = CraftedElf.program(["liba.so", "libc.so.6"], runpath: "$ORIGIN")
    program.versionNeeds = [("libc.so.6", ["GLIBC_2.9", "GLIBC_2.34", "GLIBC_PRIVATE"])]
    var library = CraftedElf.library(["libc.so.6"])
    library.versionNeeds = [("libc.so.6", ["GLIBC_2.35", "GLIBC_2.2.5"]), ("libstdc++.so.6", ["GLIBCXX_3.4.9"])]
    try library.write("App/liba.so", in: folder)
    var system = CraftedElf.library()
    system.versionNeeds = [("libx.so", ["GLIBC_9.9"])]
    try system.write("lib/libc.so.6", in: folder)
    #expect(try plan(program).requiredVersions == ["GLIBC_2.35", "GLIBCXX_3.4.9"])
    func check(_ cppVersions: [String]) throws {
      let libraries: Set = ["libstdc++.so.6"]
      _ = try plan(
        program,
        baseSystem: BaseSystem(name: "b", cLibrary: "GLIBC_2.35", cppVersions: cppVersions, libraries: libraries))
    }
    try check(["GLIBCXX_3.4.10"])
    try check([])
    let error = #expect(throws: ImagePlanError.self) { try check(["GLIBCXX_3.4.8", "CXXABI_1.3"]) }
    #expect(error?.description == "liba.so needs GLIBCXX_3.4.9, but the base b has GLIBCXX_3.4.8 at most")
  }

  @Test func `time zones and certificates come along where a base that everybody can look into has none`() throws {
    try writeLibraries()
    try folder.write("zones/Etc/UTC", "TZif")
    func kinds(_ base: BaseSystem?) throws -> Set<LayerPlan.Kind> {
      Set(try plan(.program(["libFoundation.so"], runpath: "$ORIGIN"), baseSystem: base).layers.map(\.kind))
    }
    #expect(try kinds(BaseSystem(name: "b", cLibrary: nil, hasTimeZones: false)).contains(.timeZones))
    #expect(try !kinds(BaseSystem(name: "b", cLibrary: nil)).contains(.timeZones))
    // What a cache happens to know does not change an image.
    #expect(try kinds(BaseSystem(name: "b", cLibrary: nil, isLocal: false)) == kinds(nil))
  }

  /// With the real toolchain: the second program of a team sends none of the runtime.
  @Test(.enabled(if: ChildProcess.canRun("swiftc")))
  func `compiled programs with different imports share the digests of their runtime`() throws {
    func layers(_ name: String, _ text: String) throws -> [LayerPlan.Kind: Digest] {
      let source = try folder.write("\(name)/main.swift", text)
      try FileTree.createDirectory(folder.file("\(name)/build"))
      let path = folder.file("\(name)/build/\(name)")
      let result = try ChildProcess.run(["swiftc", source, "-o", path])
      try #require(result.status == 0, "\(result.output)")
      let plan = try ImagePlan(
        .program(ImageProgram(.besides(executable: path)), entrypoint: ""), settings: ImageSettings(),
        base: Self.base)
      let cache = try LayerCache(
        folder: folder.file("blobs"), compressor: Compressor(LayerCompression(.gzip, level: 1)))
      return Dictionary(
        uniqueKeysWithValues: try plan.layers.filter { $0.kind.isShared }.map {
          ($0.kind, try cache.layer(for: $0).layer.descriptor.digest)
        })
    }
    let first = try layers("First", "print([1, 2].shuffled())")
    let second = try layers("Second", "import FoundationEssentials\nprint(Date(), try! Regex(\"a\"))")
    #expect(Set(first.keys) == [.runtime, .backtracer])
    #expect(Set(second.keys).isSuperset(of: [.runtime, .backtracer, .essentials]))
    for (kind, digest) in first { #expect(second[kind] == digest, "\(kind)") }
  }
}
