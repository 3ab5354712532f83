import Foundation
import SematicImages
import SematicOCI
import TestSupport
import Testing

@Suite struct ResolvedBaseTests {
  let store = MemoryStore("registry.example/base")
  let amd64 = Platform(architecture: "amd64")

  /// Puts an image for each platform into the store, and an index of them under `tag`.
  @discardableResult
  private func putIndex(
    _ platforms: [Platform?], tag: String, change: (inout ImageIndex) -> Void = { _ in }
  ) throws -> ManifestDocument {
    var index = ImageIndex(manifests: [])
    for platform in platforms {
      var inner = platform ?? amd64
      if inner.os == "unknown" { inner.os = "linux" }
      _ = try RandomImage.base(in: store, layers: 1, tag: "inner", platform: inner)
      var entry = try store.manifest(.tag("inner")).descriptor
      entry.platform = platform
      index.manifests.append(entry)
    }
    change(&index)
    let document = try ManifestDocument(bytes: canonicalJSON(index), mediaType: .index)
    store.put(document, tag: tag)
    return document
  }

  @Test func `the platform is chosen from an index`() throws {
    let platforms = try ["linux/arm64", "linux/amd64", "windows/amd64"].map { try Platform($0) }
    let index = try putIndex(platforms, tag: "many")
    for platform in platforms {
      let found = try store.image(.tag("many"), platform: platform)
      #expect(found.platform == platform)
      #expect(found.indexDigest == index.descriptor.digest)
      #expect(found.image.layers.allSatisfy { $0.content == .base })
    }
  }

  @Test(arguments: [
    ("linux/arm/v6", "linux/arm/v6"), ("linux/arm/v7", "linux/arm/v7"), ("linux/arm", "linux/arm/v6"),
    ("linux/arm64", "linux/arm64/v8"), ("linux/arm64/v8", "linux/arm64/v8"), ("linux/amd64", "linux/amd64"),
  ])
  func `the variant counts where it is asked for`(wanted: String, found: String) throws {
    try putIndex(
      ["linux/arm/v6", "linux/arm/v7", "linux/arm64/v8", "linux/amd64/v3", "linux/amd64"].map { try Platform($0) },
      tag: "variants")
    #expect(try store.image(.tag("variants"), platform: Platform(wanted)).platform == Platform(found))
  }

  @Test(arguments: [["v3", "v2"], ["v3", nil, "v2"], ["v2", "v3"], ["v10", "v2"]] as [[String?]])
  func `without a variant the plain image is chosen, or the lowest`(variants: [String?]) throws {
    try putIndex(variants.map { Platform(architecture: "amd64", variant: $0) }, tag: "levels")
    let expected = variants.contains(nil) ? nil : "v2"
    #expect(try store.image(.tag("levels"), platform: amd64).platform.variant == expected)
  }

  @Test func `other names of an architecture are understood`() throws {
    try putIndex(
      [Platform(architecture: "aarch64"), Platform(architecture: "x86_64")], tag: "names")
    #expect(try store.image(.tag("names"), platform: amd64).platform == amd64)
    let found = try store.image(.tag("names"), platform: Platform("linux/arm64"))
    #expect(found.platform == Platform(architecture: "arm64"))
    #expect(found.image.configuration.platform == found.platform)
  }

  @Test func `an image that names no platform is taken as the one that was asked for`() throws {
    _ = try RandomImage.base(in: store, tag: "none", platform: Platform(os: "", architecture: ""))
    let wanted = try Platform("linux/arm/v7")
    let found = try store.image(.tag("none"), platform: wanted)
    #expect(found.image.configuration.platform == wanted)
    try putIndex([Platform(os: "", architecture: "")], tag: "none-index")
    #expect(try store.image(.tag("none-index"), platform: wanted).platform == wanted)
    // A configuration without the fields, as opposed to empty ones.
    let bytes = Data(#"{"rootfs":{"type":"layers","diff_ids":[]}}"#.utf8)
    let descriptor = try Descriptor(of: bytes, mediaType: .configuration)
    store.put(bytes, as: descriptor.digest)
    store.put(
      try ManifestDocument(bytes: canonicalJSON(Manifest(config: descriptor, layers: [])), mediaType: nil), tag: "bare")
    #expect(try store.image(.tag("bare"), platform: wanted).platform == wanted)
  }

  @Test func `a platform that there is not is an error that lists those there are, without attestations`() throws {
    try putIndex([Platform("linux/arm64"), Platform("linux/s390x"), Platform("unknown/unknown")], tag: "many")
    let error = #expect(throws: BaseError.self) { try store.image(.tag("many"), platform: amd64) }
    #expect(error?.description == "the image registry.example/base:many does not exist for linux/amd64")
    #expect(error?.hint == "it exists for linux/arm64, linux/s390x: `--platform linux/arm64` asks for that")
    try putIndex([], tag: "none")
    let none = #expect(throws: BaseError.self) { try store.image(.tag("none"), platform: amd64) }
    #expect(none?.description == "the index registry.example/base:none names no image")
  }

  @Test func `a single image for another platform is an error that names both`() throws {
    _ = try RandomImage.base(in: store, tag: "arm", platform: Platform("linux/arm64"))
    let error = #expect(throws: BaseError.self) { try store.image(.tag("arm"), platform: amd64) }
    #expect(
      error?.description == "the image registry.example/base:arm is for linux/arm64, not for linux/amd64")
  }

  @Test func `an index that promises another platform than its image has is an error`() throws {
    try putIndex([Platform("linux/arm64")], tag: "lie") { $0.manifests[0].platform = amd64 }
    #expect(throws: BaseError.self) { try store.image(.tag("lie"), platform: amd64) }
  }

  @Test func `entries without a platform are looked into`() throws {
    try putIndex([nil], tag: "silent")
    #expect(try store.image(.tag("silent"), platform: amd64).platform == amd64)
    let error = #expect(throws: BaseError.self) { try store.image(.tag("silent"), platform: Platform("linux/arm64")) }
    #expect(error?.hint == "it exists for linux/amd64: `--platform linux/amd64` asks for that")
  }

  @Test func `an index may lie in an index, but not without end`() throws {
    var inner = try putIndex([amd64], tag: "inner-index")
    for depth in 1...5 {
      inner = try ManifestDocument(bytes: canonicalJSON(ImageIndex(manifests: [inner.descriptor])), mediaType: .index)
      store.put(inner, tag: "depth-\(depth)")
    }
    #expect(try store.image(.tag("depth-2"), platform: amd64).platform == amd64)
    #expect(throws: BaseError.self) { try store.image(.tag("depth-5"), platform: amd64) }
  }

  @Test func `a manifest or configuration of another size than promised is an error`() throws {
    try putIndex([amd64], tag: "size") { $0.manifests[0].size += 1 }
    #expect(throws: BlobMismatch.self) { try store.image(.tag("size"), platform: amd64) }
    for size: Int64 in [-1, 1, 1 << 40] {
      _ = try RandomImage.base(in: store, tag: "configuration") { $0.config.size = size }
      #expect(throws: (any Error).self) { try store.image(.tag("configuration"), platform: amd64) }
    }
  }

  @Test func `layers that do not fit the configuration are an error`() throws {
    _ = try RandomImage.base(in: store, tag: "fewer") { $0.layers.removeLast() }
    let fewer = #expect(throws: BaseError.self) { try store.image(.tag("fewer"), platform: amd64) }
    #expect(fewer?.description.hasPrefix("the image registry.example/base:fewer is invalid: ") == true)
    _ = try RandomImage.base(in: store, tag: "negative") { $0.layers[0].size = -5 }
    #expect(throws: BaseError.self) { try store.image(.tag("negative"), platform: amd64) }
    for size in [Int64.max, 1 << 62, 1 << 60] {
      _ = try RandomImage.base(in: store, tag: "huge") {
        for index in $0.layers.indices { $0.layers[index].size = size }
      }
      #expect(throws: BaseError.self) { try store.image(.tag("huge"), platform: amd64) }
    }
  }

  @Test func `an artifact is not an image`() throws {
    _ = try RandomImage.base(in: store, tag: "chart") {
      $0.config.mediaType = MediaType(rawValue: "application/vnd.cncf.helm.config.v1+json")
    }
    let error = #expect(throws: BaseError.self) { try store.image(.tag("chart"), platform: amd64) }
    #expect(
      error?.description
        == "registry.example/base is not an image but application/vnd.cncf.helm.config.v1+json")
  }

  @Test func `a manifest of Docker's schema 1 is refused by name`() throws {
    let bytes = Data(#"{"schemaVersion":1,"name":"old","fsLayers":[{"blobSum":"sha256:00"}],"history":[]}"#.utf8)
    let error = #expect(throws: MalformedValue.self) { try ManifestDocument(bytes: bytes, mediaType: nil) }
    #expect(error?.description.contains("Docker's outdated schema 1") == true)
  }

  @Test func `a Docker image becomes an OCI image, whose layers stay the same bytes`() throws {
    let base = try RandomImage.base(in: store, layers: 2, tag: "docker") { manifest in
      manifest.mediaType = .dockerManifest
      manifest.config.mediaType = .dockerConfiguration
      for index in manifest.layers.indices { manifest.layers[index].mediaType = .dockerLayerGzip }
    }
    let found = try store.image(.tag("docker"), platform: amd64)
    #expect(found.manifest.descriptor.mediaType == .dockerManifest)
    #expect(found.image.layers.map(\.descriptor) == base.layers.map(\.descriptor))
  }
}
