import SematicFiles
import SematicOCI
import TestSupport
import Testing

extension EndToEndTests {
  /// A pipeline in Swift above a worker's base, with a step in a container of its own on a second base.
  @Suite(.serialized) struct SwiftStepsTests {
    let cluster: Cluster

    init() throws { cluster = try Cluster.shared() }

    /// Built and pushed once: the images to launch with afterwards.
    private static let pushed = Guarded<[String: String]?>(nil)

    /// Launches the pipeline by the verb, the first time, and then the program that it has built, with its images.
    func launch(_ word: String) throws -> String {
      if let images = Self.pushed.withLock({ $0 }) {
        let uris = images.map { "::\($0.key)##\($0.value)" }.joined()
        let result = try ChildProcess.run(
          [VerbScratch.other + "/release/Training", word],
          environment: [
            "HOME": "/nonexistent", "SEMATIC_API_ADDRESS": cluster.server.address,
            "SEMATIC_CONTAINER_IMAGE_URIS": uris,
          ])
        guard result.status == 0, let run = result.output.split(separator: "\n").last else {
          throw ChildProcess.Failure(result.output)
        }
        return String(run)
      }
      let package = try PackageCopy(of: "starter-pipeline", in: cluster)
      let source = VerbScratch.repository + "/Tests/Fixtures/steps/Training.swift"
      try package.write("Sources/Training/Training.swift", String(decoding: FileTree.read(source), as: UTF8.self))
      try package.write(
        "sematic.yaml",
        "version: 1\npipelines: {Training: {base: worker-base, bases: {extra: worker-extra}}}\n")
      let run = try package.launch([word])
      let resolution = try cluster.server.get("/resolutions/\(run)")
      let images = resolution["content"]?["container_image_uris"]?.object?.compactMapValues(\.string)
      Self.pushed.withLock { $0 = images }
      return run
    }

    @Test func `A step runs in a container of its own, on its own base`() throws {
      let record = try cluster.outcome(of: launch("twice"))
      #expect(record.status == "COMPLETE")
      #expect(try cluster.output(of: record.run, in: record) == .string("twicetwice"))
      #expect(Set(record.images.keys) == ["default", "extra"])
      try cluster.expectDigests(record)
      let step = try #require(record.step("add"))
      #expect(step["container_image_uri"]?.string == record.images["extra"])
      #expect(record.run["container_image_uri"]?.string == record.images["default"])
      let pod = try #require(try cluster.kubernetes.pods(of: try #require(step["id"]?.string)).first)
      #expect(pod.image == record.images["extra"])
      #expect(pod.arguments.count == 2)
    }

    @Test func `A function that throws makes the pipeline fail, with its error`() throws {
      let record = try cluster.outcome(of: launch("refuse"))
      #expect(record.status == "FAILED")
      #expect(record.state == "FAILED")
      let failure = record.run["exception_metadata_json"]
      #expect(failure?["name"]?.string == "Refusal")
      #expect(failure?["repr"]?.string?.contains("there is nothing to do") == true)
      #expect(record.step("add") == nil)
    }

    @Test func `A step that throws makes the pipeline fail, with its error`() throws {
      let record = try cluster.outcome(of: launch("fail"))
      #expect(record.status == "FAILED")
      #expect(record.state == "NESTED_FAILED")
      let step = try #require(record.step("add"))
      #expect(step["future_state"]?.string == "FAILED")
      #expect(step["exception_metadata_json"]?["name"]?.string == "Refusal")
      #expect(step["exception_metadata_json"]?["repr"]?.string?.contains("there is nothing to do") == true)
    }

    @Test func `A step whose program crashes makes the pipeline fail`() throws {
      let record = try cluster.outcome(of: launch("crash"))
      #expect(record.status == "FAILED")
      #expect(record.state == "NESTED_FAILED")
      let step = try #require(record.step("add"))
      #expect(step["future_state"]?.string == "FAILED")
      #expect(step["external_exception_metadata_json"]?["name"]?.string == "KubernetesError")
      let pod = try #require(try cluster.kubernetes.pods(of: try #require(step["id"]?.string)).first)
      // 128 and the number of the signal.
      #expect(pod.exitStatus.map { $0 > 128 } == true, "\(pod.log)")
      #expect(pod.log.contains("as a bug would"))
    }

    @Test func `Canceling a pipeline ends its containers`() throws {
      let run = try launch("sleep")
      try poll {
        let graph = try cluster.server.get("/runs/\(run)/graph?root=1")
        let found = graph["runs"]?.array?.first { $0["name"]?.string == "add" }
        guard let identifier = found?["id"]?.string else { return false }
        return try cluster.kubernetes.pods(of: identifier).first?.log.contains("run \(identifier)") == true
      }
      _ = try cluster.server.call("PUT", "/resolutions/\(run)/cancel", body: "{}")
      let record = try cluster.outcome(of: run)
      #expect(record.status == "CANCELED")
      #expect(record.state == "CANCELED")
      let added = try #require(record.step("add")?["id"]?.string)
      try poll {
        try (cluster.kubernetes.pods(of: run) + cluster.kubernetes.pods(of: added)).allSatisfy { $0.exitStatus != nil }
      }
      let after = try cluster.outcome(of: run)
      #expect(after.status == "CANCELED")
      #expect(after.step("add")?["future_state"]?.string == "CANCELED")
    }
  }
}
