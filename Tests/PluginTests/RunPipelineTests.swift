import Foundation
import SematicFiles
import TestSupport
import Testing

extension PluginTests {
  @Suite struct RunPipelineTests {
    let copy: StarterCopy
    private let stale = [
      Variable.several: "::default##stale.example/x@sha256:\(String(repeating: "0", count: 64))",
      Variable.command: "stale command", Variable.build: "stale: true",
    ]

    init() throws {
      copy = try .shared()
      try copy.configure("version: 1\ndefaults: {base: scratch}\npipelines: {Probe: {}, WordCount: {}}\n")
    }

    @Test func `The launch program learns the digest that was pushed, and gets its arguments intact`() throws {
      let arguments = ["a  b", "", "ä'\"$x", "--dry-run", "--", "-c"]
      let result = try copy.run(["run-pipeline", "--pipeline", "Probe", "--"] + arguments, environment: stale)
      #expect(result.status == 0, "\(result.errorOutput)")
      let report = try ProbeReport(result.output)
      #expect(report.arguments == arguments)
      #expect(report.foundResources)
      #expect(report.images.keys.sorted() == ["default"])
      let image = try #require(report.images["default"])
      #expect(image.contains(/^[^@]+@sha256:[0-9a-f]{64}$/))
      #expect(report.environment[Variable.several] == "::default##\(image)")
      #expect(report.environment[Variable.single] == nil)
      #expect(report.environment[Variable.command]?.hasPrefix("swift package run-pipeline") == true)
      #expect(report.environment[Variable.build]?.contains("stale") == false)
      // The exact command is printed before it starts.
      #expect(result.errorOutput.contains(Variable.several), "\(result.errorOutput)")
      #expect(result.errorOutput.contains("'a  b'"), "\(result.errorOutput)")

      let pushed = try copy.run(["push-image", "--pipeline", "Probe"])
      #expect(pushed.references.map(\.digest) == [image.digest])
    }

    @Test func `Output is live, and the embedded registry serves the image while the program runs`() throws {
      let folder = try TemporaryFolder("live")
      let mark = folder.file("signal")
      let run = try copy.start(["run-pipeline", "--pipeline", "Probe", "--", "--wait", mark])
      let report = try run.waitUntil { FileTree.exists(mark + ".ready") ? try? ProbeReport(run.output) : nil }
      let image = try #require(report.images["default"])
      let pulled = try ProbeReport(ContainerBundle(registry: image).run(["pulled"]).output)
      #expect(pulled.arguments == ["pulled"])
      #expect(pulled.foundResources)
      try run.interrupt()
      _ = run.wait()
      #expect(try SwiftPackageRun.processes(with: mark).isEmpty)
    }

    @Test(arguments: [1, 7, 255]) func `An exit status is reported as it was`(status: Int) throws {
      let result = try copy.run(["run-pipeline", "--pipeline", "Probe", "--no-push", "--", "--exit", "\(status)"])
      #expect(result.status == 1)
      #expect(result.errorOutput.contains("status \(status)"), "\(result.errorOutput)")
    }

    @Test func `A launch program that a signal ends makes the verb fail`() throws {
      let result = try copy.run(["run-pipeline", "--pipeline", "Probe", "--no-push", "--", "--raise", "\(SIGKILL)"])
      #expect(result.status == 1)
      #expect(result.errorOutput.contains("signal \(SIGKILL)"), "\(result.errorOutput)")
    }

    @Test func `Without a push the digest is the same, and who could push it is told`() throws {
      try copy.configure(
        "version: 1\npipelines: {Probe: {base: scratch, env: {ONCE: \"\(UUID())\"}}}\n")
      let launched = try copy.run(["run-pipeline", "--pipeline", "Probe", "--no-push"])
      #expect(launched.status == 0, "\(launched.errorOutput)")
      #expect(launched.errorOutput.contains("warning: "), "\(launched.errorOutput)")
      #expect(launched.errorOutput.contains("push-image"), "\(launched.errorOutput)")
      let image = try #require(try ProbeReport(launched.output).images["default"])

      let pushed = try copy.run(["push-image", "--pipeline", "Probe"])
      #expect(pushed.references == [image])
      let again = try copy.run(["run-pipeline", "--pipeline", "Probe", "--no-push"])
      #expect(try ProbeReport(again.output).images["default"] == image)
      #expect(!again.errorOutput.contains("warning: "), "\(again.errorOutput)")
    }

    @Test func `Every base tag has its image`() throws {
      let layout = try copy.workerBase()
      try copy.configure(
        """
        version: 1
        pipelines:
          Probe:
            base: scratch
            bases: {worker: "\(layout):\(WorkerBase.tag)", extra: "\(layout):\(WorkerBase.extraTag)"}
        """)
      let result = try copy.run(["run-pipeline", "--pipeline", "Probe"])
      #expect(result.status == 0, "\(result.errorOutput)")
      let images = try ProbeReport(result.output).images
      #expect(images.keys.sorted() == ["default", "extra", "worker"])
      #expect(Set(images.values.map(\.digest)).count == 3)
    }

    @Test(.enabled(if: DockerRegistry.isAvailable))
    func `An image of the user's own is launched with, and nothing is built or pushed`() throws {
      let registry = try DockerRegistry()
      let pushed = try copy.run(["push-image", "--pipeline", "Probe", "--registry", registry.address])
      let own = try #require(pushed.references.first, "\(pushed.errorOutput)")
      let state = copy.scratch + "/swift-sematic"
      try copy.configure("version: 1\npipelines: {Probe: {base: scratch, registry: registry.invalid}}\n")
      let before = try FileStatus.ifPresent(state + "/images")
      let result = try copy.run(
        ["run-pipeline", "--pipeline", "Probe", "--", "x"],
        environment: stale.merging([Variable.single: own]) { $1 })
      #expect(result.status == 0, "\(result.errorOutput)")
      let report = try ProbeReport(result.output)
      #expect(report.images == ["default": own])
      #expect(report.environment[Variable.several] == nil)
      #expect(result.errorOutput.split(separator: "\n").filter { $0.contains(Variable.single) }.count >= 1)
      #expect(try FileStatus.ifPresent(state + "/images") == before)
    }

    @Test func `An own image in the embedded registry is served for the check and the launch`() throws {
      let pushed = try copy.run(["push-image", "--pipeline", "Probe"])
      let own = try #require(pushed.references.first, "\(pushed.errorOutput)")
      // Where another process has the usual port, the reference is of a registry that is gone.
      guard own.hasPrefix("127.0.0.1:5155/") else { return }
      let result = try copy.run(["run-pipeline", "--pipeline", "Probe"], environment: [Variable.single: own])
      #expect(result.status == 0, "\(result.errorOutput)")
      #expect(try ProbeReport(result.output).images == ["default": own])
    }

    @Test(.enabled(if: DockerRegistry.isAvailable && WorkerBase.isAvailable && ChildProcess.canRun("skopeo")))
    func `An own image that breaks a rule, or that nobody can pull, is not launched`() throws {
      let registry = try DockerRegistry()
      let own = "\(registry.address)/own/image:1"
      let made = try ChildProcess.run([
        "skopeo", "copy", "--quiet", "--dest-tls-verify=false", "oci:\(WorkerBase.layout()):\(WorkerBase.extraTag)",
        "docker://\(own)",
      ])
      #expect(made.status == 0, "\(made.output)")
      let broken = try copy.run(["run-pipeline", "--pipeline", "Probe"], environment: [Variable.single: own])
      #expect(broken.status == 1)
      #expect(!broken.output.contains("probe {"))
      #expect(broken.errorOutput.contains("fail        entrypoint: there is none"), "\(broken.errorOutput)")
      let missing = try copy.run(["run-pipeline", "--pipeline", "Probe"], environment: [Variable.single: own + "2"])
      #expect(missing.status == 1)
      #expect(!missing.output.contains("probe {"))
    }

    @Test(arguments: ["", "a b", "x@", "x@sha256:0"]) func `An own image that is malformed is refused`(own: String)
      throws
    {
      let result = try copy.run(["run-pipeline", "--pipeline", "Probe"], environment: [Variable.single: own])
      #expect(result.status == 1)
      #expect(!result.output.contains("probe {"))
      #expect(result.errorOutput.contains(Variable.single), "\(result.errorOutput)")
    }
  }
}
