import Foundation
import SematicFiles
import SematicOCI
import TestSupport
import Testing

@testable import SematicImages

@Suite struct ImageLayoutDestinationTests {
  let folder: TemporaryFolder
  let store = MemoryStore()
  let image: Image
  let path: String

  init() throws {
    folder = try TemporaryFolder("layout")
    image = try RandomImage.appending(1, to: RandomImage.base(in: store), in: folder)
    path = folder.file("out/image")
  }

  private func write(_ image: Image, base: (any ImageSource)? = nil, thin: Bool = false) throws {
    _ = try publish(
      image, base: base ?? store, to: ImageLayoutDestination(path), tags: ["v1"], leavingOutBase: thin)
  }

  /// Every file, with what tells it from a file that was written again.
  private func state() throws -> [String: FileStatus] {
    var state: [String: FileStatus] = [:]
    for name in ["", "/oci-layout", "/index.json", "/blobs", "/blobs/sha256"] {
      state[name] = try FileStatus(of: path + name)
    }
    for name in try FileTree.names(in: path + "/blobs/sha256") {
      state[name] = try FileStatus(of: "\(path)/blobs/sha256/\(name)")
    }
    return state
  }

  @Test func `a layout that is up to date is not touched`() throws {
    try write(image)
    let before = try state()
    try write(image)
    // Links come and go while it is compared, so the time of the last status change does not count.
    let after = try state()
    #expect(after.mapValues(\.inode) == before.mapValues(\.inode))
    #expect(after.mapValues(\.modified) == before.mapValues(\.modified))
  }

  @Test func `writers of one layout at the same time lose no image`() throws {
    let tags = (0..<8).map { "v\($0)" }
    let destinations = try tags.map { _ in try ImageLayoutDestination(path) }
    try forEachInParallel(Array(zip(tags, destinations)), threads: 8) { each, _ in
      _ = try publish(image, base: store, to: each.1, tags: [each.0])
    }
    #expect(try LayoutReader(path).tags().sorted() == tags)
  }

  @Test func `a blob that somebody wrote to is replaced`() throws {
    try write(image)
    let file = "\(path)/blobs/sha256/\(image.layers[1].descriptor.digest.hex)"
    let bytes = try FileTree.read(file)
    var corrupt = bytes
    corrupt[10] ^= 1
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file)
    let handle = try #require(FileHandle(forWritingAtPath: file))
    try handle.write(contentsOf: Data(corrupt))
    try handle.close()
    try write(image)
    #expect(try FileTree.read(file) == bytes)
  }

  @Test func `a layout has the blobs of its images and no others`() throws {
    try write(image)
    let other = try RandomImage.base(in: store, layers: 1, tag: "other")
    try write(other)
    #expect(try FileTree.names(in: path) == ["blobs", "index.json", "oci-layout"])
    let encoded = try other.encoded()
    let digests = [
      other.layers[0].descriptor.digest, encoded.configurationDescriptor.digest, encoded.manifestDescriptor.digest,
    ]
    #expect(try Set(FileTree.names(in: path + "/blobs/sha256")) == Set(digests.map(\.hex)))
    #expect(try FileTree.names(in: folder.file("out")) == ["image"])
  }

  @Test func `images with other tags stay, with their blobs, and a tag is replaced`() throws {
    let other = try RandomImage.base(in: store, layers: 2, tag: "other")
    let third = try RandomImage.base(in: store, layers: 1, tag: "third")
    try write(image)
    _ = try publish(other, base: store, to: ImageLayoutDestination(path), tags: ["v2"])
    let kept = try FileStatus(of: "\(path)/blobs/sha256/\(image.layers[0].descriptor.digest.hex)").inode
    _ = try publish(third, base: store, to: ImageLayoutDestination(path), tags: ["v2"])
    let layout = try ImageLayout(path)
    #expect(layout.names == ["v1", "v2"])
    for (tag, expected) in [("v1", image), ("v2", third)] {
      let found = try layout.image(layout.identifier(tag: tag), platform: Platform(architecture: "amd64")).image
      #expect(found.layers.map(\.descriptor) == expected.layers.map(\.descriptor))
      for layer in found.layers { try layout.readBlob(layer.descriptor) { _ in } }
    }
    #expect(throws: ImageLayoutError.self) { try layout.readBlob(other.layers[0].descriptor) { _ in } }
    #expect(try FileStatus(of: "\(path)/blobs/sha256/\(image.layers[0].descriptor.digest.hex)").inode == kept)
    let before = try state()
    _ = try publish(third, base: store, to: ImageLayoutDestination(path), tags: ["v2"])
    #expect(try state().mapValues(\.inode) == before.mapValues(\.inode))
  }

  @Test(.enabled(if: ChildProcess.canRun("skopeo"))) func `an image of somebody else's stays in its layout`() throws {
    try write(image)
    let copied = folder.file("copied")
    let made = try ChildProcess.run(["skopeo", "copy", "--quiet", "oci:\(path):v1", "oci:\(copied):theirs"])
    #expect(made.status == 0, "\(made.output)")
    let other = try RandomImage.base(in: store, layers: 1, tag: "other")
    _ = try publish(other, base: store, to: ImageLayoutDestination(copied), tags: ["ours"])
    let layout = try ImageLayout(copied)
    #expect(layout.names == ["theirs", "ours"])
    let theirs = try layout.image(layout.identifier(tag: "theirs"), platform: Platform(architecture: "amd64")).image
    for layer in theirs.layers { try layout.readBlob(layer.descriptor) { _ in } }
  }

  @Test func `a thin image and a damaged one do not keep a layout from being written`() throws {
    try write(image, thin: true)
    let other = try RandomImage.base(in: store, layers: 1, tag: "other")
    _ = try publish(other, base: store, to: ImageLayoutDestination(path), tags: ["v2"])
    #expect(try ImageLayout(path).names == ["v1", "v2"])
    try FileTree.remove("\(path)/blobs/sha256/\(image.encoded().manifestDescriptor.digest.hex)")
    _ = try publish(other, base: store, to: ImageLayoutDestination(path), tags: ["v3"])
    #expect(try ImageLayout(path).names == ["v2", "v3"])
  }

  @Test func `the index names the tag and the platform`() throws {
    _ = try publish(
      image, base: store, to: ImageLayoutDestination(path, repository: "r.example/team/image"), tags: ["v1", "v2"])
    let entries = try ImageLayout(path).index.manifests
    #expect(entries.map(\.platform) == [Platform(architecture: "amd64"), Platform(architecture: "amd64")])
    #expect(entries.compactMap { $0.annotations?["org.opencontainers.image.ref.name"] } == ["v1", "v2"])
    #expect(entries.compactMap { $0.annotations?["io.containerd.image.name"] }.first == "r.example/team/image:v1")
  }

  @Test func `a thin layout leaves the base out and has the same digest`() throws {
    try write(image, thin: true)
    let layout = try ImageLayout(path)
    #expect(try layout.identifier(tag: "v1") == .digest(image.encoded().manifestDescriptor.digest))
    #expect(throws: ImageLayoutError.self) { try layout.readBlob(image.layers[0].descriptor) { _ in } }
    try layout.readBlob(image.layers[3].descriptor) { _ in }
    #expect(store.count(.readBlob) == 0)
  }

  @Test func `base layers come from the cache without being copied`() throws {
    let cache = BlobCache(folder.file("cache"))
    try write(image, base: CachedSource(store, cache: cache))
    for layer in image.layers.prefix(3) {
      let cached = try #require(try cache.file(for: layer.descriptor))
      let written = "\(path)/blobs/sha256/\(layer.descriptor.digest.hex)"
      #expect(try FileStatus(of: cached).inode == FileStatus(of: written).inode)
    }
  }

  @Test func `what is not a layout is never replaced`() throws {
    let places = ["file", "project", "layout-and-more", "link"]
    try folder.write("file", "mine")
    try folder.write("project/main.swift", "mine")
    try write(image)
    try FileTree.move(path, to: folder.file("layout-and-more"))
    try folder.write("layout-and-more/notes.txt", "mine")
    try FileTree.symbolicLink(at: folder.file("link"), to: folder.file("project"))
    for place in places {
      let error = #expect(throws: ImageLayoutError.self) { try ImageLayoutDestination(folder.file(place)) }
      #expect(error?.description.hasPrefix("cannot write the image to ") == true)
    }
    #expect(throws: ImageLayoutError.self) { try ImageLayoutDestination("/") }
    #expect(try FileTree.read(folder.file("project/main.swift")) == Array("mine".utf8))
  }

  @Test func `what came to the place meanwhile is not replaced`() throws {
    let destination = try ImageLayoutDestination(path)
    try folder.write("out/image/mine", "mine")
    #expect(throws: ImageLayoutError.self) { try publish(image, base: store, to: destination, tags: []) }
    #expect(try FileTree.names(in: folder.file("out")) == ["image"])
    #expect(try FileTree.names(in: path) == ["mine"])
  }

  @Test func `an empty folder and a link to a layout can be written to`() throws {
    try FileTree.createDirectory(path)
    try write(image)
    try FileTree.symbolicLink(at: folder.file("link"), to: path)
    let other = try RandomImage.base(in: store, layers: 1, tag: "other")
    _ = try publish(other, base: store, to: ImageLayoutDestination(folder.file("link")), tags: ["v2"])
    #expect(try ImageLayout(path).names == ["v1", "v2"])
    #expect(try FileStatus(of: folder.file("link"), followingLinks: false).kind == .symbolicLink)
  }

  @Test func `a failure in the middle leaves the old layout, and nothing beside it`() throws {
    try write(image)
    let before = try state()
    let other = try RandomImage.base(in: store, layers: 4, tag: "other")
    store.before { call, descriptor in
      if call == .readBlob, descriptor == other.layers[2].descriptor { throw FileError("read", "base", reason: "gone") }
    }
    #expect(throws: FileError.self) { try write(other) }
    #expect(try state() == before)
    #expect(try FileTree.names(in: folder.file("out")) == ["image"])
    #expect(throws: FileError.self) {
      try publish(other, base: store, to: ImageLayoutDestination(folder.file("none")), tags: [])
    }
    #expect(!FileTree.exists(folder.file("none")))
  }
}
