import Foundation
import SematicFiles
import SematicImages
import SematicOCI
import TestSupport
import Testing

@testable import SematicRegistryClient

extension ImageSource {
  /// The documents themselves.
  fileprivate func attachments(to image: Digest, type: MediaType, limit: Int64) throws -> [Data] {
    try attachments(to: image, type: type).map { try readBlob($0, limit: limit) }
  }
}

/// Documents that are stored beside an image, in each kind of place that can hold them.
@Suite struct AttachmentTests {
  static let places = PublishPlace.all.filter { place in
    !["memory", "oci-archive", "docker-archive"].contains(place.testDescription)
  }

  private static let bill = MediaType(rawValue: "application/spdx+json")
  private static let note = MediaType(rawValue: "text/plain")

  let folder: TemporaryFolder
  let store = MemoryStore()
  let image: Image

  init() throws {
    folder = try TemporaryFolder("attachments")
    image = try RandomImage.appending(1, to: RandomImage.base(in: store), in: folder)
  }

  private func attachment(_ text: String, _ type: MediaType) -> AttachedDocument {
    AttachedDocument(Data(text.utf8), type: type, title: "title")
  }

  private func request(_ image: Image, _ attachments: [AttachedDocument], tag: String = "v1") -> PublishRequest {
    PublishRequest(image, base: store, tags: [tag], attachments: attachments)
  }

  @Test(arguments: places) func `a document is found by the image's digest`(place: PublishPlace) throws {
    try place.use(folder) { opened in
      let attachments = [attachment("{\"one\":1}", Self.bill), attachment("two", Self.note)]
      let publications = try publish([request(image, attachments)], to: opened.destination())
      let publication = try #require(publications.first)
      #expect(publication.attachments.map(\.descriptor.artifactType) == [Self.bill.rawValue, Self.note.rawValue])
      let source = try opened.source()
      for (type, text) in [(Self.bill, "{\"one\":1}"), (Self.note, "two")] {
        let found = try source.attachments(to: publication.digest, type: type, limit: 100)
        #expect(found.map { String(decoding: $0, as: UTF8.self) } == [text])
      }
      #expect(throws: (any Error).self) {
        _ = try source.attachments(to: publication.digest, type: Self.bill, limit: 3)
      }
      // The image is what it was, and the only one.
      #expect(try source.manifest(.tag("v1")).descriptor.digest == publication.digest)
      if let layout = source as? ImageLayout {
        #expect(try layout.identifier(tag: nil) == .digest(publication.digest))
      }
      let other = try Digest.of(Array("other".utf8))
      #expect(try source.attachments(to: other, type: Self.bill, limit: 100).isEmpty)
    }
  }

  @Test(arguments: places) func `the same again sends nothing, and more is added`(place: PublishPlace) throws {
    try place.use(folder) { opened in
      let first = attachment("first", Self.note)
      let before = try publish([request(image, [first])], to: opened.destination())
      let again = try publish([request(image, [first])], to: opened.destination())
      #expect(again.map(\.attachments) == before.map(\.attachments))
      if place.keepsBlobs { #expect(again.map(\.bytesSent) == [0]) }
      let digest = try #require(before.first?.digest)
      #expect(try opened.source().attachments(to: digest, type: Self.note, limit: 100).count == 1)
      _ = try publish([request(image, [first, attachment("second", Self.note)])], to: opened.destination())
      let found = try opened.source().attachments(to: digest, type: Self.note, limit: 100)
      #expect(Set(found) == [Data("first".utf8), Data("second".utf8)])
    }
  }

  /// Manifests that refer to an image, in the order in which a registry happens to list them.
  private struct Listed: ImageSource {
    let documents: [ManifestDocument]
    let name = "listed"

    func referrers(of image: Digest, type: MediaType) -> [Descriptor] { documents.map(\.descriptor) }

    func manifest(_ identifier: ManifestIdentifier) throws -> ManifestDocument {
      try #require(documents.first { .digest($0.descriptor.digest) == identifier })
    }

    func readBlob(_ descriptor: Descriptor, _ body: (UnsafeRawBufferPointer) throws -> Void) {}
  }

  @Test func `of several, the newest is the first, and of the same time the lowest digest`() throws {
    let times = [nil, "2024-03-01T00:00:00+02:00", "2024-02-29T23:00:00Z", "2024-02-29T23:00:00.5Z", "9 o'clock", nil]
    let subject = try image.encoded().manifestDescriptor
    let documents = try times.enumerated().map { number, time in
      let encoded = try attachment("\(number)", Self.note).encoded(about: subject)
      guard case .manifest(var manifest) = try ManifestDocument(bytes: encoded.manifest, mediaType: nil).content else {
        throw BaseError.tooDeep("the test")
      }
      manifest.annotations = time.map { ["org.opencontainers.image.created": $0] }
      return try ManifestDocument(bytes: canonicalJSON(manifest), mediaType: nil)
    }
    let digests = try times.indices.map { try Digest.of(Array("\($0)".utf8)) }
    func sorted(_ numbers: [Int]) -> [Digest] { numbers.map { digests[$0] }.sorted { $0.description < $1.description } }
    var random = SeededRandom(of: "AttachmentTests")
    for _ in 0..<5 {
      let listed = Listed(documents: documents.shuffled(using: &random))
      let found = try listed.attachments(to: subject.digest, type: Self.note)
      #expect(found.map(\.digest) == sorted([2, 3]) + [digests[1]] + sorted([0, 4, 5]))
    }
  }

  @Test func `in a layout, a document stays with its image and goes with it`() throws {
    let path = folder.file("layout")
    let other = try RandomImage.appending(1, to: RandomImage.base(in: store), in: folder)
    func write(_ image: Image, _ attachments: [AttachedDocument], tag: String) throws -> Digest? {
      try publish([request(image, attachments, tag: tag)], to: ImageLayoutDestination(path)).first?.digest
    }
    func documents() throws -> Int { try ImageLayout(path).index.manifests.count { $0.artifactType != nil } }
    let first = try #require(try write(image, [attachment("first", Self.note)], tag: "a"))
    let second = try #require(try write(other, [attachment("second", Self.note)], tag: "b"))
    #expect(try documents() == 2)
    for digest in [first, second] {
      #expect(try ImageLayout(path).attachments(to: digest, type: Self.note, limit: 100).count == 1)
    }
    // The tag moves on to an image without a document.
    _ = try write(other, [], tag: "a")
    #expect(try ImageLayout(path).attachments(to: first, type: Self.note, limit: 100).isEmpty)
    #expect(try ImageLayout(path).attachments(to: second, type: Self.note, limit: 100).count == 1)
  }

  @Test(arguments: places) func `each image of an index has its own`(place: PublishPlace) throws {
    try place.use(folder) { opened in
      let arm = try RandomImage.base(in: store, tag: "arm", platform: Platform(architecture: "arm64"))
      let images = [image, try RandomImage.appending(1, to: arm, in: folder)]
      let index = try ImageIndex(of: images, annotations: [:]).encoded()
      func request(_ tag: String) -> PublishRequest {
        PublishRequest(
          images.enumerated().map { number, image in
            .init(image, base: store, attachments: [attachment("\(number)", Self.note)])
          }, index: index, tags: [tag])
      }
      _ = try publish([request("v1")], to: opened.destination())
      // Another tag beside it, in a layout that is written anew.
      _ = try publish([self.request(image, [], tag: "v2")], to: opened.destination())
      let source = try opened.source()
      #expect(try source.manifest(.tag("v1")).descriptor.digest == index.descriptor.digest)
      for (number, image) in images.enumerated() {
        let digest = try image.encoded().manifestDescriptor.digest
        #expect(try source.attachments(to: digest, type: Self.note, limit: 9) == [Data("\(number)".utf8)])
      }
      #expect(try source.attachments(to: index.descriptor.digest, type: Self.note, limit: 9).isEmpty)
    }
  }

  @Test(.enabled(if: DockerRegistry.isAvailable && ChildProcess.canRun("skopeo")))
  func `other tools read the image, and find the list by its tag`() throws {
    let registry = try DockerRegistry()
    let destination = try Registry(host: registry.address, repository: "team/image")
    let publications = try publish([request(image, [attachment("two", Self.note)])], to: destination)
    let digest = try #require(publications.first?.digest)
    let address = "docker://\(registry.address)/team/image"
    let copy = try ChildProcess.run(
      ["skopeo", "copy", "--src-tls-verify=false", "\(address):v1", "oci:\(folder.file("copy")):v1"])
    #expect(copy.status == 0, "\(copy.output)")
    #expect(try ImageLayout(folder.file("copy")).identifier(tag: "v1") == .digest(digest))
    let list = try ChildProcess.run(
      ["skopeo", "inspect", "--raw", "--tls-verify=false", "\(address):sha256-\(digest.hex)"])
    #expect(list.status == 0 && list.output.contains("\"artifactType\":\"text/plain\""), "\(list.output)")
  }

  @Test(.enabled(if: ChildProcess.canRun("skopeo", "podman")))
  func `skopeo and podman read a layout that has a document`() throws {
    let path = folder.file("layout")
    let publications = try publish(
      [request(image, [attachment("two", Self.note)])], to: ImageLayoutDestination(path))
    let digest = try #require(publications.first?.digest)
    let inspected = try ChildProcess.run(["skopeo", "inspect", "--raw", "oci:\(path):v1"])
    #expect(try inspected.status == 0 && Digest.of(Array(inspected.output.utf8)) == digest, "\(inspected.output)")
    // Podman wants a short path.
    let root = try TemporaryFolder("p")
    let pulled = try ChildProcess.run([
      "podman", "--root", root.file("root"), "--runroot", root.file("run"), "--storage-driver", "vfs", "pull",
      "oci:\(path):v1",
    ])
    #expect(pulled.status == 0, "\(pulled.output)")
  }
}
