import Foundation
import SematicFiles
import SematicOCI
import TestSupport
import Testing

@testable import SematicRegistryServer

/// A link in the registry's folder must not lead a request out of it.
@Suite struct SymbolicLinkTests {
  private func link(_ registry: TestRegistry, _ path: String, to destination: String) throws {
    let place = "\(registry.root)/\(path)"
    try FileTree.remove(place)
    try FileTree.createDirectory(FileTree.parent(of: place))
    try FileTree.symbolicLink(at: place, to: destination)
  }

  @Test func `a blob that is a link is not there, and a push replaces it`() throws {
    let registry = try TestRegistry()
    let blob = try registry.blob("hello", in: "a")
    try registry.folder.write("secret", "hello")
    let path = "blobs/sha256/\(blob.digest.hex)"
    try link(registry, path, to: registry.folder.file("secret"))
    #expect(try registry.call("GET", "a/blobs/\(blob.digest)").status == 404)
    #expect(try registry.call("HEAD", "a/blobs/\(blob.digest)").status == 404)
    try registry.blob("hello", in: "a")
    #expect(try FileStatus(of: "\(registry.root)/\(path)", followingLinks: false).kind == .file)
    #expect(try registry.call("GET", "a/blobs/\(blob.digest)").text == "hello")
  }

  @Test(arguments: ["repositories/a", "repositories", "blobs", "blobs/sha256", "uploads"])
  func `nothing is written through a folder that is a link`(path: String) throws {
    let registry = try TestRegistry()
    let outside = registry.folder.file("outside")
    try FileTree.createDirectory(outside)
    try link(registry, path, to: outside)
    #expect(throws: HTTPClient.Failure.self) { try registry.blob("hello", in: "a") }
    _ = try registry.put(Data("{}".utf8), "a", "v1")
    #expect(try registry.call("GET", "_catalog").status == 200)
    #expect(try FileTree.names(in: outside).isEmpty)
  }

  @Test func `nothing is read, listed or removed through a link`() throws {
    let registry = try TestRegistry()
    let other = try TestRegistry()
    let manifest = try other.manifest(in: "a")
    _ = try other.put(manifest, "a", "v1")
    try link(registry, "repositories/stolen", to: "\(other.root)/repositories/a")
    try link(registry, "blobs", to: "\(other.root)/blobs")
    #expect(try registry.call("GET", "_catalog").json?["repositories"] == .array([]))
    #expect(try registry.call("GET", "stolen/manifests/v1").status == 404)
    #expect(try registry.call("GET", "stolen/tags/list").status == 404)
    #expect(try registry.call("DELETE", "stolen/manifests/v1").status == 404)
    _ = try RegistryServer.collectGarbage(root: registry.root, grace: -60)
    #expect(Data(try other.call("GET", "a/manifests/v1").body) == manifest)
  }

  @Test func `a link in place of the lock is not written to`() throws {
    let registry = try TestRegistry()
    try link(registry, ".lock", to: registry.folder.file("made"))
    #expect(throws: HTTPClient.Failure.self) { try registry.blob("hello", in: "a") }
    #expect(!FileTree.exists(registry.folder.file("made")))
  }

  @Test func `the folder itself may be a link`() throws {
    let folder = try TemporaryFolder("registry")
    try FileTree.createDirectory(folder.file("elsewhere"))
    try FileTree.symbolicLink(at: folder.file("registry"), to: folder.file("elsewhere"))
    let registry = try TestRegistry(in: folder)
    try registry.blob("hello", in: "a")
    #expect(FileTree.exists(folder.file("elsewhere/blobs/sha256/\(try digest("hello").hex)")))
  }
}
