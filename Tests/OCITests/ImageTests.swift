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

  @Test func `the base is named by its digest, and by its name where that means something to others`() throws {
    let digest = try Digest.of([1])
    let own = "org.opencontainers.image.base.digest"
    #expect(Image.annotations(ofBase: digest, name: nil) == [own: digest.description])
    #expect(
      Image.annotations(ofBase: digest, name: "ghcr.io/a:1")
        == [own: digest.description, "org.opencontainers.image.base.name": "ghcr.io/a:1"])
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

  @Test(
    arguments: [
      ("[]", ["", ""], 2), ("[{\"created_by\":\"a\"}]", ["a", ""], 2), ("7", ["", ""], 2),
      ("[{\"created_by\":\"a\"}]", ["a"], 1),
      ("[{\"created_by\":\"a\"},{\"created_by\":\"b\"}]", ["a"], 1),
      ("[{\"created_by\":\"e\",\"empty_layer\":true},{\"created_by\":\"a\"},{\"created_by\":\"b\"}]", ["a", "b"], 2),
    ] as [(String, [String], Int)])
  func `the history has one entry for each layer, whatever the base's has`(
    history: String, names: [String], layers: Int
  ) throws {
    let digests = repeatElement("\"sha256:\(String(repeating: "2", count: 64))\"", count: layers).joined(separator: ",")
    let text = #"{"history":\#(history),"rootfs":{"diff_ids":[\#(digests)]}}"#
    var configuration = try ImageConfiguration(bytes: Data(text.utf8))
    configuration.append([try layer("one")])
    let whole = try #require(configuration.document["history"]?.array)
    let made = whole.filter { $0["empty_layer"] != .bool(true) }.map { $0["created_by"]?.string ?? "" }
    #expect(made == names + ["test: one"])
    #expect(made.count == configuration.diffIDs.count)
  }

  @Test func `a variable that the base names twice is named once when it is set`() throws {
    var configuration = try ImageConfiguration(bytes: base)
    configuration.environment = ["A=1", "PATH=/a", "B=", "PATH=/b", "PATHS=/c", "\u{e4}=1"]
    #expect(configuration.environmentValue("PATH") == "/b")
    #expect(configuration.environmentValue("\u{e4}") == "1" && configuration.environmentValue("a\u{308}") == nil)
    configuration.setEnvironment("PATH", "/ours")
    #expect(configuration.environment == ["A=1", "PATH=/ours", "B=", "PATHS=/c", "\u{e4}=1"])
  }

  @Test func `the time of creation is fixed, or that of SOURCE_DATE_EPOCH`() throws {
    func created(_ time: CreationTime) throws -> [String?] {
      let document = Image.scratch(Platform(architecture: "amd64")).appending([try layer("one")], created: time)
        .configuration.document
      return [document["created"]?.string, document["history"]?.array?.first?["created"]?.string]
    }
    #expect(try created(.fixed) == ["1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"])
    #expect(try CreationTime(sourceDateEpoch: "0") == .fixed)
    #expect(try created(CreationTime(sourceDateEpoch: "1700000000"))[0] == "2023-11-14T22:13:20Z")
    #expect(try CreationTime(sourceDateEpoch: "253402300799").text == "9999-12-31T23:59:59Z")
    for value in ["", "x", "-1", "1.5", "253402300800", "9223372036854775808"] {
      #expect(throws: MalformedValue.self) { try CreationTime(sourceDateEpoch: value) }
    }
  }

  @Test(arguments: [
    ("2024-02-29T12:00:00Z", "2024-02-29T12:00:00Z"), ("2024-02-29T12:00:00.123456789Z", "2024-02-29T12:00:00Z"),
    ("2024-03-01T01:30:00+02:00", "2024-02-29T23:30:00Z"), ("2024-02-29T23:30:00.5-02:00", "2024-03-01T01:30:00Z"),
    ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"), ("1970-01-01T00:00:00-00:00", "1970-01-01T00:00:00Z"),
    ("2023-02-29T12:00:00Z", nil), ("2024-13-01T00:00:00Z", nil), ("2024-01-01T24:00:00Z", nil),
    ("1969-12-31T23:59:59Z", nil), ("1970-01-01T00:00:00+00:01", nil), ("9999-12-31T23:59:59-00:01", nil),
    ("0001-01-01T00:00:00Z", nil), ("2024-02-29", nil), ("2024-02-29T12:00:00", nil), ("2024-02-29 12:00:00Z", nil),
    ("2024-02-29T12:00:00+2", nil), ("2024-02-29T12:00:00Zx", nil), ("", nil), ("now", nil),
  ]) func `a time of others is read as RFC 3339, in whole seconds of UTC`(text: String, time: String?) {
    #expect(CreationTime(text)?.text == time)
  }

  @Test(arguments: [
    "", "{}", #"{"architecture":"amd64","os":"linux"}"#,
    #"{"architecture":"amd64","os":"linux","rootfs":{"diff_ids":["x"]}}"#,
  ])
  func `what is no configuration is refused`(text: String) {
    #expect(throws: MalformedValue.self) { try ImageConfiguration(bytes: Data(text.utf8)) }
  }
}
