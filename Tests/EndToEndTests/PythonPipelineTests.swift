import Foundation
import SematicFiles
import SematicOCI
import TestSupport
import Testing

extension EndToEndTests {
  /// Templates/starter-python: a pipeline in Python, with a step that calls a Swift executable.
  @Suite(.serialized) struct PythonPipelineTests {
    let cluster: Cluster
    let package: PackageCopy

    init() throws {
      cluster = try Cluster.shared()
      package = try PackageCopy(of: "starter-python", in: cluster)
      // Sematic as Tests/sematic has fetched it: nothing is downloaded for the image.
      let pins = try FileTree.read(
        FileTree.parent(of: FileTree.parent(of: #filePath)) + "/Fixtures/sematic-constraints.txt")
      try package.write(
        "requirements.txt",
        "--no-index\n--find-links \(try SematicServer.wheels())\n" + String(decoding: pins, as: UTF8.self))
      try package.append(
        "sematic.yaml",
        """
          Sums:
            script: sums.py
            requirements: requirements.txt
            base: worker-base
            bases: {extra: worker-extra}

        """)
      try package.write(
        "sums.py",
        """
        import sys
        from sematic import CloudRunner
        from summing import pipeline

        print(CloudRunner().run(pipeline(sys.argv[1], int(sys.argv[2]))))

        """)
      try package.write(
        "summing.py",
        """
        import os
        from typing import Dict

        import sematic
        from pipeline import count


        @sematic.func(base_image_tag="extra", standalone=True)
        def add(counts: Dict[str, int], number: int) -> int:
            if number == 13:
                raise ValueError("thirteen is not to be added")
            assert open("/etc/worker-extra").read() == "the second base\\n"
            return sum(counts.values()) + number


        @sematic.func
        def pipeline(text: str, number: int) -> int:
            assert not os.path.exists("/etc/worker-extra")
            return add(count(text), number)

        """)
    }

    @Test func `The starter's steps call a Swift executable, and a rerun from the server gives the same`() throws {
      let record = try package.run(["rain on the rain"], pipeline: "WordReport")
      #expect(record.status == "COMPLETE")
      #expect(try cluster.output(of: record.run, in: record) == .string("2 x rain, 1 x on, 1 x the"))
      #expect(Set(record.images.keys) == ["default"])
      #expect(record.images["default"] == record.run["container_image_uri"]?.string)
      try cluster.expectDigests(record)

      let answer = try cluster.server.call("POST", "/resolutions/\(try record.identifier)/rerun", body: "{}")
      let content = try #require(answer["content"] as? [String: Any])
      let again = try cluster.outcome(of: try #require(content["root_id"] as? String))
      #expect(try again.identifier != record.identifier)
      #expect(again.status == "COMPLETE")
      #expect(try cluster.output(of: again.run, in: again) == .string("2 x rain, 1 x on, 1 x the"))
      #expect(again.images == record.images)
    }

    @Test func `A step runs in the image of its own base tag`() throws {
      let record = try package.run(["one two two", "4"], pipeline: "Sums")
      #expect(record.status == "COMPLETE")
      #expect(try cluster.output(of: record.run, in: record) == .integer(7))
      #expect(Set(record.images.keys) == ["default", "extra"])
      #expect(record.images["default"] != record.images["extra"])
      let step = try #require(record.step("add"))
      #expect(step["container_image_uri"]?.string == record.images["extra"])
      #expect(record.run["container_image_uri"]?.string == record.images["default"])
      try cluster.expectDigests(record)
      let pod = try #require(try cluster.kubernetes.pods(of: try #require(step["id"]?.string)).first)
      #expect(pod.image == record.images["extra"])
    }

    @Test func `A step that fails makes the pipeline fail, with its error`() throws {
      let record = try package.run(["one", "13"], pipeline: "Sums")
      #expect(record.status == "FAILED")
      #expect(record.state == "NESTED_FAILED")
      let step = try #require(record.step("add"))
      #expect(step["future_state"]?.string == "FAILED")
      let failure = step["exception_metadata_json"]
      #expect(failure?["name"]?.string == "ValueError")
      #expect(failure?["repr"]?.string?.contains("thirteen is not to be added") == true)
      #expect(record.step("count")?["future_state"]?.string == "RESOLVED")
    }
  }
}

extension RecordedRun {
  var identifier: String {
    get throws { try #require(run["id"]?.string) }
  }
}

extension Cluster {
  /// The images of a pipeline are in the registry, and known by digest.
  func expectDigests(_ record: RecordedRun) throws {
    #expect(!record.images.isEmpty)
    for image in record.images.values {
      let reference = try ImageReference(image)
      #expect(reference.digest != nil && image.hasPrefix(registry.address + "/"), "\(image)")
    }
  }
}
