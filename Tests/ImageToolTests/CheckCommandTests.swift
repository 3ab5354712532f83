import ArgumentParser
import Foundation
import SematicCheck
import SematicConfiguration
import SematicFiles
import SematicImages
import SematicOCI
import TestSupport
import Testing

@testable import ImageTool
@testable import SematicELF

@Suite struct CheckCommandTests {
  private let folder: TemporaryFolder
  private let console = Console(talk: .quiet, host: nil)

  init() throws { folder = try TemporaryFolder("check") }

  private func report(_ source: any ImageSource, wanted: Platform? = nil) throws -> CheckReport {
    let opened = OpenedImage(source: source, identifier: .tag("latest"))
    let reports = try ImageChecker(state: StateFolder(folder.file("state")), console: console).check(
      [opened.resolve(preferring: wanted ?? .host)], name: "x", wanted: wanted)
    return try #require(reports.first)
  }

  /// An image without any layer.
  private func empty() throws -> MemoryStore {
    let store = MemoryStore()
    _ = try RandomImage.base(in: store, layers: 0)
    return store
  }

  @Test func `The report has one line for each rule, and how to fix what fails`() throws {
    #expect(
      try report(empty()).lines.joined(separator: "\n") == """
        worker: unknown: there is no entrypoint
        unknown     source and dependencies inside: sematic is in none of Python's usual folders, nor in PYTHONPATH or \
        the working directory; to fix it: RUN python3 -m pip install sematic, unless it is elsewhere
        unknown     in a registry: it is on this machine's disk; to fix it: push it to a registry that the cluster can pull from
        fail        entrypoint: there is none; to fix it: ENTRYPOINT ["/usr/bin/python3", "-m", \
        "sematic.resolvers.worker"], or ["/sematic/bin/PROGRAM"] for Swift
        unknown     /usr/bin/python3: for a Python worker this fails: /usr/bin/python3 is not in the image; \
        to fix it: install Python 3 there, or link it: RUN ln -s "$(command -v python3)" /usr/bin/python3
        pass        home writable: / of user 0
        unknown     /sematic/bin writable: for a Python worker this fails: /sematic/bin does not exist; \
        to fix it: RUN mkdir -p /sematic/bin && chmod 1777 /sematic/bin
        unknown     /sematic/bin on PATH: for a Python worker this fails: the image sets no PATH; \
        to fix it: ENV PATH=/sematic/bin:/usr/local/bin:/usr/bin:/bin
        pass        platform: linux/amd64
        not needed  interpreter of the entrypoint: the entrypoint is no script
        unknown     version of the C library: no program was found to check
        unknown     shared libraries: no program was found to check
        unknown     certificate authorities: none was found; sematic's own packages bring some for Python; to fix it: \
        install ca-certificates, or COPY them to /etc/ssl/certs/ca-certificates.crt
        fail        /tmp writable: /tmp does not exist; to fix it: RUN mkdir -p /tmp && chmod 1777 /tmp
        """)
  }

  @Test func `The settings know the names of all rules`() {
    #expect(ValueRules.checkRules == CheckRule.allCases.map(\.rawValue))
  }

  @Test func `As JSON it says the same, for programs`() throws {
    let report = try report(empty())
    let json = try CheckReport.json([report])
    #expect(
      json.hasPrefix(
        """
        {
          "digest" : "\(report.digest)",
          "image" : "x",
          "passes" : false,
          "platform" : "linux/amd64",
          "rules" : [
            {
              "detail" : "sematic is in none of Python's usual folders, nor in PYTHONPATH or the working directory",
              "fix" : "RUN python3 -m pip install sematic, unless it is elsewhere",
              "number" : 1,
              "rule" : "sources",
              "status" : "unknown"
            },
        """))
    let document = try JSONDecoder().decode(JSONValue.self, from: Data(json.utf8))
    #expect(
      document["rules"]?.array?.compactMap { $0["rule"]?.string } == [
        "sources", "pushed", "entrypoint", "python", "home", "sematic-bin-writable", "sematic-bin-on-path", "platform",
        "interpreter", "c-library", "libraries", "certificates", "tmp",
      ])
    #expect(document["worker"] == .string("unknown"))
  }

  @Test func `A second check reads no layer, and what was fetched is not kept`() throws {
    let store = MemoryStore()
    _ = try RandomImage.base(in: store, layers: 3)
    let first = try report(store)
    #expect(store.count(.readBlob) == 4)
    store.resetCounts()
    #expect(try report(store).lines == first.lines)
    #expect(store.count(.readBlob) == 1)
    #expect(try FileTree.names(in: folder.file("state")).filter { $0 != "listings" } == [])
  }

  @Test func `Another platform than the one that was asked for fails, and is judged all the same`() throws {
    let report = try report(empty(), wanted: Platform(architecture: "arm64"))
    let verdict = try #require(report.check.verdicts.first { $0.rule == .platform })
    #expect(verdict.status == .fail)
    #expect(verdict.detail == "it is for linux/amd64, not for linux/arm64")
  }

  @Test(.enabled(if: WorkerBase.isAvailable)) func `A real base passes but for its PATH`() throws {
    let layout = try ImageLayout(WorkerBase.layout())
    let opened = OpenedImage(source: layout, identifier: try layout.identifier(tag: WorkerBase.tag))
    let reports = try ImageChecker(state: StateFolder(folder.file("state")), console: console)
      .check(opened.images(otherwise: .host), name: "x", wanted: nil)
    let check = try #require(reports.first).check
    #expect(check.kind == .python)
    #expect(check.verdicts.filter { $0.status == .fail }.map(\.rule) == [.path])
    let held = check.verdicts.filter { $0.status == .pass }.map(\.rule)
    #expect(
      held == [.python, .home, .writableFolder, .platform, .cLibrary, .libraries, .temporary])
    // Sematic itself comes with a pipeline's requirements.
    let entrypoint = try #require(check.verdicts.first { $0.rule == .entrypoint })
    #expect(entrypoint.status == .unknown)
    #expect(entrypoint.detail.hasPrefix("the module sematic.resolvers.worker is in none of Python's usual folders"))
    let tree = try LayerAccess(source: layout, blobs: BlobCache(folder.file("blobs")), listings: nil)
      .tree(of: opened.resolve(.host).image)
    #expect(try tree.pythonVersion()?.hasPrefix("3.") == true)
  }

  @Test(arguments: ["oci:none", "oci-archive:none.tar", "docker-archive:none.tar", "UPPER CASE"])
  func `An image that is not there is an error`(image: String) throws {
    let options = try CheckCommand.parse([image]).options
    #expect(throws: (any Error).self) { try options.images(console, isStrict: false) }
  }

  @Test func `A rule that fails ends the tool with status 1`() throws {
    let path = folder.file("layout")
    let store = MemoryStore()
    let image = try RandomImage.base(in: store, layers: 1)
    _ = try publish(image, base: store, to: ImageFormat.oci.destination(path), tags: ["v1"])
    let tool = FileTree.parent(of: FileTree.absolute(CommandLine.arguments[0])) + "/ImageTool"
    let result = try ChildProcess.run(
      [tool, "check", "oci:\(path):v1"], environment: ["XDG_CACHE_HOME": folder.file("cache")], folder: folder.path)
    #expect(result.status == 1)
    #expect(result.output.split(separator: "\n").count == 1 + CheckRule.allCases.count)
    let rules = ["entrypoint", "home", "tmp"].flatMap { ["--waive", $0] }
    let waived = try ChildProcess.run(
      [tool, "check", "oci:\(path):v1"] + rules, environment: ["XDG_CACHE_HOME": folder.file("cache")],
      folder: folder.path)
    #expect(waived.status == 0, "\(waived.output)")
    #expect(waived.output.contains("waived      entrypoint: there is none\n"), "\(waived.output)")
    let unknown = try ChildProcess.run([tool, "check", "oci:\(path):v1", "--waive", "none"], folder: folder.path)
    #expect(unknown.status == 64)
  }

  @Test(.enabled(if: DockerRegistry.isAvailable && ChildProcess.canRun("skopeo")))
  func `An image is judged the same in a layout, an archive and a registry`() throws {
    let store = MemoryStore()
    let image = try RandomImage.base(in: store, layers: 2)
    let layout = folder.file("layout")
    _ = try publish(image, base: store, to: ImageFormat.oci.destination(layout), tags: ["v1"])
    let registry = try DockerRegistry()
    let others = [
      "oci-archive:\(folder.file("oci.tar")):v1", "docker-archive:\(folder.file("docker.tar")):x/y:v1",
      "docker://\(registry.address)/x/y:v1",
    ]
    for place in others {
      let made = try ChildProcess.run([
        "skopeo", "copy", "--quiet", "--dest-tls-verify=false", "oci:\(layout):v1", place,
      ])
      #expect(made.status == 0, "\(made.output)")
    }
    let tool = FileTree.parent(of: FileTree.absolute(CommandLine.arguments[0])) + "/ImageTool"
    let names = [
      "oci:\(layout):v1", others[0], "docker-archive:\(folder.file("docker.tar")):v1", "\(registry.address)/x/y:v1",
    ]
    let judgments = try names.map { name in
      let result = try ChildProcess.run(
        [tool, "check", name], environment: ["XDG_CACHE_HOME": folder.file("cache")], folder: folder.path)
      #expect(result.status == 1, "\(result.output)")
      // Where it lies is a rule of its own.
      return result.output.split(separator: "\n").filter {
        !$0.contains("in a registry: ") && !$0.hasPrefix("reading the layer ")
      }
    }
    #expect(judgments[0].count == CheckRule.allCases.count)
    #expect(Set(judgments).count == 1, "\(judgments)")
  }

  @Test func `An image that is refused says by which rules`() throws {
    let error = RefusedImage(report: try report(empty()), command: "ImageTool check x")
    #expect(error.description == "x fails checks that Sematic's workers need")
    #expect(error.details.first?.hasPrefix("fail        entrypoint: ") == true)
    #expect(ErrorReport(error).hint == "fix the image as it says above, then run: ImageTool check x")
  }
}
