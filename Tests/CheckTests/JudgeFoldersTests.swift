import SematicOCI
import TestSupport
import Testing

@testable import SematicCheck

@Suite struct JudgeFoldersTests {
  @Test(arguments: [
    ("worker", Verdict.Status.pass), ("1000", .pass), ("1000:1000", .pass), ("0", .pass), ("", .pass),
    ("nobody", .fail), ("2000", .fail), ("worker:nogroup", .fail),
  ]) func `The home of the image's user is writable`(user: String, status: Verdict.Status) throws {
    #expect(try JudgedImage.python.with { $0.configuration.user = user }.status(.home) == status)
  }

  @Test func `A home is closed by its owner, its mode, or a folder above it`() throws {
    let image = JudgedImage.python
    #expect(try image.above(.folder("home/worker")).status(.home) == .fail)
    #expect(try image.above(.folder("home/worker", mode: 0o555, owner: 1000)).status(.home) == .fail)
    #expect(try image.above(.folder("home", mode: 0o700)).status(.home) == .fail)
    #expect(try image.above(.folder("home/worker", mode: 0o775, group: 1000)).status(.home) == .pass)
    #expect(try image.above(.folder("home/worker", mode: 0o775, group: 50)).status(.home) == .pass)
    #expect(try image.above(.folder("home/worker", mode: 0o757, owner: 0, group: 1000)).status(.home) == .fail)
    #expect(try image.above(.file("home/.wh.worker")).status(.home) == .fail)
  }

  @Test func `HOME and SEMATIC_CONFIG_DIR are where they say`() throws {
    let closed = JudgedImage.python.above(.folder("home/worker"))
    #expect(try closed.with { $0.configuration.environment.append("HOME=/tmp") }.status(.home) == .pass)
    #expect(try closed.with { $0.configuration.environment.append("SEMATIC_CONFIG_DIR=/tmp") }.status(.home) == .pass)
    let odd = JudgedImage.python.with { $0.configuration.environment.append("HOME=/proc") }
    #expect(try odd.verdict(.home).detail == "/proc does not exist")
  }

  @Test func `A Swift worker does without a home, and an entrypoint of ours finds one`() throws {
    let swift = JudgedImage.swift.with { $0.configuration.user = "2000" }
    #expect(try swift.status(.home) == .notNeeded)
    let ours = swift.above(.file("sematic/entrypoint", "#!/bin/sh\n# /tmp/sematic-home\nexec \"$@\"\n", mode: 0o755))
      .with { $0.configuration.entrypoint = ["/sematic/entrypoint", "/sematic/bin/Program"] }
    #expect(try ours.verdict(.home).detail.contains("creates one in /tmp") == true)
    let python = JudgedImage.python.above(
      .folder("home/worker"), .file("sematic/start", "#!/bin/sh\n# sematic-home\n", mode: 0o755),
      .file("run", "#!/bin/sh\nexec /sematic/start python3 -m sematic.resolvers.worker \"$@\"\n", mode: 0o755))
    #expect(try python.status(.home) == .fail)
    #expect(try python.with { $0.configuration.entrypoint = ["/run"] }.status(.home) == .pass)
    #expect(try ours.above(.folder("tmp")).status(.home) == .notNeeded)
  }

  @Test func `The folder of programs is writable and on PATH`() throws {
    let closed = JudgedImage.python.above(.folder("sematic/bin"))
    #expect(
      try closed.verdict(.writableFolder).detail
        == "/sematic/bin belongs to 0:0 with mode 755: user worker cannot write to it")
    #expect(try JudgedImage.python.above(.file(".wh.sematic")).status(.writableFolder) == .fail)
    let linked = JudgedImage.python.above(.file("sematic/.wh.bin"), .link("sematic/bin", "../tmp"))
    #expect(try linked.status(.writableFolder) == .pass)
    #expect(try linked.above(.link("sematic/bin", "bin")).verdict(.writableFolder).detail.hasSuffix("a loop of links"))
    for (path, status) in [
      ("/usr/bin", Verdict.Status.fail), ("/usr/bin:/sematic/bin/", .pass), ("/sematic/bin2", .fail),
    ] {
      let image = JudgedImage.python.with { $0.configuration.environment = ["PATH=" + path] }
      #expect(try image.status(.path) == status)
    }
    #expect(try JudgedImage.python.with { $0.configuration.environment = [] }.status(.path) == .fail)
  }

  @Test func `The folder for temporary files is there and writable, for any number`() throws {
    for user in ["worker", "2000", "0"] {
      let image = JudgedImage.swift.with { $0.configuration.user = user }
      #expect(try image.status(.temporary) == .pass)
      #expect(try image.above(.file(".wh.tmp")).status(.temporary) == .fail)
      #expect(try image.above(.folder("tmp")).status(.temporary) == (user == "0" ? .pass : .fail))
    }
  }
}
