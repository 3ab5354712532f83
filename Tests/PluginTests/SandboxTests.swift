import Foundation
import SematicFiles
import TestSupport
import Testing

extension PluginTests {
  /// The verbs where nothing may listen and there is no /proc: macOS, as far as a preloaded library can be it.
  @Suite(.enabled(if: ChildProcess.canRun("clang", "setsid"))) struct SandboxTests {
    let copy: StarterCopy
    private let folder: TemporaryFolder
    private let sandbox: [String: String]

    init() throws {
      copy = try .shared()
      try copy.configure("version: 1\ndefaults: {base: scratch}\npipelines: {Probe: {}, WordCount: {}}\n")
      folder = try TemporaryFolder("sandbox")
      let library = folder.file("sandbox.so")
      let made = try ChildProcess.run([
        "clang", "-shared", "-fPIC", "-O1", "-o", library, StarterCopy.repository + "/Tests/Fixtures/sandbox.c",
      ])
      try #require(made.status == 0, "\(made.output)")
      sandbox = ["LD_PRELOAD": library]
    }

    @Test func `An image is pushed without a socket, and launched with where a server is there to pull from`() throws {
      let pushed = try copy.run(["push-image", "--pipeline", "Probe"], environment: sandbox)
      #expect(pushed.status == 0, "\(pushed.errorOutput)")
      let reference = try #require(pushed.output.split(separator: "\n").last { $0.hasPrefix("127.0.0.1:5155/") })

      let ready = folder.file("ready")
      let server = try ChildProcess(
        [copy.scratch + "/swift-sematic/ImageTool", "registry", "--port", "0"], output: ready)
      defer {
        kill(server.identifier, SIGTERM)
        _ = server.wait()
      }
      var address: Substring?
      for _ in 0..<500 where address == nil {
        usleep(20_000)
        let lines = String(decoding: (try? FileTree.read(ready)) ?? [], as: UTF8.self).split(separator: "\n")
        address = lines.first { $0.hasPrefix("127.0.0.1:") }
      }
      let run = try copy.run(["run-pipeline", "--pipeline", "Probe"], environment: sandbox)
      #expect(run.status == 0, "\(run.output)\(run.errorOutput)")
      let image = try #require(try ProbeReport(run.output).images["default"])
      #expect(image == reference.replacing("127.0.0.1:5155", with: try #require(address)))
      #expect(try ProbeReport(ContainerBundle(registry: image).run(["pulled"]).output).arguments == ["pulled"])
    }

    @Test func `What cannot be served is said before anything is built, with the command that works`() throws {
      let result = try copy.run(["run-pipeline", "--pipeline", "Probe", "--", "a b"], environment: sandbox)
      let output = result.output + result.errorOutput
      #expect(result.status == 1)
      #expect(output.contains("error: cannot serve the embedded registry: SwiftPM's sandbox"), "\(output)")
      #expect(output.contains("`swift package --disable-sandbox run-pipeline --pipeline Probe -- 'a b'`"), "\(output)")
      #expect(output.contains("swift-sematic/ImageTool registry`"), "\(output)")
      #expect(!output.contains("Building for production") && !output.contains("image default: "), "\(output)")
    }

    @Test(.enabled(if: DockerRegistry.isAvailable))
    func `A credential helper that fails is gone around, and named where the registry asks for a login`() throws {
      let registry = try DockerRegistry(.password)
      try folder.write(
        "bin/docker-credential-keychain", "#!/bin/sh\necho 'the keychain cannot be reached' && exit 1\n", mode: 0o755)
      try folder.write("docker/config.json", #"{"credsStore": "keychain"}"#)
      let path = try #require(ProcessInfo.processInfo.environment["PATH"])
      let result = try copy.run(
        ["push-image", "--pipeline", "Probe", "--registry", registry.address],
        environment: sandbox.merging(["DOCKER_CONFIG": folder.file("docker"), "PATH": folder.file("bin") + ":" + path])
        { $1 })
      let output = result.output + result.errorOutput
      #expect(result.status == 1)
      #expect(output.contains("warning: cannot read credentials from docker-credential-keychain: "), "\(output)")
      #expect(output.contains("hint: SwiftPM's sandbox keeps credential helpers"), "\(output)")
      #expect(output.contains("`swift package --disable-sandbox push-image --pipeline Probe --registry "), "\(output)")
    }

    @Test func `Where the program may not be signalled, the verb ends itself`() throws {
      let mark = folder.file("signal")
      let run = try copy.start(["run-local", "--pipeline", "Probe", "--", "--wait", mark], environment: sandbox)
      _ = try run.waitUntil { FileTree.exists(mark + ".ready") ? true : nil }
      try run.interrupt()
      _ = run.wait(seconds: 60)
      #expect(!FileTree.exists(mark))
      #expect(try SwiftPackageRun.processes(with: mark).isEmpty)
    }

    @Test func `A program is run here without a look at /proc`() throws {
      let result = try copy.run(["run-local", "--pipeline", "Probe", "--", "x"], environment: sandbox)
      #expect(result.status == 0, "\(result.output)\(result.errorOutput)")
      #expect(try ProbeReport(result.output).arguments == ["x"])
    }
  }
}
