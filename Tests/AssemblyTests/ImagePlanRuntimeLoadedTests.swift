import Foundation
import SematicFiles
import SematicOCI
import TestSupport
import Testing

@testable import SematicAssembly
@testable import SematicELF

/// What a program loads when it runs, in the image.
@Suite struct ImagePlanRuntimeLoadedTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder("loaded") }

  private var system: MachineSystem {
    MachineSystem(timeZones: folder.file("zoneinfo"), certificates: Certificates(bundles: [folder.file("ca.crt")]))
  }

  private func plan(_ program: CraftedElf, _ base: ImagePlan.Base) throws -> ImagePlan {
    let path = try program.write("build/App", in: folder)
    let artifacts = ProductArtifacts(
      product: "App", executable: path)
    let closure = try LibraryResolver(LibraryFolders(system: [folder.file("lib")])).resolve(ElfFile(path))
    return try ImagePlan(
      artifacts, settings: ImageSettings(), base: base, libraries: closure, entrypoint: "", system: system)
  }

  private func loading(_ note: String = CraftedElf.curlNote) -> CraftedElf {
    var program = CraftedElf.program(["libc.so.6"])
    program.loadingNote = note
    return program
  }

  private func writeLibraries() throws {
    try CraftedElf.library().write("lib/libc.so.6", in: folder)
    try CraftedElf.library(["libssl.so.3", "libz.so.1", "libc.so.6"]).write("lib/libcurl.so.4", in: folder)
    try CraftedElf.library(["libcrypto.so.3"]).write("lib/libssl.so.3", in: folder)
    try CraftedElf.library(["libz.so.1", "libssl.so.3"]).write("lib/libcrypto.so.3", in: folder)
    try CraftedElf.library().write("lib/libz.so.1", in: folder)
    try folder.write("ca.crt", "authorities")
  }

  private static let base = ImagePlan.Base.image(ImageConfiguration(platform: Platform(architecture: "amd64")))

  @Test func `above a base it lies in a folder of its own, with the order in which it can be loaded`() throws {
    try writeLibraries()
    let plan = try plan(loading(), Self.base)
    let runtime = try #require(plan.layers.first { $0.kind == .runtimeLoaded })
    #expect(
      runtime.files.map(\.path) == [
        "sematic", "sematic/lib", "sematic/lib/libcrypto.so.3", "sematic/lib/libcurl.so.4",
        "sematic/lib/libcurl.so.4.needs", "sematic/lib/libssl.so.3", "sematic/lib/libz.so.1",
      ])
    let order = try #require(runtime.files.first { $0.path.hasSuffix(".needs") })
    #expect(order.content == .bytes(Array("libz.so.1\nlibcrypto.so.3\nlibssl.so.3\nlibcurl.so.4\n".utf8)))
    let certificates = plan.layers.first { $0.kind == .certificates }
    #expect(certificates?.files.last?.path == "sematic/lib/ca-certificates.crt")
    #expect(plan.warnings.isEmpty)
    #expect(plan.requiredVersions.isEmpty)
  }

  @Test func `a static program cannot load it, and that is said`() throws {
    try writeLibraries()
    var program = CraftedElf()
    program.loadingNote = CraftedElf.curlNote
    let plan = try plan(program, Self.base)
    #expect(!plan.layers.contains { $0.kind == .runtimeLoaded })
    #expect(
      plan.warnings == [
        "App is a static program and cannot load libcurl.so.4 or libcurl-gnutls.so.4 for https when it runs"
      ])
  }

  @Test func `without a base it lies there as well, and certificates where all look for them`() throws {
    try writeLibraries()
    var program = loading()
    program.interpreter = try CraftedElf.library().write("lib/ld.so", in: folder)
    let plan = try plan(program, .scratch)
    let paths = plan.layers.flatMap(\.files).map(\.path)
    let place = folder.path.dropFirst()
    #expect(paths.contains("\(place)/ca.crt") && !paths.contains("sematic/lib/ca-certificates.crt"), "\(paths)")
    #expect(
      try plan.layers.first { $0.kind == .runtimeLoaded }
        == self.plan(loading(), Self.base).layers.first {
          $0.kind == .runtimeLoaded
        })
  }

  @Test func `what the program needs anyhow, only suggests or cannot load is not added`() throws {
    try writeLibraries()
    var needing = loading()
    needing.needed.append("libcurl.so.4")
    var alone = loading()
    alone.interpreter = nil
    alone.needed = []
    let suggesting = loading(CraftedElf.curlNote.replacingOccurrences(of: "recommended", with: "suggested"))
    for program in [needing, alone, suggesting, loading("[{"), loading("[{\"soname\":[\"../x\"]}]")] {
      #expect(try !plan(program, Self.base).layers.flatMap(\.files).contains { $0.path.hasSuffix(".needs") })
    }
  }

  @Test func `what is not on this machine is a warning`() throws {
    try CraftedElf.library().write("lib/libc.so.6", in: folder)
    #expect(
      try plan(loading(), Self.base).warnings == [
        "libcurl.so.4 or libcurl-gnutls.so.4, which App loads for https when it runs, is not on this machine"
      ])
  }

  /// The test program of the library `Sematic`, whose server is behind TLS.
  @Test(.enabled(if: ChildProcess.canRun("/usr/sbin/chroot") && TLSProxy.isAvailable))
  func `a program with the library speaks https, without a base and above one that lacks all for it`() throws {
    let server = try ScriptedServer { _ in .text(200, "{\"server\":[0,1,0],\"min_client_supported\":[0,1,0]}") }
    let proxy = try TLSProxy(port: server.port)
    let build = FileTree.parent(of: try FileTree.resolved("/proc/self/exe"))
    let artifacts = try ProductArtifacts.besides(executable: build + "/SematicTestProgram")
    let closure = try artifacts.libraryClosure()
    // The C library has more files than the program needs.
    let common = closure.runtimeLoaded.flatMap(\.libraries).filter { ImageLibraries.isInEveryBase($0.name) }
    let bare = LibraryClosure(
      executable: closure.executable, libraries: closure.libraries + common)
    func plan(
      _ base: ImagePlan.Base, _ closure: LibraryClosure, certificates: [String], _ variables: [String: String] = [:]
    ) throws -> ImagePlan {
      let environment = variables.merging(["SEMATIC_API_ADDRESS": proxy.address]) { $1 }
      return try ImagePlan(
        artifacts, settings: ImageSettings(environment: environment), base: base, libraries: closure,
        entrypoint: "", system: MachineSystem(timeZones: "/none", certificates: Certificates(bundles: certificates)))
    }
    let authority = proxy.certificate.authority
    let answer = "its version 0.1.0 is older than 0.30.0"

    // There the bundle has the place that it has on this machine.
    let whole = try plan(.scratch, closure, certificates: [authority], ["SSL_CERT_FILE": authority])
    let root = try TemporaryFolder("whole")
    let alone = try LaidOutImage(whole, in: root).run(["world"])
    #expect(alone.status == 1 && alone.output.contains(answer), "\(alone.output)")

    let place = try TemporaryFolder("base")
    let base = try plan(.scratch, bare, certificates: [])
    let program = try LaidOutImage(base, in: place)
    let before = try program.run(["world"])
    #expect(before.output.contains("libcurl was not found"), "\(before.output)")
    let above = try plan(
      .image(ImageConfiguration(platform: base.platform)), closure, certificates: [authority])
    _ = try LaidOutImage(above, in: place)
    let after = try program.run(["world"])
    #expect(after.status == 1 && after.output.contains(answer), "\(after.output)")
  }
}
