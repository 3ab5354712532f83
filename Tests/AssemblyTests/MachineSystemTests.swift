import Foundation
import SematicFiles
import SematicOCI
import TestSupport
import Testing

@testable import SematicAssembly
@testable import SematicELF

@Suite struct MachineSystemTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder("scratch") }

  private func plan(_ artifacts: ProductArtifacts, system: MachineSystem = .here) throws -> ImagePlan {
    try ImagePlan(
      artifacts, settings: ImageSettings(), base: .scratch, libraries: artifacts.libraryClosure(), entrypoint: "",
      system: system)
  }

  private func compile(_ text: String, _ options: [String]) throws -> ProductArtifacts {
    let source = try folder.write("source/main.swift", text)
    try FileTree.createDirectory(folder.file("build"))
    let result = try ChildProcess.run(["swiftc", source, "-o", folder.file("build/App")] + options)
    try #require(result.status == 0, "\(result.output)")
    return try .besides(executable: folder.file("build/App"))
  }

  @Test(.enabled(if: ChildProcess.canRun("swiftc", "/usr/sbin/chroot")))
  func `a dynamic program with Foundation finds libraries, time zones and bundles in an empty root`() throws {
    try folder.write("build/pkg_App.resources/words/greeting.txt", "hello")
    let artifacts = try compile(
      """
      import Foundation
      let zone = TimeZone(identifier: "Europe/Berlin")
      print(zone.map { $0.secondsFromGMT(for: Date(timeIntervalSince1970: 1_700_000_000)) } ?? -1)
      let bundle = Bundle(url: Bundle.main.bundleURL.appendingPathComponent("pkg_App.resources"))
      let url = bundle?.url(forResource: "greeting", withExtension: "txt", subdirectory: "words")
      print(try url.map { try String(contentsOf: $0, encoding: .utf8) } ?? "none")
      print(CommandLine.arguments.dropFirst(), NSHomeDirectory())
      """, ["-Xlinker", "-rpath", "-Xlinker", "$ORIGIN"])
    #expect(artifacts.resourceBundles == [folder.file("build/pkg_App.resources")])
    let plan = try plan(artifacts)
    #expect(plan.warnings.isEmpty)
    #expect(
      plan.layers.map(\.kind) == [
        .system, .timeZones, .runtime, .essentials, .foundation, .backtracer, .resources, .program,
      ])
    #expect(!plan.environment.contains { $0.hasPrefix("LD_LIBRARY_PATH=") })
    let result = try LaidOutImage(plan, in: folder).run(["a b", ""])
    #expect(result.output == "3600\nhello\n[\"a b\", \"\"] /root\n")
    #expect(result.status == 0)
  }

  @Test(.enabled(if: ChildProcess.canRun("swiftc", "/usr/sbin/chroot")))
  func `a program that does not look beside itself finds its libraries all the same`() throws {
    let plan = try plan(compile("print([1, 2].shuffled().count)", []))
    #expect(!plan.environment.contains { $0.hasPrefix("LD_LIBRARY_PATH=") })
    let result = try LaidOutImage(plan, in: folder).run([])
    #expect(result.output == "2\n")
  }

  @Test(.enabled(if: ChildProcess.canRun("swiftc", "/usr/sbin/chroot")), arguments: [[], ["-static-stdlib"]])
  func `a crash prints the functions that led to it`(options: [String]) throws {
    let text = """
      @inline(never) func inner(_ values: [Int], _ index: Int) -> Int { values[index] }
      @inline(never) func outer(_ index: Int) -> Int { inner([1, 2], index + 1) + 1 }
      print(outer(CommandLine.arguments.count + 4))
      """
    let plan = try plan(compile(text, options))
    let result = try LaidOutImage(plan, in: folder).run([])
    #expect(result.output.contains("in App"), "\(result.output)")
    for function in ["inner(_:_:)", "outer(_:)"] { #expect(result.output.contains(function), "\(result.output)") }
  }

  /// A program that uses the C library alone.
  @Test(
    .enabled(
      if: ChildProcess.canRun("swiftc", "/usr/sbin/chroot") && FileTree.exists("/etc/services")
        && FileTree.isDirectory("/usr/lib/locale/C.utf8")))
  func `names of ports, users, time zones, locales and character sets are there without a base`() throws {
    let text = """
      import Glibc
      print(getservbyname("https", "tcp").map { UInt16(bigEndian: UInt16(truncatingIfNeeded: $0.pointee.s_port)) } ?? 0)
      print(getprotobyname("udp")?.pointee.p_proto ?? -1)
      print(setlocale(LC_ALL, "C.UTF-8").map { String(cString: $0) } ?? "none")
      print(iconv_open("UTF-8", "ISO-8859-15").map { Int(bitPattern: $0) } == -1 ? "none" : "converts")
      setenv("TZ", "Europe/Berlin", 1)
      var (time, parts) = (time_t(1_700_000_000), tm())
      localtime_r(&time, &parts)
      print(parts.tm_hour)
      print(getpwnam("worker").map { String(cString: $0.pointee.pw_dir) } ?? "nobody")
      """
    let artifacts = try compile(text, [])
    let plan = try ImagePlan(
      artifacts, settings: ImageSettings(user: "worker"), base: .scratch, libraries: artifacts.libraryClosure(),
      entrypoint: "")
    let result = try LaidOutImage(plan, in: folder).run([])
    #expect(result.output == "443\n17\nC.UTF-8\nconverts\n23\n/home/worker\n")
  }

  @Test(.enabled(if: ChildProcess.canRun("swiftc", "/usr/sbin/chroot", "/bin/sh")))
  func `a program starts a shell, and loads a library by name, which the settings name`() throws {
    let text = """
      import Glibc
      print(dlopen("libstdc++.so.6", RTLD_NOW) != nil, dlopen("libz.so.1", RTLD_NOW) != nil)
      var process: pid_t = 0
      var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("sh"), strdup("-c"), strdup("echo from a shell"), nil]
      fflush(stdout)
      let failure = posix_spawn(&process, "/bin/sh", nil, nil, &arguments, nil)
      waitpid(process, nil, 0)
      print(failure)
      """
    let artifacts = try compile(text, [])
    func plan(_ items: [String]) throws -> ImagePlan {
      try ImagePlan(
        artifacts,
        settings: ImageSettings(systemItems: items.map { .init(source: $0, destination: "") }), base: .scratch,
        libraries: artifacts.libraryClosure(), entrypoint: "")
    }
    #expect(
      try plan([]).notes.map { $0.prefix(30) } == ["App may start other programs, ", "App may load libraries by name"])
    let plan = try plan(["/bin/sh", "libz.so.1"])
    #expect(plan.notes.isEmpty)
    let result = try LaidOutImage(plan, in: folder).run([])
    #expect(result.output == "true true\nfrom a shell\n0\n", "\(result.output)")
    for name in ["/bin/nothing-of-this-name", "libnowhere.so.1"] {
      let error = try #require(throws: ImagePlanError.self) { _ = try self.plan(artifacts, naming: name) }
      #expect(error.reason == .notInSystem(name))
    }
  }

  private func plan(_ artifacts: ProductArtifacts, naming name: String) throws -> ImagePlan {
    try ImagePlan(
      artifacts, settings: ImageSettings(systemItems: [.init(source: name, destination: "")]), base: .scratch,
      libraries: artifacts.libraryClosure(), entrypoint: "")
  }

  @Test(.enabled(if: ChildProcess.canRun("swiftc", "/usr/sbin/chroot")))
  func `a statically linked program brings no libraries`() throws {
    let plan = try plan(compile("print(\"static\")", ["-static-executable"]))
    #expect(!plan.layers.flatMap(\.files).contains { $0.path.contains(".so") })
    let result = try LaidOutImage(plan, in: folder).run([])
    #expect(result.output == "static\n")
  }

  // A tree of crafted files from here on.

  private func crafted(_ program: CraftedElf) throws -> (ProductArtifacts, LibraryClosure) {
    let path = try program.write("build/App", in: folder)
    let artifacts = ProductArtifacts(
      product: "App", executable: path)
    let folders = LibraryFolders(system: [folder.file("lib")])
    return (artifacts, try LibraryResolver(folders).resolve(ElfFile(path)))
  }

  private var system: MachineSystem {
    var system = MachineSystem(
      timeZones: folder.file("zoneinfo"),
      certificates: Certificates(bundles: [folder.file("none"), folder.file("ca.crt")]))
    system.root = folder.file("none")
    return system
  }

  /// Without what lies in the folder of the test, and above it.
  private func paths(_ plan: ImagePlan) -> [String] {
    plan.layers.filter { [.system, .timeZones, .certificates].contains($0.kind) }.flatMap(\.files).map(\.path)
      .filter { path in !(folder.path + "/").hasPrefix("/\(path)/") && !"/\(path)".hasPrefix(folder.path + "/") }
  }

  @Test func `the loader, the libraries under the names they are asked for, zones and certificates are taken`() throws {
    let loader = try CraftedElf.library().write("lib/ld.so", in: folder)
    try CraftedElf.library().write("lib/libc.so.6", in: folder)
    try CraftedElf.library(["libc.so.6"]).write("lib/libcurl.so.4.8", in: folder)
    try FileTree.symbolicLink(at: folder.file("lib/libcurl.so.4"), to: "libcurl.so.4.8")
    try CraftedElf.library(["libcurl.so.4"]).write("build/libFoundationNetworking.so", in: folder)
    try folder.write("zoneinfo/Europe/Berlin", "TZif")
    try folder.write("zoneinfo/posix/Europe/Berlin", "TZif")
    try FileTree.symbolicLink(at: folder.file("zoneinfo/Berlin"), to: "Europe/Berlin")
    try FileTree.symbolicLink(at: folder.file("zoneinfo/here"), to: "/etc/localtime")
    try folder.write("ca.crt", "authorities")
    var program = CraftedElf.program(["libFoundationNetworking.so", "libc.so.6"], runpath: "$ORIGIN")
    program.interpreter = loader
    let (artifacts, closure) = try crafted(program)
    let plan = try ImagePlan(
      artifacts, settings: ImageSettings(), base: .scratch, libraries: closure, entrypoint: "", system: system)
    #expect(
      paths(plan) == [
        "etc", "etc/nsswitch.conf", "root", "usr", "usr/share", "usr/share/zoneinfo",
        "usr/share/zoneinfo/Berlin", "usr/share/zoneinfo/Europe", "usr/share/zoneinfo/Europe/Berlin",
      ])
    let own = plan.layers.flatMap(\.files).map { "/" + $0.path }.filter { $0.hasPrefix(folder.path + "/") }
    #expect(
      own.map { String($0.dropFirst(folder.path.count + 1)) } == ["lib", "lib/ld.so", "lib/libc.so.6", "ca.crt"])
    #expect(plan.layers.first { $0.kind == .systemLibraries }?.files.last?.path == "sematic/bin/libcurl.so.4")
    #expect(plan.layers[0].files.contains(PlannedFile(path: "tmp", content: .directory, mode: 0o1777)))
    #expect(plan.warnings.isEmpty)
  }

  @Test func `a library that is not here ends it with advice`() throws {
    let (artifacts, closure) = try crafted(.program(["liba.so"]))
    let error = try #require(throws: ImagePlanError.self) {
      try ImagePlan(artifacts, settings: ImageSettings(), base: .scratch, libraries: closure, entrypoint: "")
    }
    #expect(
      error.description == "liba.so, which App needs, is not on this machine for the program's processor, and an image "
        + "without a base has to bring it")
    #expect(error.hint == "install it on this machine, or choose a base that has it")
  }

  @Test func `a loader that is not here, or is another processor's, ends it`() throws {
    var program = CraftedElf.program([])
    program.interpreter = try CraftedElf.arm64.write("lib/ld.so", in: folder)
    let (artifacts, closure) = try crafted(program)
    let error = try #require(throws: ImagePlanError.self) {
      try ImagePlan(artifacts, settings: ImageSettings(), base: .scratch, libraries: closure, entrypoint: "")
    }
    #expect(error.reason == .missing(library: folder.file("lib/ld.so"), neededBy: ["App"]))
  }

  @Test func `what is missing on this machine is a warning, what the data brings is not replaced`() throws {
    var program = CraftedElf()
    program.needed = ["libFoundation.so", "libcurl.so.4"]
    for name in program.needed { try CraftedElf.library().write("lib/\(name)", in: folder) }
    let (artifacts, closure) = try crafted(program)
    let passwd = try folder.write("passwd", "worker")
    let plan = try ImagePlan(
      artifacts, settings: ImageSettings(data: [.init(source: passwd, destination: "/etc/passwd")]), base: .scratch,
      libraries: closure, entrypoint: "", system: system)
    #expect(
      plan.warnings == [
        "\(folder.file("zoneinfo")) is not on this machine: in the image, TimeZone(identifier:) fails",
        "no certificate authorities are on this machine: in the image, https fails",
      ])
    let files = plan.layers.flatMap(\.files).filter { $0.path == "etc/passwd" }
    #expect(files.map { $0.source?.path } == [passwd])
  }
}
