import SematicFiles
import SematicOCI
import TestSupport
import Testing

@testable import SematicCheck

/// Entrypoints as people write them, each with what becomes of the worker's arguments.
@Suite struct JudgeEntrypointTests {
  private static let worker = "python3 -m sematic.resolvers.worker"

  private func python(_ words: [String], _ entries: [CraftedEntry] = []) -> JudgedImage {
    JudgedImage.python.with {
      $0.layers.append(entries)
      $0.configuration.entrypoint = words
    }
  }

  private func script(_ text: String) -> JudgedImage {
    python(["/start.sh"], [.file("start.sh", text, mode: 0o755)])
  }

  @Test(
    arguments: [
      (["exec \(worker) \"$@\"", "worker"], Verdict.Status.pass),
      // Without a word for $0, it takes --run_id.
      (["exec \(worker) \"$@\""], .fail),
      (["exec \(worker) \"$0\" \"$@\""], .pass),
      (["exec \(worker) \"${@}\"", "worker"], .pass),
      (["exec \(worker) # \"$@\"", "worker"], .fail),
      (["exec \(worker) '$@'", "worker"], .fail),
      (["exec \(worker)", "worker"], .fail),
      (["exec \(worker) $*", "worker"], .unknown),
      (["exec \(worker) \"$*\"", "worker"], .unknown),
      (["exec \(worker) \"$1\" \"$2\"", "worker"], .unknown),
      (["echo \"$@\"", "worker"], .unknown),
      (["exec \"$@\"", "sh", "/usr/bin/python3", "-m", "sematic.resolvers.worker"], .pass),
      (["exec \"$@\"", "sh", "/usr/bin/none"], .fail),
      ([], .fail),
    ] as [([String], Verdict.Status)])
  func `a text behind sh -c hands the arguments on, with a word for $0`(
    rest: [String], status: Verdict.Status
  ) throws {
    #expect(try python(["/bin/sh", "-c"] + rest).status(.entrypoint) == status)
    #expect(try python(["/bin/sh", "-e", "-uc"] + rest).status(.entrypoint) == status)
  }

  @Test(
    arguments: [
      ("#!/bin/sh\nexec \(worker) \"$@\"\n", Verdict.Status.pass),
      ("#!/bin/sh\nexec \(worker) \"${@}\"\n", .pass),
      (
        "#!/bin/sh\nset -e\nif [ -z \"$HOME\" ]; then\n  export HOME=/tmp\nfi\nexec \(worker) \\\n  \"$@\" # all\n",
        .pass
      ),
      ("#!/bin/sh\n# hands \"$@\" on\nexec \(worker)\n", .fail),
      ("#!/bin/sh\necho 'it is $@'\nexec \(worker)\n", .fail),
      ("#!/bin/sh\r\nexec \(worker) \"$@\"\r\n", .fail),
      ("#!/bin/sh\nexec \(worker) \"$@\"\r\n", .fail),
      ("#!/bin/sh\nexec \(worker)\nexec \(worker) \"$@\"\n", .unknown),
      ("#!/bin/sh\nif [ \"$1\" = run ]; then exec \(worker) \"$@\"; fi\n", .unknown),
      ("#!/bin/sh\nshift\nexec \(worker) \"$@\"\n", .unknown),
      ("#!/bin/sh\nmain() {\n  \(worker)\n}\nmain \"$@\"\n", .unknown),
      ("#!/bin/sh\ncat <<X\n\"$@\"\nX\nexec \(worker) \"$@\"\n", .unknown),
      ("#!/bin/sh\n. /etc/start\n", .unknown),
      ("#!/bin/sh\n\(worker) \"$@\" && exit 0\n", .unknown),
    ] as [(String, Verdict.Status)])
  func `a script hands the arguments on where its last command has all of them`(
    text: String, status: Verdict.Status
  ) throws {
    #expect(try script(text).status(.entrypoint) == status)
    #expect(try python(["/bin/sh", "/start.sh"], [.file("start.sh", text)]).status(.entrypoint) == status)
  }

  @Test func `the scripts that images get pass`() throws {
    let templates = VerbScratch.repository + "/Templates"
    for name in ["worker-entrypoint.sh", "worker-python-entrypoint.sh"] {
      let text = String(decoding: try FileTree.read("\(templates)/\(name)"), as: UTF8.self)
      #expect(ShellScript(text).arguments == .passed, "\(name)")
      #expect(ShellScript(text).isWrapper == (name == "worker-entrypoint.sh"))
    }
  }

  @Test(
    arguments: [
      (["/usr/bin/python3", "-m", "sematic.resolvers.worker"], Verdict.Status.pass),
      (["/usr/bin/python3", "-um", "sematic.resolvers.worker"], .pass),
      (["python3", "-X", "dev", "-m", "json.tool"], .pass),
      (["/usr/bin/python3", "-m", "sematic.resolvers.other"], .unknown),
      (["/usr/bin/python3", "-m", "package"], .pass),
      (["/usr/bin/python3", "/srv/main.py"], .pass),
      (["/usr/bin/python3", "main.py"], .pass),
      (["/usr/bin/python3", "-u", "/srv/none.py"], .fail),
      (["/usr/bin/python3", "none.py"], .fail),
      (["/usr/bin/python3"], .fail),
      (["/usr/bin/python3", "-c", "import runpy"], .unknown),
      (["/opt/venv/bin/python3", "-m", "own"], .pass),
      (["/usr/bin/env", "A=b", "python3", "-m", "sematic.resolvers.worker"], .pass),
      (["/usr/bin/env", "python4", "-m", "sematic.resolvers.worker"], .fail),
      (["/usr/bin/tini", "-g", "--", "/usr/bin/python3", "/srv/none.py"], .fail),
      (["/bin/sh", "/srv/none.sh"], .fail),
      (["/bin/sh"], .fail),
    ] as [([String], Verdict.Status)])
  func `what Python is to run has to be in the image`(words: [String], status: Verdict.Status) throws {
    let image = python(
      words,
      [
        .file("srv/main.py", "x"), .file("usr/lib/python3.11/json/tool.py", "x"),
        .file("usr/lib/python3/dist-packages/package/__main__.py", "x"),
        .link("opt/venv/bin/python3", "/usr/bin/python3.11"),
        .file("opt/venv/lib/python3.11/site-packages/own.py", "x"),
        .program("usr/bin/env", JudgedImage.program()), .program("usr/bin/tini", JudgedImage.program()),
      ]
    ).with { $0.configuration.workingDirectory = "/srv" }
    #expect(try image.status(.entrypoint) == status)
  }

  @Test func `a script's interpreter is what the kernel starts`() throws {
    let text = "\nexec \(Self.worker) \"$@\"\n"
    let env = CraftedEntry.program("usr/bin/env", JudgedImage.program())
    func interpreter(_ line: String) throws -> Verdict {
      try script(line + text).above(env).verdict(.interpreter)
    }
    #expect(try interpreter("#!/usr/bin/env sh").detail == "sh -> /usr/bin/dash")
    #expect(try interpreter("#! /usr/bin/env -S sh -e").status == .pass)
    #expect(
      try interpreter("#!/usr/bin/env bash").detail == "/usr/bin/env looks for bash, which is not on the image's PATH")
    // The kernel hands everything on as one word.
    #expect(try interpreter("#!/usr/bin/env sh -e").status == .fail)
    #expect(try interpreter("#!/bin/sh\r").status == .fail)
    #expect(try interpreter("#!/bin/sh -e\r").status == .fail)
    #expect(try interpreter("#!/bin/bash").detail == "/usr/bin/bash is not in the image")
    // What is behind 256 bytes is not read.
    let long = "#!/" + String(repeating: "./", count: 130) + "bin/sh"
    #expect(try interpreter(long).status != .pass && script(long + text).status(.entrypoint) == .fail)
    #expect(try interpreter("#!/bin/sh " + String(repeating: "-e ", count: 130)).status == .pass)
  }

  @Test func `a script that an editor of Windows began with a byte order mark is none`() throws {
    let text = "#!/bin/sh\nexec \(Self.worker) \"$@\"\n"
    #expect(try script(text).status(.entrypoint) == .pass)
    #expect(try script("\u{FEFF}" + text).status(.entrypoint) == .fail)
  }

  @Test func `an interpreter that is a script needs one of its own`() throws {
    func verdict(_ scripts: [String: String]) throws -> Verdict {
      let entries = scripts.map { CraftedEntry.file($0.key, $0.value, mode: 0o755) }
      return try python(["/0"], entries).verdict(.interpreter)
    }
    #expect(try verdict(["0": "#!/1\n", "1": "#!/bin/sh\n"]).status == .pass)
    #expect(try verdict(["0": "#!/0\n"]).status == .fail)
    #expect(try verdict(["0": "#!/1\n", "1": "#!/0\n"]).status == .fail)
    #expect(try verdict(["0": "#!/1\n", "1": "echo\n"]).status == .fail)
    #expect(try verdict(["0": "#!/1\n", "1": "#!/gone\n"]).status == .fail)
  }

  @Test func `an ELF file that is no program is not started`() throws {
    for (type, what) in [
      (1, "an object file, not yet linked"), (4, "a core dump"), (9, "an ELF file of an unknown type"),
    ] {
      let image = JudgedImage.swift.above(.program("sematic/bin/Program", CraftedElf(type: UInt16(type)).bytes))
      #expect(try image.verdict(.entrypoint).detail == "/sematic/bin/Program is \(what)")
    }
    var bytes = CraftedElf().bytes
    bytes[6] = 2
    let image = JudgedImage.swift.above(.program("sematic/bin/Program", bytes))
    #expect(try image.verdict(.entrypoint).detail.contains("ELF version 2 instead of 1"))
  }

  @Test func `a rule can be waived by name, and only where it does not pass`() throws {
    let image = JudgedImage.swift.with { $0.configuration.entrypoint = [] }
    let tree = try CraftedImage(image.layers).tree()
    let check = try ImageCheck(
      image.configuration, files: ImageFiles(tree), place: .disk, waived: [.entrypoint, .temporary])
    #expect(check.passes)
    #expect(check.verdicts.first { $0.rule == .entrypoint }?.status == .waived)
    #expect(check.verdicts.first { $0.rule == .temporary }?.status == .pass)
  }
}
