import Foundation
import SematicFiles
import TestSupport
import Testing

extension PluginTests {
  @Suite(.enabled(if: DockerRegistry.isAvailable)) struct PushImageTests {
    let copy: StarterCopy

    init() throws {
      copy = try .shared()
      try copy.configure(
        """
        version: 1
        pipelines:
          Probe: {base: scratch, repository: team/probe}
          WordCount: {repository: team/word-count}
        """)
    }

    @Test func `build-image and push-image give the same digest, whatever the registry`() throws {
      let folder = try TemporaryFolder("same")
      let built = try copy.run(["build-image", "--pipeline", "Probe", "--output", folder.file("layout")])
      #expect(built.status == 0, "\(built.errorOutput)")
      let digest = try LayoutReader(folder.file("layout")).digest()

      let embedded = try copy.run(["push-image", "--pipeline", "Probe"])
      #expect(embedded.status == 0, "\(embedded.errorOutput)")
      #expect(embedded.references.map(\.digest) == [digest])
      #expect(embedded.lines.count == 1, "stdout is data: \(embedded.output)")

      let registry = try DockerRegistry()
      let pushed = try copy.run(["push-image", "--pipeline", "Probe", "--registry", registry.address])
      #expect(pushed.status == 0, "\(pushed.errorOutput)")
      #expect(pushed.references == ["\(registry.address)/team/probe@\(digest)"])
      let report = try ProbeReport(ContainerBundle(registry: pushed.references[0]).run(["x"]).output)
      #expect(report.arguments == ["x"])
      #expect(report.foundResources)
    }

    @Test func `One changed line sends less than 100 kB`() throws {
      let folder = try TemporaryFolder("line")
      let registry = try DockerRegistry()
      let arguments = [
        "push-image", "--pipeline", "WordCount", "--base", "scratch", "--registry", registry.address, "--metadata-file",
        folder.file("metadata.json"),
      ]
      let first = try copy.run(arguments)
      #expect(first.status == 0, "\(first.errorOutput)")
      let before = try Metadata(folder.file("metadata.json"))
      try copy.withChangedLine {
        let second = try copy.run(arguments)
        #expect(second.status == 0, "\(second.errorOutput)")
      }
      let after = try Metadata(folder.file("metadata.json"))
      #expect((1...100_000).contains(after.bytesPushed), "\(after.bytesPushed) bytes were sent")
      #expect(zip(before.images[0].layers, after.images[0].layers).count { $0.digest != $1.digest } == 1)
    }

    @Test func `A second push moves no layer`() throws {
      let folder = try TemporaryFolder("again")
      let registry = try DockerRegistry()
      let arguments = [
        "push-image", "--pipeline", "Probe", "--registry", registry.address, "--tag", "nightly", "--metadata-file",
        folder.file("metadata.json"),
      ]
      #expect(try copy.run(arguments).status == 0)
      let first = try Metadata(folder.file("metadata.json"))
      #expect(first.bytesPushed > 1_000_000)
      let uploads = registry.log.components(separatedBy: "\"PUT /v2/team/probe/blobs").count
      #expect(try copy.run(arguments).status == 0)
      let second = try Metadata(folder.file("metadata.json"))
      #expect(second.bytesPushed < 10_000)
      #expect(second.images.map(\.reference) == first.images.map(\.reference))
      #expect(registry.log.components(separatedBy: "\"PUT /v2/team/probe/blobs").count == uploads)
      for tag in ["Probe_default", "nightly"] {
        let inspected = try ChildProcess.run([
          "skopeo", "inspect", "--tls-verify=false", "--format", "{{.Digest}}",
          "docker://\(registry.address)/team/probe:\(tag)",
        ])
        #expect(inspected.output.trimmingCharacters(in: .whitespacesAndNewlines) == first.images[0].digest)
      }
    }

    @Test func `A registry that refuses makes the verb fail and say why`() throws {
      let registry = try DockerRegistry(.password)
      let result = try copy.run(["push-image", "--pipeline", "Probe", "--registry", registry.address])
      #expect(result.status == 1)
      #expect(result.references.isEmpty)
      #expect(result.errorOutput.contains("error: "), "\(result.errorOutput)")
      #expect(result.errorOutput.contains(registry.address), "\(result.errorOutput)")
      #expect(result.errorOutput.contains("hint: "), "\(result.errorOutput)")
    }

    @Test func `Credentials of docker's configuration are used`() throws {
      let registry = try DockerRegistry(.password)
      let folder = try TemporaryFolder("credentials")
      let secret = Data("\(DockerRegistry.user):\(DockerRegistry.password)".utf8).base64EncodedString()
      try folder.write("config.json", "{\"auths\": {\"\(registry.address)\": {\"auth\": \"\(secret)\"}}}")
      let result = try copy.run(
        ["push-image", "--pipeline", "Probe", "--registry", registry.address],
        environment: ["DOCKER_CONFIG": folder.path])
      #expect(result.status == 0, "\(result.errorOutput)")
      #expect(result.references.count == 1)
      #expect(!(result.output + result.errorOutput).contains(secret))
    }
  }
}
