import Foundation
import SematicFiles
import SematicOCI
import TestSupport
import Testing

@testable import SematicRegistryServer

@Suite struct GarbageCollectionTests {
  @Test func `only what no manifest refers to is removed`() throws {
    let registry = try TestRegistry()
    let manifest = try registry.manifest("kept", in: "a")
    _ = try registry.put(manifest, "a", "v1")
    let index = try canonicalJSON(ImageIndex(manifests: [try Descriptor(of: manifest, mediaType: .manifest)]))
    _ = try registry.put(index, "a", "\(Digest.of(index))", type: .index)
    try registry.blob("garbage", in: "a")
    try registry.blob("kept", in: "b")
    let sha512 = try registry.blob("also garbage", in: "b", .sha512)

    let first = try RegistryServer.collectGarbage(root: registry.root, grace: -60)
    #expect(first.removedBlobs == 2)
    #expect(first.bytes == Int64("garbagealso garbage".utf8.count))
    #expect(try registry.call("GET", "a/blobs/\(digest("garbage"))").status == 404)
    #expect(try registry.call("GET", "b/blobs/\(sha512.digest)").status == 404)
    for reference in ["v1", "\(try Digest.of(index))"] {
      #expect(try registry.call("GET", "a/manifests/\(reference)").status == 200)
    }
    #expect(try registry.call("GET", "a/blobs/\(digest("kept"))").text == "kept")
    #expect(try registry.files("/repositories/b") == ["/repositories/b/_blobs/sha256/\(digest("kept").hex)"])

    // The garbage of a deleted manifest is its own bytes and its blobs.
    _ = try registry.call("DELETE", "a/manifests/\(Digest.of(index))")
    _ = try registry.call("DELETE", "a/manifests/\(Digest.of(manifest))")
    #expect(try RegistryServer.collectGarbage(root: registry.root, grace: -60).removedBlobs == 4)
    #expect(try registry.files("/blobs").isEmpty)
  }

  @Test func `an image without a tag is removed only if that is asked for and nobody asked for it`() throws {
    let registry = try TestRegistry()
    func put(_ text: String, _ reference: String? = nil) throws -> Digest {
      let manifest = try registry.manifest(text, in: "a")
      _ = try registry.put(manifest, "a", reference ?? "\(Digest.of(manifest))")
      return try Digest.of(manifest)
    }
    let (tagged, untagged, asked) = (try put("tagged", "v1"), try put("untagged"), try put("asked for"))
    let child = try registry.manifest("child", in: "a")
    _ = try registry.put(child, "a", "\(Digest.of(child))")
    let index = try canonicalJSON(ImageIndex(manifests: [try Descriptor(of: child, mediaType: .manifest)]))
    _ = try registry.put(index, "a", "v2", type: .index)
    func age() throws {
      for file in try registry.files("/") {
        try FileManager.default.setAttributes(
          [.modificationDate: Date(timeIntervalSince1970: 0)], ofItemAtPath: registry.root + file)
      }
    }
    func statuses() throws -> [Int] {
      let digests = try [tagged, untagged, asked, Digest.of(child), Digest.of(index)]
      return digests.map {
        FileTree.exists("\(registry.root)/repositories/a/_manifests/sha256/\($0.hex)") ? 200 : 404
      }
    }
    try age()
    #expect(try registry.call("HEAD", "a/manifests/\(asked)").status == 200)
    #expect(try RegistryServer.collectGarbage(root: registry.root).removedBlobs == 0)
    #expect(try statuses() == [200, 200, 200, 200, 200])
    #expect(try RegistryServer.collectGarbage(root: registry.root, removesUntagged: true).removedBlobs > 0)
    #expect(try statuses() == [200, 404, 200, 200, 200])
    #expect(try registry.call("GET", "a/blobs/\(digest("asked for"))").status == 200)
    #expect(try registry.call("GET", "a/blobs/\(digest("untagged"))").status == 404)
  }

  @Test func `what is about an image stays as long as the image`() throws {
    let registry = try TestRegistry()
    let image = try registry.manifest("image", in: "a")
    _ = try registry.put(image, "a", "v1")
    let attachment = AttachedDocument(Data("about it".utf8), type: MediaType(rawValue: "text/plain"), title: "note")
    let about = try attachment.encoded(about: Descriptor(of: image, mediaType: .manifest))
    for text in ["{}", "about it"] { try registry.blob(text, in: "a") }
    _ = try registry.put(about.manifest, "a", "\(about.descriptor.digest)")
    func collect() throws {
      for file in try registry.files("/") {
        try FileManager.default.setAttributes(
          [.modificationDate: Date(timeIntervalSince1970: 0)], ofItemAtPath: registry.root + file)
      }
      _ = try RegistryServer.collectGarbage(root: registry.root, removesUntagged: true)
    }
    let place = "\(registry.root)/repositories/a/_manifests/sha256/\(about.descriptor.digest.hex)"
    try collect()
    #expect(FileTree.exists(place))
    _ = try registry.call("DELETE", "a/manifests/v1")
    try collect()
    #expect(!FileTree.exists(place))
    #expect(try registry.files("/blobs").isEmpty)
    #expect(try registry.files("/repositories/a/_referrers").isEmpty)
  }

  @Test func `what is young stays`() throws {
    let registry = try TestRegistry()
    let blob = try registry.blob("on its way", in: "a")
    let kept = try RegistryServer.collectGarbage(root: registry.root)
    #expect((kept.removedBlobs, kept.bytes) == (0, 0))
    #expect((kept.keptBlobs, kept.keptBytes) == (1, Int64("on its way".utf8.count)))
    #expect(try registry.call("GET", "a/blobs/\(blob.digest)").status == 200)
    // Old in itself, but mounted just now.
    let path = "\(registry.root)/blobs/sha256/\(blob.digest.hex)"
    try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSince1970: 0)], ofItemAtPath: path)
    #expect(try RegistryServer.collectGarbage(root: registry.root).removedBlobs == 0)
    let link = "\(registry.root)/repositories/a/_blobs/sha256/\(blob.digest.hex)"
    try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSince1970: 0)], ofItemAtPath: link)
    // A push asks for it, and relies on the answer.
    #expect(try registry.call("HEAD", "a/blobs/\(blob.digest)").status == 200)
    #expect(try RegistryServer.collectGarbage(root: registry.root).removedBlobs == 0)
    try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSince1970: 0)], ofItemAtPath: link)
    #expect(try RegistryServer.collectGarbage(root: registry.root).removedBlobs == 1)
  }

  @Test func `what a killed server left is removed`() throws {
    let registry = try TestRegistry()
    let place = try registry.upload(in: "a")
    let live = try registry.upload(in: "a")
    _ = try registry.put(try registry.manifest(in: "a"), "a", "v1")
    let partial = "\(registry.root)/repositories/a/_tags/.partial-1-2"
    try AtomicFile.write(Array("sha256:".utf8), to: partial)
    #expect(try registry.call("GET", "a/tags/list").json?["tags"]?.strings == ["v1"])
    let uploads = try FileTree.names(in: "\(registry.root)/uploads")
    let stale = try #require(uploads.first { place.hasSuffix($0.dropFirst(33)) })
    for path in ["\(registry.root)/uploads/\(stale)", partial] {
      try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSince1970: 0)], ofItemAtPath: path)
    }
    _ = try RegistryServer.collectGarbage(root: registry.root)
    #expect(!FileTree.exists(partial))
    #expect(try registry.call("GET", place).status == 404)
    #expect(try registry.call("GET", live).status == 204)
  }

  @Test func `a server removes stale uploads when it starts`() throws {
    let registry = try TestRegistry()
    _ = try registry.upload(in: "a")
    let names = try FileTree.names(in: "\(registry.root)/uploads")
    let path = "\(registry.root)/uploads/\(try #require(names.first))"
    try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSince1970: 0)], ofItemAtPath: path)
    _ = try TestRegistry(in: registry.folder)
    #expect(!FileTree.exists(path))
  }

  @Test func `a manifest that cannot be read stops it`() throws {
    let registry = try TestRegistry()
    let manifest = try registry.manifest(in: "a")
    _ = try registry.put(manifest, "a", "v1")
    try registry.blob("garbage", in: "a")
    let path = "\(registry.root)/blobs/sha256/\(try Digest.of(manifest).hex)"
    try AtomicFile.write(Array("{}".utf8), to: path)
    let error = #expect(throws: (any Error).self) {
      try RegistryServer.collectGarbage(root: registry.root, grace: -60)
    }
    #expect("\(try #require(error))".hasSuffix("is not a readable manifest; nothing was removed"))
    #expect(try registry.call("GET", "a/blobs/\(digest("garbage"))").status == 200)
  }

  @Test func `without grace, even what is young is removed`() throws {
    let registry = try TestRegistry()
    try registry.blob("on its way", in: "a")
    #expect(try RegistryServer.collectGarbage(root: registry.root, grace: 0).removedBlobs == 1)
    #expect(try RegistryServer.collectGarbage(root: registry.root, grace: .max).removedBlobs == 0)
  }

  @Test func `no image loses a blob while garbage is collected without grace`() throws {
    let registry = try TestRegistry()
    let (root, port) = (registry.root, registry.server.port)
    let pushed = Pushed()
    DispatchQueue.concurrentPerform(iterations: 4) { number in
      if number == 3 {
        // The collector: until the others are done, with a little time for them in between.
        while pushed.workers > 0 {
          pushed.note { _ = try RegistryServer.collectGarbage(root: root, grace: 0) }
          usleep(3000)
        }
        return
      }
      pushed.note {
        let client = try HTTPClient(port: port)
        for image in 0..<12 {
          let layer = "layer \(number) \(image)"
          for _ in 0..<200 {
            var parts: [Descriptor] = []
            for text in ["{}", layer] {
              let digest = try digest(text)
              let there = try client.request("HEAD", "/v2/r\(number)/blobs/\(digest)").status == 200
              if !there {
                let target = "/v2/r\(number)/blobs/uploads/?digest=\(digest)"
                let answer = try client.request("POST", target, body: Array(text.utf8))
                guard answer.status == 201 else { throw HTTPClient.Failure(reason: answer.text) }
              }
              parts.append(Descriptor(mediaType: .layer, digest: digest, size: Int64(text.utf8.count)))
            }
            parts[0].mediaType = .configuration
            let manifest = try canonicalJSON(Manifest(config: parts[0], layers: [parts[1]]))
            let answer = try client.request(
              "PUT", "/v2/r\(number)/manifests/v\(image)", ["Content-Type: \(MediaType.manifest)"],
              body: Array(manifest))
            if answer.status == 201 {
              pushed.add("r\(number)", "v\(image)", layer)
              break
            }
            guard answer.codes.first == "MANIFEST_BLOB_UNKNOWN" else { throw HTTPClient.Failure(reason: answer.text) }
          }
        }
      }
      pushed.end()
    }
    #expect(pushed.failures.isEmpty, "\(pushed.failures)")
    #expect(!pushed.all.isEmpty)
    for (repository, tag, layer) in pushed.all {
      #expect(try registry.call("GET", "\(repository)/manifests/\(tag)").status == 200)
      #expect(try registry.call("GET", "\(repository)/blobs/\(digest(layer))").text == layer)
      #expect(try registry.call("GET", "\(repository)/blobs/\(digest("{}"))").text == "{}")
    }
  }

  @Test func `a folder that is not there has no garbage`() throws {
    let folder = try TemporaryFolder("registry")
    #expect(try RegistryServer.collectGarbage(root: folder.file("nowhere")) == CollectedGarbage())
    #expect(!FileTree.exists(folder.file("nowhere")))
  }
}

private final class Pushed: @unchecked Sendable {  // guarded by its lock
  private let lock = NSLock()
  private var images: [(repository: String, tag: String, layer: String)] = []
  private var errors: [String] = []
  private var running = 3

  func add(_ repository: String, _ tag: String, _ layer: String) {
    lock.withLock { images.append((repository, tag, layer)) }
  }

  func note(_ body: () throws -> Void) {
    do { try body() } catch { lock.withLock { errors.append("\(error)") } }
  }

  func end() { lock.withLock { running -= 1 } }

  var workers: Int { lock.withLock { running } }
  var all: [(repository: String, tag: String, layer: String)] { lock.withLock { images } }
  var failures: [String] { lock.withLock { errors } }
}
