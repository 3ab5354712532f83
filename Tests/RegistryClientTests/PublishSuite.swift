import Foundation
import SematicFiles
import SematicImages
import SematicOCI
import TestSupport
import Testing

/// What holds for every place.
@Suite struct PublishSuite {
  let folder: TemporaryFolder
  let baseStore = MemoryStore("base")
  let platform = Platform(architecture: "amd64")
  let image: Image

  init() throws {
    folder = try TemporaryFolder("publish")
    image = try RandomImage.appending(2, to: RandomImage.base(in: baseStore), in: folder)
  }

  @Test(arguments: PublishPlace.all)
  func `an image arrives whole, and under the digest that it had before`(place: PublishPlace) throws {
    try place.use(folder) { opened in
      let publication = try publish(image, base: baseStore, to: opened.destination(), tags: ["v1", "latest", "v1"])
      #expect(try publication.descriptor.digest == image.encoded().manifestDescriptor.digest)
      #expect(publication.tags == ["v1", "latest"])
      #expect(publication.blobs.map(\.outcome) == Array(repeating: .written, count: 6))

      let source = try opened.source()
      for identifier in [.tag("v1"), .tag("latest"), ManifestIdentifier.digest(publication.digest)] {
        let found = try source.image(identifier, platform: platform)
        #expect(found.manifest.descriptor.digest == publication.digest)
        #expect(found.image.configuration == image.configuration)
      }
      for layer in image.layers { try source.readBlob(layer.descriptor) { _ in } }
    }
  }

  @Test(arguments: PublishPlace.all)
  func `an image that is there moves nothing`(place: PublishPlace) throws {
    try place.use(folder) { opened in
      _ = try publish(image, base: baseStore, to: opened.destination(), tags: ["v1"])
      baseStore.resetCounts()
      let again = try publish(image, base: baseStore, to: opened.destination(), tags: ["v1"])
      #expect(try again.descriptor.digest == image.encoded().manifestDescriptor.digest)
      if place.keepsBlobs {
        #expect(again.blobs.map(\.outcome) == Array(repeating: .present, count: 6))
        #expect(again.bytesSent == 0)
        #expect(baseStore.count(.readBlob) == 0)
      }
      for layer in image.layers { try opened.source().readBlob(layer.descriptor) { _ in } }
    }
  }

  @Test(arguments: PublishPlace.all)
  func `images of several bases lie side by side, each under its tag`(place: PublishPlace) throws {
    try place.use(folder) { opened in
      let other = try RandomImage.appending(1, to: RandomImage.base(in: baseStore, layers: 1, tag: "other"), in: folder)
      let publications = try publish(
        [
          PublishRequest(image, base: baseStore, tags: ["default"]),
          PublishRequest(other, base: baseStore, tags: ["cuda"]),
        ], to: opened.destination())
      let source = try opened.source()
      #expect(try source.manifest(.tag("default")).descriptor.digest == publications[0].digest)
      #expect(try source.manifest(.tag("cuda")).descriptor.digest == publications[1].digest)
      #expect(publications[0].digest != publications[1].digest)
    }
  }

  @Test(arguments: PublishPlace.all)
  func `a base that is there already is taken over without moving it`(place: PublishPlace) throws {
    try place.use(folder) { opened in
      guard let neighbour = try opened.neighbour?() else { return }
      let base = try RandomImage.base(in: baseStore, tag: "neighbour")
      _ = try publish(base, base: baseStore, to: neighbour, tags: ["base"])
      let found = try neighbour.image(.tag("base"), platform: platform).image
      let built = try RandomImage.appending(1, to: found, in: folder)
      let source = CachedSource(neighbour, cache: BlobCache(folder.file("cache")))
      let publication = try publish(built, base: source, to: opened.destination(), tags: ["v1"])
      #expect(publication.blobs.map(\.outcome) == [.mounted, .mounted, .mounted, .written, .written])
      #expect(publication.bytesSent == publication.blobs.suffix(2).reduce(0) { $0 + $1.descriptor.size })
      for layer in built.layers { try opened.source().readBlob(layer.descriptor) { _ in } }
    }
  }

  @Test(arguments: PublishPlace.all)
  func `a corrupt base layer is an error, and the image that was there stays`(place: PublishPlace) throws {
    try place.use(folder) { opened in
      let before = try publish(image, base: baseStore, to: opened.destination(), tags: ["v1"])
      for corruption in CorruptBlob.allCases {
        let broken = try RandomImage.base(in: baseStore, layers: 3, tag: "broken")
        let layer = broken.layers[1].descriptor
        baseStore.put(corruption.applied(to: try #require(baseStore.blob(layer.digest))), as: layer.digest)
        let error = #expect(throws: BlobMismatch.self, "\(corruption)") {
          try publish(broken, base: baseStore, to: opened.destination(), tags: ["v1"])
        }
        #expect(error?.descriptor.digest == layer.digest)
        let source = try opened.source()
        #expect(try source.manifest(.tag("v1")).descriptor.digest == before.digest)
        #expect(throws: (any Error).self) { try source.readBlob(layer) { _ in } }
        if !place.isAtomic { continue }
        #expect(throws: (any Error).self) { try source.readBlob(broken.layers[0].descriptor) { _ in } }
        #expect(try leftovers().isEmpty)
      }
    }
  }

  @Test(arguments: PublishPlace.all)
  func `a layer file that is not what it should be is an error`(place: PublishPlace) throws {
    try place.use(folder) { opened in
      guard case .file(let path) = image.layers[3].content else { throw BaseError.tooDeep("the test") }
      var bytes = try FileTree.read(path)
      bytes[100] ^= 1
      try AtomicFile.write(bytes, to: path)
      #expect(throws: (any Error).self) { try publish(image, base: baseStore, to: opened.destination(), tags: ["v1"]) }
      #expect(throws: (any Error).self) { try opened.source().manifest(.tag("v1")) }
      if place.isAtomic { #expect(try leftovers().isEmpty) }
    }
  }

  private func leftovers() throws -> [String] {
    try FileTree.names(in: folder.path).filter { $0.hasPrefix(".") }
  }
}
