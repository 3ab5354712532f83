import Foundation
import SematicELF
import SematicFiles
import TestSupport
import Testing

/// The tool of a release, beside the one that was compiled from source for the tests.
@Suite(.enabled(if: ReleaseBundle.isAvailable), .ownThread) struct ReleaseBundleTests {
  private let bundle: ReleaseBundle
  private let folder: TemporaryFolder
  private let compiled: String

  init() throws {
    bundle = try .made()
    folder = try TemporaryFolder("bundle")
    compiled = FileTree.parent(of: try FileTree.resolved("/proc/self/exe")) + "/ImageTool"
  }

  private func run(_ tool: String, _ arguments: [String]) throws -> ChildProcess.Result {
    try ChildProcess.run(
      [tool] + arguments, environment: ["PATH": "/usr/bin:/bin", "XDG_CACHE_HOME": folder.file("cache")],
      folder: folder.path)
  }

  @Test func `The tool is small, and says its version, commit and toolchain`() throws {
    #expect(try FileStatus(of: bundle.tool).size <= 20_000_000)
    #expect(try FileStatus(of: bundle.zip).size <= 8_000_000)
    let version = try run(bundle.tool, ["--version"])
    #expect(
      version.output.wholeMatch(of: /swift-sematic 9\.9\.9 \(commit [0-9a-f]{12}( with changes)?, Swift [0-9.]+\)\n/)
        != nil, "\(version.output)")
  }

  @Test func `Through a link it is the same tool, and a copy without its files says what is missing`() throws {
    let link = folder.file("link")
    try FileTree.symbolicLink(at: link, to: bundle.tool)
    #expect(try run(link, ["--version"]).output == run(bundle.tool, ["--version"]).output)

    try folder.write("copied/ImageTool", FileTree.read(bundle.tool), mode: 0o755)
    let copy = folder.file("copied/ImageTool")
    let version = try run(copy, ["--version"])
    #expect(version.status == 0)
    #expect(
      version.output.hasPrefix("swift-sematic of unknown version (\(copy).version is missing, Swift 6."),
      "\(version.output)")
    let build = ["build", "--executable", "/bin/true", "--output", folder.file("image"), "--base"]
    for (arguments, missing) in [
      (["init"], "sematic.yaml"), (["init", "--template", "starter", "--package-path", folder.file("new")], ""),
      (build + ["scratch"], "worker-entrypoint.sh"), (build + ["worker-base"], "worker-base.json"),
    ] {
      let failed = try run(copy, arguments)
      #expect(failed.status == 1, "\(arguments)")
      let file = folder.file("copied/Templates") + (missing.isEmpty ? "" : "/" + missing)
      #expect(failed.output.contains("error: cannot find \(file), which comes with ImageTool"), "\(failed.output)")
      #expect(failed.output.contains("hint: leave ImageTool in the folder that it came in"), "\(failed.output)")
    }
    #expect(Set(try FileTree.names(in: folder.path)).isDisjoint(with: ["sematic.yaml", "new", "image"]))
  }

  @Test func `It asks for no newer C library than was promised`() throws {
    #expect(bundle.said.contains(/asks for .*GLIBC_2\.\d+/), "\(bundle.said)")
    #expect(!(try ElfFile(bundle.tool).needed).contains { $0.hasPrefix("libstdc++") })
    let refused = try ReleaseBundle.run(["--glibc", "2.2.5"])
    #expect(refused.status == 1)
    #expect(refused.output.contains("more than the promised GLIBC_2.2.5"), "\(refused.output)")
  }

  @Test func `It reads YAML files as the tool from source does, right ones and wrong ones`() throws {
    try folder.write("prog", FileTree.read("/bin/true"), mode: 0o755)
    try folder.write("x.txt", "x\n")
    let template = try FileTree.read(VerbScratch.repository + "/Templates/sematic.yaml")
    let start = "version: 1\npipelines:\n  prog: {base: scratch, "
    var files = [
      template, "env: {A: 2001-12-14t21:59:43.10-05:00, B: 0x1F, C: ~, D: no, E: 1_000, F: .inf}}",
      "env: &all {A: x}, labels: *all}", "env: {<<: {A: x}, B: y}}", "data: !!seq [x.txt]}",
      "env: !!map {A: !!int \"3\"}}",
      "env: {A: !!binary aGk=, B: !!timestamp 2001-12-14, C: !!null ''}}", "env: {A: x, A: y}}", "env: {A: *none}}",
      "env: {A: \"\\u00e9\\n\", B: 'it''s'}}", "env: {? [A] : x}}", "env: {A: \"unclosed}}", "env: {A: \"\u{7}\"}}",
      "data: \(String(repeating: "[", count: 200))", "env: {A: x}}\n---\nversion: 1\n", "\t- x",
    ].map { $0 as? [UInt8] ?? Array((start + "\($0)\n").utf8) }
    files.append(Array(start.utf8) + [0xff, 10])
    var random = SeededRandom(of: "ReleaseBundleTests")
    for _ in 0..<150 {
      var bytes = files[Int.random(in: 0..<16, using: &random)]
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        bytes[place] = try #require(" \n:{}[]&*!|>'\"-?#,~%@`ab1\t".utf8.randomElement(using: &random))
      }
      files.append(bytes)
    }
    var statuses: Set<Int32> = []
    for bytes in files {
      try folder.write("sematic.yaml", bytes)
      let arguments = ["build", "--executable", "prog", "--dry-run"]
      let (ours, other) = (try run(bundle.tool, arguments), try run(compiled, arguments))
      #expect(ours.status == other.status && ours.output == other.output, "\(String(decoding: bytes, as: UTF8.self))")
      statuses.insert(ours.status)
    }
    #expect(statuses == [0, 1])
  }

  @Test(.enabled(if: WorkerBase.isAvailable)) func `Both make the same images`() throws {
    let base = folder.file("base")
    try FileTree.symbolicLink(at: base, to: WorkerBase.layout())
    try folder.write("main.py", "print('hello')\n")
    try folder.write("prog", FileTree.read("/bin/true"), mode: 0o755)
    try folder.write("x.txt", "x\n")
    for arguments in [
      ["--executable", "prog", "--base", "scratch"], ["--executable", "prog", "--base", "oci:\(base):worker"],
    ] {
      let digests = try [(bundle.tool, "ours"), (compiled, "other")].map { tool, name in
        let built = try run(tool, ["build", "--output", folder.file(name), "--no-cache"] + arguments)
        #expect(built.status == 0, "\(built.output)")
        return try LayoutReader(folder.file(name)).digest()
      }
      #expect(digests[0] == digests[1])
    }
  }

  @Test func `Starter packages depend on the release`() throws {
    let made = try run(bundle.tool, ["init", "--template", "starter", "--package-path", folder.file("started")])
    #expect(made.status == 0, "\(made.output)")
    let manifest = String(decoding: try FileTree.read(folder.file("started/Package.swift")), as: UTF8.self)
    #expect(manifest.contains(".package(url: \"\(ReleaseBundle.address)\", from: \"9.9.9\")"), "\(manifest)")
  }

  @Test func `Bundles of several machines become one, and the same content is the same file`() throws {
    func join(_ files: [String]) throws -> ChildProcess.Result {
      try ReleaseBundle.run(["--output", folder.file("joined"), "--join"] + files)
    }
    #expect(try join([bundle.zip]).output.hasSuffix("\n\(bundle.checksum)\n"))
    try folder.write("broken.zip", Array("PK".utf8))
    let broken = try join([folder.file("broken.zip")])
    #expect(broken.status == 1 && broken.output.contains("is no zip file"), "\(broken.output)")
    #expect(FileTree.exists(folder.file("joined/ImageTool.artifactbundle/info.json")))
    let twice = try join([bundle.zip, bundle.zip])
    #expect(twice.status == 1)
    #expect(twice.output.contains("another file has"), "\(twice.output)")

    let triple = FileTree.name(of: bundle.folder)
    let other = folder.file("other.zip")
    let renamed = try ChildProcess.run([
      "python3", "-c",
      """
      import sys, zipfile
      old, new, source, target = sys.argv[1:]
      with zipfile.ZipFile(source) as archive, zipfile.ZipFile(target, "w") as copy:
          for entry in archive.infolist():
              data = archive.read(entry)
              entry.filename = entry.filename.replace(old, new)
              copy.writestr(entry, data.replace(old.encode(), new.encode()) if entry.filename.endswith("json") else data)
      """, triple, "riscv64-unknown-linux-gnu", bundle.zip, other,
    ])
    #expect(renamed.status == 0, "\(renamed.output)")
    let (one, two) = (try join([bundle.zip, other]), try join([other, bundle.zip]))
    #expect(one.status == 0 && one.output == two.output, "\(one.output)\(two.output)")
    let unpacked = folder.file("unpacked")
    #expect(
      try ChildProcess.run(["unzip", "-q", "-d", unpacked, folder.file("joined/ImageTool.artifactbundle.zip")]).status
        == 0)
    for name in [triple, "riscv64-unknown-linux-gnu"] {
      #expect(try run("\(unpacked)/ImageTool.artifactbundle/\(name)/ImageTool", ["--version"]).status == 0)
    }
  }

  @Test(.enabled(if: WorkerBase.isAvailable && ContainerBundle.isAvailable))
  func `It runs where there is no Swift`() throws {
    let container = try ContainerBundle(layout: WorkerBase.layout(), tag: WorkerBase.extraTag)
    let copied = try ChildProcess.run(["cp", "-a", bundle.folder, container.root + "/app"])
    #expect(copied.status == 0, "\(copied.output)")
    let version = try container.run([], program: ["/app/ImageTool", "--version"])
    #expect(version.output.hasPrefix("swift-sematic 9.9.9"), "\(version.output)")
    let command = ["/app/ImageTool", "build", "--executable", "/bin/true", "--base", "scratch", "--output", "/tmp/out"]
    let built = try container.run([], program: command)
    // The container's two streams come in any order.
    #expect(built.status == 0 && "\n\(built.output)".contains("\noci:/tmp/out:"), "\(built.output)")
  }
}
