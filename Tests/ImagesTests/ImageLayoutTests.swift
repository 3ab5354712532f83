import Foundation
import SematicFiles
import SematicOCI
import TestSupport
import Testing

@testable import SematicImages

/// Layouts as they come from elsewhere.
@Suite struct ImageLayoutTests {
  let folder: TemporaryFolder
  let store = MemoryStore()
  let path: String
  let image: Image

  init() throws {
    folder = try TemporaryFolder("layout")
    path = folder.file("base")
    image = try RandomImage.base(in: store)
    _ = try publish(image, base: store, to: ImageLayoutDestination(path), tags: ["one"])
  }

  private func writeIndex(_ change: (inout ImageIndex) -> Void) throws {
    var index = try ImageLayout(path).index
    change(&index)
    try AtomicFile.write(canonicalJSON(index), to: path + "/index.json")
  }

  @Test func `the only image needs no tag, also with several names`() throws {
    let digest = try image.encoded().manifestDescriptor.digest
    #expect(try ImageLayout(path).identifier(tag: nil) == .digest(digest))
    try writeIndex { index in
      index.manifests.append(index.manifests[0])
      index.manifests[1].annotations = nil
    }
    #expect(try ImageLayout(path).identifier(tag: nil) == .digest(digest))
    #expect(try ImageLayout(path).identifier(tag: "one") == .digest(digest))
  }

  @Test func `with several images one has to be named`() throws {
    let other = try RandomImage.base(in: store, tag: "other")
    _ = try publish(
      [PublishRequest(image, base: store, tags: ["one"]), PublishRequest(other, base: store, tags: ["two"])],
      to: ImageLayoutDestination(path))
    let layout = try ImageLayout(path)
    #expect(try layout.identifier(tag: "two") == .digest(other.encoded().manifestDescriptor.digest))
    let ambiguous = #expect(throws: ImageLayoutError.self) { try layout.identifier(tag: nil) }
    #expect(ambiguous?.hint == "name one of them: oci:\(path):one, oci:\(path):two")
    let missing = #expect(throws: ManifestNotFound.self) { try layout.identifier(tag: "three") }
    #expect(missing?.description == "oci:\(path) has no image 'three'")
    #expect(missing?.hint == "it has one, two")
  }

  private static func split(_ text: String) -> (String, String?) { ImageLocation.split(text, format: .oci) }

  @Test func `the tag follows the last colon, unless a folder is named so`() throws {
    #expect(Self.split("images/base") == ("images/base", nil))
    #expect(Self.split("images/base:v1") == ("images/base", "v1"))
    #expect(Self.split("/a:b/base") == ("/a:b/base", nil))
    #expect(Self.split("/a:b/base:v1") == ("/a:b/base", "v1"))
    #expect(Self.split(":v1") == (":v1", nil))
    try FileTree.createDirectory(folder.file("with:colon"))
    #expect(Self.split(folder.file("with:colon")) == (folder.file("with:colon"), nil))
  }

  @Test func `a folder that is no layout is told apart`() throws {
    #expect(throws: ImageLayoutError.notALayout(folder.file("none"), "it does not exist")) {
      try ImageLayout(folder.file("none"))
    }
    try FileTree.remove(path + "/index.json")
    #expect(throws: ImageLayoutError.notALayout(path, "it has no index.json")) { try ImageLayout(path) }
    try AtomicFile.write(Data(#"{"imageLayoutVersion":"2.0.0"}"#.utf8), to: path + "/oci-layout")
    #expect(throws: ImageLayoutError.notALayout(path, "its oci-layout does not name version 1")) {
      try ImageLayout(path)
    }
  }

  @Test(arguments: [
    "", "{", "[]", "{}", #"{"schemaVersion":2,"manifests":[{}]}"#, #"{"schemaVersion":2,"manifests":7}"#,
    #"{"manifests":[{"mediaType":"a","size":1,"digest":"sha256:../../../../etc/passwd"}]}"#,
    #"{"manifests":[{"mediaType":"a","size":1e300,"digest":"sha256:00"}]}"#,
  ])
  func `a malformed index is an error`(text: String) throws {
    try AtomicFile.write(Data(text.utf8), to: path + "/index.json")
    #expect(throws: ImageLayoutError.self) { try ImageLayout(path) }
  }

  @Test func `a blob that is missing, corrupt or no file is an error`() throws {
    let layout = try ImageLayout(path)
    let layers = image.layers.map(\.descriptor)
    let files = layers.map { "\(path)/blobs/sha256/\($0.digest.hex)" }
    try FileTree.remove(files[0])
    try AtomicFile.write(Data("short".utf8), to: files[1])
    try FileTree.remove(files[2])
    #expect(mkfifo(files[2], 0o644) == 0)
    let missing = #expect(throws: ImageLayoutError.self) { try layout.readBlob(layers[0]) { _ in } }
    #expect(missing == .missingBlob(path, layers[0].digest))
    let short = #expect(throws: BlobMismatch.self) { try layout.readBlob(layers[1]) { _ in } }
    #expect(short?.found == .size(5))
    #expect(throws: ImageLayoutError.self) { try layout.readBlob(layers[2]) { _ in } }
  }

  @Test(arguments: ["oci-layout", "index.json", "manifest"])
  func `a pipe in the place of a file is not waited for`(name: String) throws {
    let digest = try image.encoded().manifestDescriptor.digest
    let file = name == "manifest" ? ImageLayout.blobPath(digest, in: path) : path + "/" + name
    try FileTree.remove(file)
    #expect(mkfifo(file, 0o644) == 0)
    let error = #expect(throws: FileError.self) { try ImageLayout(path).manifest(.digest(digest)) }
    #expect(error?.description == "cannot read \(file): it is not a file")
  }

  @Test func `a corrupt manifest is an error`() throws {
    let digest = try image.encoded().manifestDescriptor.digest
    let file = "\(path)/blobs/sha256/\(digest.hex)"
    try AtomicFile.write(FileTree.read(file) + [10], to: file)
    #expect(throws: BlobMismatch.self) { try ImageLayout(path).manifest(.digest(digest)) }
  }
}
