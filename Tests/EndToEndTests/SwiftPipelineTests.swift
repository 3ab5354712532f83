import SematicOCI
import TestSupport
import Testing

extension EndToEndTests {
  /// Templates/starter-pipeline: a pipeline in Swift, on no base at all.
  @Suite(.serialized) struct SwiftPipelineTests {
    let cluster: Cluster
    let package: PackageCopy

    init() throws {
      cluster = try Cluster.shared()
      package = try PackageCopy(of: "starter-pipeline", in: cluster)
    }

    @Test func `The starter runs in its image, and so does a rerun from the server`() throws {
      let record = try package.run([])
      #expect(record.status == "COMPLETE")
      #expect(record.state == "RESOLVED")
      try cluster.expectDigests(record)
      #expect(record.images == ["default": try #require(record.run["container_image_uri"]?.string)])
      let model = try cluster.output(of: record.run, in: record)
      #expect(model["mean"] != nil, "\(model)")
      #expect(record.step("evaluate")?["future_state"]?.string == "RESOLVED")
      // Its image has no sources; the launch has read them.
      let source = record.step("evaluate")?["source_code"]?.string ?? ""
      #expect(source.contains("(input: Evaluation) in\n  input.samples.reduce(0)"), "\(source)")
      let pod = try #require(try cluster.kubernetes.pods(of: try record.identifier).first)
      #expect(pod.exitStatus == 0, "\(pod.log)")
      #expect(pod.image == record.images["default"])

      let answer = try cluster.server.call("POST", "/resolutions/\(try record.identifier)/rerun", body: "{}")
      let content = try #require(answer["content"] as? [String: Any])
      let again = try cluster.outcome(of: try #require(content["root_id"] as? String))
      #expect(try again.identifier != record.identifier)
      #expect(again.status == "COMPLETE")
      #expect(try cluster.output(of: again.run, in: again) == model)
    }
  }
}
