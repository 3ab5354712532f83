import Foundation
import SematicFiles
import SematicOCI
import TestSupport
import Testing

extension PackageTests {
  /// Programs of every shape that SwiftPM knows: Tests/zoo.
  @Suite struct ZooTests {
    let programs: ZooPackage
    let certificate: String

    init() throws {
      programs = try ZooPackage("programs")
      certificate = programs.path + "/authority.pem"
    }

    @Test(arguments: [
      // Spaces and umlauts in the names of the package, the product, the resource and the data.
      ("greetings", ["ä b", "c"], "groß\nläuft\nä b|c\n"), ("mixed", [], "3 -1\n"),
      ("linked", [], "a circle of a dynamic library\n"), ("Generated", [], "written by a plugin\n"),
    ]) func `A program does in its image what it does here`(
      pipeline: String, arguments: [String], output: String
    )
      throws
    {
      let local = try programs.run(["run-local", pipeline, "--"] + arguments)
      #expect(local.output == output, "\(local.errorOutput)")
      let scratch = try programs.container(pipeline)
      #expect(try scratch.run(arguments).output == output)
      guard WorkerBase.isAvailable else { return }
      let worker = try programs.container(
        pipeline, ["--base", "oci:\(WorkerBase.layout()):\(WorkerBase.tag)"])
      #expect(try worker.run(arguments).output == output)
    }

    @Test func `An executable that only serves a plugin is no pipeline`() throws {
      let settings = try String(contentsOfFile: programs.path + "/sematic.yaml", encoding: .utf8)
      defer { try? programs.write("sematic.yaml", settings) }
      try FileTree.remove(programs.path + "/sematic.yaml")
      let result = try programs.run(["build-image"])
      #expect(
        result.errorOutput.contains(
          "there are 5 pipelines: name one of 'Generated', 'Grüße an alle', 'linked', 'mixed', 'net'"
        ),
        "\(result.errorOutput)")
      let named = try programs.run(["build-image", "Grüße an alle", "--base", "scratch"])
      #expect(named.layouts.map(\.tag) == ["Gr--e-an-alle_default"], "\(named.errorOutput)")
    }

    @Test(.enabled(if: TLSProxy.isAvailable))
    func `Foundation's networking and XML work with an authority of one's own`()
      throws
    {
      let server = try ZooServer()
      try programs.write("authority.pem", server.authority)
      let container = try programs.container("net")
      let answer = try container.run([server.address], hostNetwork: true)
      #expect(answer.output == "200 Grüße\n", "\(server.address)")
      let other = try ZooServer()
      let distrustful = try container.run([other.address], hostNetwork: true)
      #expect(
        distrustful.output.hasPrefix("failed: SSL certificate problem"), "\(distrustful.output)")
      if WorkerBase.isAvailable {
        let worker = try programs.container(
          "net", ["--base", "oci:\(WorkerBase.layout()):\(WorkerBase.tag)"])
        #expect(try worker.run([server.address], hostNetwork: true).output == "200 Grüße\n")
      }
      withExtendedLifetime((server, other)) {}
    }
  }

  /// Programs above large packages, which take minutes to compile: `Tests/zoo/run`.
  @Suite(.enabled(if: ProcessInfo.processInfo.environment["TESTS_ZOO"] != nil)) struct LargeZooTests {
    let servers: ZooPackage

    init() throws { servers = try ZooPackage("servers", isLarge: true) }

    @Test(arguments: [
      ("Settings", "6 ü\n"), ("Measured", "a macro counted 13\n"),
      ("Database", "1 row with sqlite 3.\n"),
    ]) func `A program does in its image what it does here`(pipeline: String, output: String) throws {
      let scratch = try servers.container(pipeline)
      #expect(try scratch.run().output == output)
      guard WorkerBase.isAvailable else { return }
      let worker = try servers.container(
        pipeline, ["--base", "oci:\(WorkerBase.layout()):\(WorkerBase.tag)"])
      #expect(try worker.run().output == output)
    }

    @Test func `AsyncHTTPClient works with an authority of one's own`() throws {
      let server = try ZooServer()
      try servers.write("authority.pem", server.authority)
      let container = try servers.container("Client")
      #expect(
        try container.run([server.address, "authority.pem"], hostNetwork: true).output
          == "200 <a>Grüße</a>")
      let distrustful = try container.run([server.address], hostNetwork: true)
      #expect(distrustful.output.contains("CERTIFICATE_VERIFY_FAILED"), "\(distrustful.output)")
      withExtendedLifetime(server) {}
    }

    @Test func `A Hummingbird server finds its resources, and ends by SIGTERM`() throws {
      let container = try servers.container("Server")
      let port = try freePort()
      let folder = try TemporaryFolder("server")
      let runs = Thread { [path = folder.file("output")] in
        let output = (try? container.run(["\(port)"], hostNetwork: true).output) ?? "not started"
        try? AtomicFile.write(output.utf8, to: path)
      }
      runs.start()
      var answer = ""
      for _ in 0..<200 where !answer.hasPrefix("hello") {
        answer = try ChildProcess.run(["curl", "--silent", "http://127.0.0.1:\(port)/greeting"])
          .output
        usleep(100_000)
      }
      #expect(answer == "hello from a resource\n")
      for process in try SwiftPackageRun.processes(with: "/sematic/bin/Server\0\(port)") {
        kill(process, SIGTERM)
      }
      for _ in 0..<200 where !FileTree.exists(folder.file("output")) { usleep(100_000) }
      let output = String(decoding: try FileTree.read(folder.file("output")), as: UTF8.self)
      #expect(output.contains("serving on \(port)"), "\(output)")
      #expect(output.contains("stopped"))
    }
  }
}
