import Foundation
import Testing

@testable import SematicOCI

@Suite struct ImageTests {
  private func layer(_ text: String) throws -> Layer {
    Layer(
      descriptor: try Descriptor(of: Array(text.utf8), mediaType: .layerGzip),
      diffID: try Digest.of(Array("\(text)!".utf8)),
      content: .file("/\(text)"), createdBy: "test: \(text)")
  }

  private let base = Data(
    """
    {"architecture":"amd64","os":"linux","author":"somebody","created":"2023-01-02T03:04:05Z",
     "config":{"Env":["PATH=/bin","LD_LIBRARY_PATH=/cuda"],"User":"1000","Healthcheck":{"Test":["CMD","true"]},
       "Labels":{"a":"1"},"StopSignal":"SIGINT"},
     "history":[{"created_by":"base"}],
     "rootfs":{"type":"layers","diff_ids":["sha256:\(String(repeating: "2", count: 64))"]}}
    """.utf8)

  @Test func `what a base says and we do not know of stays`() throws {
    var configuration = try ImageConfiguration(bytes: base)
    configuration.setEnvironment("PATH", "/sematic/bin:/bin")
    configuration.setEnvironment("NEW", "x=y")
    configuration.labels["b"] = "2"
    configuration.append([try layer("one")])
    let json = try JSONDecoder().decode(JSONValue.self, from: configuration.encoded())
    #expect(json["author"]?.string == "somebody")
    #expect(json["config"]?["Healthcheck"]?["Test"]?.strings == ["CMD", "true"])
    #expect(json["config"]?["StopSignal"]?.string == "SIGINT")
    #expect(json["config"]?["Env"]?.strings == ["PATH=/sematic/bin:/bin", "LD_LIBRARY_PATH=/cuda", "NEW=x=y"])
    #expect(configuration.environmentValue("NEW") == "x=y")
    #expect(configuration.user == "1000")
    #expect(configuration.labels == ["a": "1", "b": "2"])
    #expect(json["history"]?.array?.map { $0["created_by"]?.string } == ["base", "test: one"])
    #expect(configuration.diffIDs.count == 2)
  }

  @Test func `the same image is the same bytes`() throws {
    func digest() throws -> Digest {
      try Image.scratch(Platform(architecture: "amd64")).appending([layer("one"), layer("two")])
        .configured { $0.entrypoint = ["/a"] }.annotated(["x": "1", "y": "2"]).encoded().manifestDescriptor.digest
    }
    let first = try digest()
    #expect(try first == digest())
    // Pinned: a change of the encoding would give every image of every user a new digest.
    #expect(first.description == "sha256:4b86861c7c14babaeb8452537f6dd82c590cf4dfe40ca84e7038ead68cca51f5")
  }

  @Test func `a change makes a new image and leaves the old one`() throws {
    let scratch = Image.scratch(Platform(architecture: "amd64"))
    let changed = scratch.appending([try layer("one")])
    #expect(scratch.layers.isEmpty)
    #expect(changed.layers.count == 1)
    #expect(changed.configuration.diffIDs.count == 1)
  }

  @Test func `a base whose manifest and configuration disagree is refused`() throws {
    let configuration = try ImageConfiguration(bytes: base)
    let manifest = Manifest(config: try Descriptor(of: base, mediaType: .configuration), layers: [])
    #expect(throws: MalformedValue.self) { try Image(base: manifest, configuration: configuration) }
  }

  @Test func `a Docker base becomes an Open Containers image`() throws {
    let layer = try Descriptor(of: [1], mediaType: .dockerLayerGzip)
    let manifest = Manifest(config: try Descriptor(of: base, mediaType: .dockerConfiguration), layers: [layer])
    let image = try Image(base: manifest, configuration: ImageConfiguration(bytes: base))
    #expect(image.layers.map(\.descriptor.mediaType) == [.layerGzip])
    #expect(image.layers.map(\.content) == [.base])
  }

  @Test(arguments: [
    "", "{}", #"{"architecture":"amd64","os":"linux"}"#,
    #"{"architecture":"amd64","os":"linux","rootfs":{"diff_ids":["x"]}}"#,
  ])
  func `what is no configuration is refused`(text: String) {
    #expect(throws: MalformedValue.self) { try ImageConfiguration(bytes: Data(text.utf8)) }
  }
}
