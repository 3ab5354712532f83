import SematicOCI
import TestSupport
import Testing

@testable import SematicCheck
@testable import SematicELF

@Suite struct JudgeProgramsTests {
  private func program(_ elf: CraftedElf) -> JudgedImage {
    JudgedImage.swift.above(.program("sematic/bin/Program", elf.bytes))
  }

  @Test func `A C library that is too old is named, with what asks for more`() throws {
    let old = JudgedImage.swift.above(
      .program("usr/lib/libc.so.6", JudgedImage.cLibrary(["GLIBC_2.2.5", "GLIBC_2.31"])))
    let verdict = try old.verdict(.cLibrary)
    #expect(verdict.status == .fail)
    #expect(verdict.detail == "missing: GLIBC_2.34 of libc.so.6, which Program needs; the image has GLIBC_2.31")
    #expect(
      try JudgedImage.swift.verdict(.cLibrary) == .pass(.cLibrary, "needs GLIBC_2.34, has GLIBC_2.36"))
  }

  @Test func `A library that asks for a newer version of another one is found as well`() throws {
    var library = CraftedElf.library(["libc.so.6"])
    library.versionNeeds = [("libc.so.6", ["GLIBC_2.40"])]
    let image = program(.program(["libown.so", "libc.so.6"], runpath: "$ORIGIN"))
      .above(.program("sematic/bin/libown.so", library.bytes))
    #expect(
      try image.verdict(.cLibrary).detail
        == "missing: GLIBC_2.40 of libc.so.6, which libown.so needs; the image has GLIBC_2.36")
    #expect(try image.status(.libraries) == .pass)
  }

  @Test func `A library that nothing provides is named, whoever needs it`() throws {
    let image = program(.program(["libown.so", "libc.so.6"], runpath: "$ORIGIN/../lib"))
      .above(.program("sematic/lib/libown.so", CraftedElf.library(["libfar.so.1"]).bytes))
    #expect(try image.verdict(.libraries).detail == "missing: libfar.so.1, which libown.so needs")
    let there = image.above(.program("opt/far/libfar.so.1", CraftedElf.library().bytes))
    #expect(try there.status(.libraries) == .fail)
    let configured = there.above(
      .file("etc/ld.so.conf", "include /etc/ld.so.conf.d/*.conf\n"),
      .file("etc/ld.so.conf.d/far.conf", "# x\n/opt/far\n"))
    #expect(try configured.status(.libraries) == .pass)
    #expect(
      try there.with { $0.configuration.environment.append("LD_LIBRARY_PATH=/opt/far") }.status(.libraries) == .pass)
    let foreign = configured.above(.program("opt/far/libfar.so.1", CraftedElf.arm64.bytes))
    #expect(try foreign.status(.libraries) == .fail)
  }

  @Test func `A loader that is not there is said before any library`() throws {
    let image = program(CraftedElf(interpreter: "/lib/ld-musl-x86_64.so.1", needed: ["libc.musl-x86_64.so.1"]))
    #expect(try image.verdict(.libraries).detail.hasPrefix("the loader /lib/ld-musl-x86_64.so.1") == true)
  }

  @Test func `A statically linked program needs no library`() throws {
    let image = program(CraftedElf(type: 2))
    #expect(try image.status(.cLibrary) == .notNeeded)
    #expect(try image.verdict(.libraries) == .pass(.libraries, "none is needed"))
  }

  @Test func `Certificates are needed by a program that speaks https`() throws {
    let none = JudgedImage.swift.above(.file("etc/ssl/certs/.wh.ca-certificates.crt"))
    #expect(try none.status(.certificates) == .notNeeded)
    let library = CraftedEntry.program("usr/lib/libcurl.so.4", CraftedElf.library().bytes)
    let speaking = none.above(
      library, .program("sematic/bin/Program", JudgedImage.program(["libcurl.so.4", "libc.so.6"])))
    #expect(try speaking.status(.certificates) == .fail)
    let given = speaking.above(.file("srv/ca.pem", "x")).with {
      $0.configuration.environment = ["SSL_CERT_FILE=/srv/ca.pem"]
    }
    #expect(try given.verdict(.certificates).detail == "/srv/ca.pem")
    #expect(try speaking.above(.file("etc/ssl/cert.pem")).status(.certificates) == .fail)
    let loading = none.above(.program("sematic/bin/Program", JudgedImage.program() + Array("libcurl.so.4\0".utf8)))
    // Such a program may never have to: what it loads when it runs is no reason to refuse the image.
    #expect(try loading.status(.libraries) == .pass)
    #expect(try loading.status(.certificates) == .unknown)
    #expect(try loading.verdict(.certificates).detail.contains("needs libcurl") == true)
    #expect(try loading.above(library).status(.certificates) == .fail)
  }

  @Test func `The entrypoint of this tool's images puts certificates where they are looked for, as root`() throws {
    let script = "#!/bin/sh\nexec \"$@\"\n"
    var image = JudgedImage.swift.above(
      .file("etc/ssl/certs/.wh.ca-certificates.crt"), .file("sematic/lib/ca-certificates.crt", "x"),
      .program("sematic/bin/Program", JudgedImage.program(["libcurl.so.4"])),
      .program("usr/lib/libcurl.so.4", CraftedElf.library(["libc.so.6"]).bytes),
      .program("sematic/entrypoint", Array(script.utf8)))
    #expect(try image.status(.certificates) == .fail)
    image.configuration.entrypoint = ["/sematic/entrypoint", "/sematic/bin/Program"]
    #expect(try image.verdict(.certificates) == .pass(.certificates, "/sematic/lib/ca-certificates.crt"))
    image.configuration.user = "worker"
    #expect(try image.status(.certificates) == .fail)
  }

  @Test func `What a program says that it loads for https has to be there, in the base or beside it`() throws {
    var elf = CraftedElf.program(["libc.so.6"])
    elf.loadingNote = CraftedElf.curlNote
    let none = program(elf).above(.file("etc/ssl/certs/.wh.ca-certificates.crt"))
    #expect(
      try none.verdict(.libraries).detail
        == "missing at run time: libcurl.so.4, which Program loads for https")
    #expect(try none.status(.certificates) == .notNeeded)

    var curl = CraftedElf.library(["libssl.so.3", "libc.so.6"])
    curl.versionNeeds = [("libssl.so.3", ["OPENSSL_3.0.0"])]
    let listed = none.above(.program("sematic/lib/libcurl.so.4", curl.bytes), .file("sematic/lib/libcurl.so.4.needs"))
    #expect(try listed.verdict(.libraries).detail.hasSuffix("libssl.so.3, which libcurl.so.4 needs"))
    // The base's own is too old, but not what would be loaded.
    let old = CraftedElf(soname: "libssl.so.3", versionDefinitions: ["OPENSSL_1"]).bytes
    let other = listed.above(.program("usr/lib/libssl.so.3", old))
    #expect(try other.verdict(.libraries).detail.hasSuffix("OPENSSL_3.0.0 of libssl.so.3, which libcurl.so.4 needs"))
    #expect(try other.status(.cLibrary) == .pass)
    let own = CraftedElf(soname: "libssl.so.3", versionDefinitions: ["OPENSSL_3.0.0"]).bytes
    let whole = other.above(.program("sematic/lib/libssl.so.3", own))
    #expect(try whole.verdict(.libraries) == .pass(.libraries, "all 3 found"))
    #expect(try whole.status(.certificates) == .fail)
    let certified = whole.above(.file("sematic/lib/ca-certificates.crt", "x"))
    #expect(try certified.verdict(.certificates) == .pass(.certificates, "/sematic/lib/ca-certificates.crt"))
    // Without the list nothing is loaded from there.
    #expect(try whole.above(.file("sematic/lib/.wh.libcurl.so.4.needs")).status(.libraries) == .fail)
    let based = none.above(.program("usr/lib/libcurl.so.4", CraftedElf.library(["libc.so.6"]).bytes))
    #expect(try based.status(.libraries) == .pass)
  }

  @Test func `A Python worker has its certificates from the system or from certifi`() throws {
    let none = JudgedImage.python.above(.file("etc/.wh.ssl"))
    #expect(try none.status(.certificates) == .fail)
    let certifi = none.above(.file("usr/lib/python3/dist-packages/certifi/cacert.pem", "x"))
    #expect(try certifi.status(.certificates) == .pass)
    #expect(try none.above(.file("usr/lib/.wh.python3")).status(.certificates) == .unknown)
  }

  @Test func `The platform is the one that was asked for, and the program's`() throws {
    #expect(try JudgedImage.swift.with { $0.wanted = Platform(architecture: "arm64") }.status(.platform) == .fail)
    #expect(try JudgedImage.swift.with { $0.wanted = Platform(architecture: "amd64") }.status(.platform) == .pass)
    #expect(
      try program(.arm64).verdict(.platform).detail
        == "it says linux/amd64, but /sematic/bin/Program is for linux/arm64")
    let windows = JudgedImage.swift.with { $0.configuration.platform = Platform(os: "windows", architecture: "amd64") }
    #expect(try windows.status(.platform) == .fail)
  }

  @Test func `Programs that Python steps call are judged too`() throws {
    let image = JudgedImage.python.above(.program("sematic/bin/tool", JudgedImage.program(["libfar.so.1"])))
    #expect(try image.verdict(.libraries).detail == "missing: libfar.so.1, which tool needs")
  }

  @Test func `An image's libraries are searched for in the loader's order, the layers read once for a round`() throws {
    let own = CraftedElf.library(["libdeep.so"], runpath: "$ORIGIN").bytes
    let image = program(.program(["libown.so", "libother.so", "libc.so.6"], runpath: "$ORIGIN"))
      .above(.program("sematic/bin/libown.so", own), .program("sematic/bin/libother.so", CraftedElf.library().bytes))
      .above(.program("sematic/bin/libdeep.so", CraftedElf.library().bytes))
    #expect(try image.verdict(.libraries) == .pass(.libraries, "all 4 found"))
    // LD_LIBRARY_PATH comes before RUNPATH.
    let given = image.above(.program("opt/libown.so", CraftedElf.library(["libfar.so"]).bytes))
      .with { $0.configuration.environment.append("LD_LIBRARY_PATH=/opt") }
    #expect(try given.verdict(.libraries).detail == "missing: libfar.so, which libown.so needs")
    // The loader gives up where a script has the library's name.
    let script = image.above(.file("sematic/bin/libother.so", "INPUT(-lother)"))
    #expect(
      try script.verdict(.libraries).detail
        == "missing: libother.so, which Program needs (/sematic/bin/libother.so is no library)")

    let crafted = try CraftedImage(image.layers)
    let tree = try crafted.tree()
    let found = try #require(try tree.resolve("/sematic/bin/Program").found)
    let files = ImageFiles(tree)
    guard case .elf(var file, _) = try files.fact(of: found) else { return }
    file.path = "/sematic/bin/Program"
    _ = try LibraryFolders.system(for: file.machine, in: files)
    for path in ["/sematic/bin/libown.so", "/usr/lib/libc.so.6", "/lib64/x"] { _ = try tree.resolve(path) }
    let before = crafted.reads.count
    _ = try LibraryResolver(LibraryFolders(system: ["/usr/lib"]), in: files).resolve(file)
    // One round for libown, libother and libc in two layers, one for libdeep.
    #expect(crafted.reads.count - before == 3)
  }

  @Test func `A configuration of the loader that includes itself is read once`() throws {
    let image = program(.program(["libfar.so.1", "libc.so.6"])).above(
      .file("etc/ld.so.conf", "include ld.so.conf.d/*.conf\ninclude /etc/*.conf\n"),
      .file("etc/ld.so.conf.d/a.conf", "include /etc/ld.so.conf.d/*.conf\n"),
      .file("etc/ld.so.conf.d/far.conf", "/opt/far\n"),
      .program("opt/far/libfar.so.1", CraftedElf.library().bytes))
    #expect(try image.status(.libraries) == .pass)
  }
}
