import Foundation
import SematicOCI
import Testing

@testable import SematicRegistryServer

@Suite struct ManifestTests {
  @Test func `a manifest comes back by tag and by digest as the bytes it was`() throws {
    let registry = try TestRegistry()
    let manifest = try registry.manifest(in: "a/b")
    let digest = try Digest.of(manifest)
    let put = try registry.put(manifest, "a/b", "v1")
    #expect(put.status == 201)
    #expect(put["Location"] == "/v2/a/b/manifests/\(digest)")
    #expect(put["Docker-Content-Digest"] == digest.description)
    for reference in ["v1", digest.description, digest.description.replacingOccurrences(of: ":", with: "%3A")] {
      let answer = try registry.call("GET", "a/b/manifests/\(reference)")
      #expect(answer.status == 200)
      #expect(Data(answer.body) == manifest)
      #expect(answer["Content-Type"] == MediaType.manifest.rawValue)
      #expect(answer["Docker-Content-Digest"] == digest.description)
      let head = try registry.call("HEAD", "a/b/manifests/\(reference)")
      #expect(head.status == 200)
      #expect(head["Content-Length"] == "\(manifest.count)")
      #expect(try registry.call("GET", "a/b/manifests/\(reference)", ["If-None-Match: \"\(digest)\""]).status == 304)
    }
  }

  @Test func `a manifest keeps the media type it was put with`() throws {
    let registry = try TestRegistry()
    var manifest = Manifest(config: try registry.blob("{}", in: "a"), layers: [])
    manifest.mediaType = .dockerManifest
    #expect(try registry.put(canonicalJSON(manifest), "a", "docker", type: .dockerManifest).status == 201)
    #expect(try registry.call("GET", "a/manifests/docker")["Content-Type"] == MediaType.dockerManifest.rawValue)
    #expect(try registry.put(canonicalJSON(manifest), "a", "untyped", type: nil).status == 201)
    #expect(try registry.call("GET", "a/manifests/untyped")["Content-Type"] == MediaType.dockerManifest.rawValue)
  }

  @Test(arguments: [Digest.Algorithm.sha256, .sha512])
  func `a manifest is put by digest with tags besides`(algorithm: Digest.Algorithm) throws {
    let registry = try TestRegistry()
    let manifest = try registry.manifest(in: "a")
    let digest = try Digest.of(manifest, algorithm)
    let answer = try registry.put(manifest, "a", "\(digest)?tag=v1&tag=V1&tag=latest")
    #expect(answer.status == 201)
    #expect(answer.all("OCI-Tag") == ["v1", "V1", "latest"])
    for tag in ["v1", "V1", "latest"] {
      #expect(try registry.call("HEAD", "a/manifests/\(tag)")["Docker-Content-Digest"] == digest.description)
    }
    let many = (0...100).map { "tag=t\($0)" }.joined(separator: "&")
    #expect(try registry.put(manifest, "a", "\(digest)?\(many)").status == 414)
    #expect(try registry.put(manifest, "a", "\(digest)?tag=.no").codes == ["MANIFEST_INVALID"])
  }

  @Test func `a tag moves to the manifest that came last`() throws {
    let registry = try TestRegistry()
    let (first, second) = (try registry.manifest("one", in: "a"), try registry.manifest("two", in: "a"))
    _ = try registry.put(first, "a", "v1")
    _ = try registry.put(second, "a", "v1")
    #expect(Data(try registry.call("GET", "a/manifests/v1").body) == second)
    #expect(Data(try registry.call("GET", "a/manifests/\(Digest.of(first))").body) == first)
  }

  @Test func `another digest than the contents is refused`() throws {
    let registry = try TestRegistry()
    let manifest = try registry.manifest(in: "a")
    let answer = try registry.put(manifest, "a", "\(digest("other"))")
    #expect(answer.status == 400)
    #expect(answer.codes == ["DIGEST_INVALID"])
    #expect(try registry.put(manifest, "a", "sha256:short").codes == ["DIGEST_INVALID"])
  }

  @Test func `every missing blob is named`() throws {
    let registry = try TestRegistry()
    let config = try registry.blob("{}", in: "a")
    // One that only another repository has is missing, too.
    let layers =
      [try registry.blob("elsewhere", in: "b")]
      + (try ["x", "y"].map { Descriptor(mediaType: .layer, digest: try digest($0), size: 1) })
    let answer = try registry.put(canonicalJSON(Manifest(config: config, layers: layers)), "a", "v1")
    #expect(answer.status == 400)
    #expect(answer.codes == Array(repeating: "MANIFEST_BLOB_UNKNOWN", count: 3))
    let named = answer.json?["errors"]?.array?.compactMap { $0["detail"]?["digest"]?.string }
    #expect(named == layers.map(\.digest.description))
    #expect(try registry.call("GET", "a/manifests/v1").status == 404)
  }

  @Test func `layers that may not be distributed need not be there`() throws {
    let registry = try TestRegistry()
    var layer = Descriptor(
      mediaType: MediaType(rawValue: "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"),
      digest: try digest("windows"), size: 7)
    let config = try registry.blob("{}", in: "a")
    #expect(try registry.put(canonicalJSON(Manifest(config: config, layers: [layer])), "a", "v1").status == 400)
    layer.urls = ["https://example.com/layer"]
    #expect(try registry.put(canonicalJSON(Manifest(config: config, layers: [layer])), "a", "v1").status == 201)
  }

  @Test func `an index needs its manifests`() throws {
    let registry = try TestRegistry()
    let manifest = try registry.manifest(in: "a")
    let index = try canonicalJSON(ImageIndex(manifests: [try Descriptor(of: manifest, mediaType: .manifest)]))
    #expect(try registry.put(index, "a", "v1", type: .index).codes == ["MANIFEST_BLOB_UNKNOWN"])
    _ = try registry.put(manifest, "a", "child")
    #expect(try registry.put(index, "a", "v1", type: .index).status == 201)
    #expect(try registry.call("GET", "a/manifests/v1")["Content-Type"] == MediaType.index.rawValue)
  }

  @Test func `what is not a manifest is refused`() throws {
    let registry = try TestRegistry()
    let good = String(decoding: try registry.manifest(in: "a"), as: UTF8.self)
    let deep = String(repeating: "[", count: 100_000)
    for text in [
      "", "nonsense", "[]", "{}", "{\"schemaVersion\":2}", good + "x", "\0", deep, "{\"layers\":\(deep)",
      good.replacingOccurrences(of: "\"schemaVersion\":2", with: "\"schemaVersion\":1"),
      good.replacingOccurrences(of: "\"layers\":", with: "\"manifests\":[],\"layers\":"),
      good.replacingOccurrences(of: "sha256:", with: "sha1:"),
      good.replacingOccurrences(of: "\"size\":2", with: "\"size\":\"2\""),
    ] {
      let answer = try registry.put(Data(text.utf8), "a", "v1")
      #expect(answer.status == 400)
      #expect(answer.codes == ["MANIFEST_INVALID"])
    }
    for type in [MediaType.index, .dockerManifest, .layer] {
      #expect(try registry.put(Data(good.utf8), "a", "v1", type: type).codes == ["MANIFEST_INVALID"])
    }
    #expect(try registry.put(Data(good.utf8), "a", ".v1").codes == ["MANIFEST_INVALID"])
    let short = good.replacingOccurrences(of: "\"size\":2", with: "\"size\":3")
    #expect(try registry.put(Data(short.utf8), "a", "v1").codes == ["SIZE_INVALID"])
  }

  @Test func `a manifest may have four mebibytes and no more`() throws {
    let registry = try TestRegistry()
    var manifest = try registry.manifest(in: "a")
    manifest.append(contentsOf: Array(repeating: UInt8(ascii: " "), count: (4 << 20) - manifest.count))
    #expect(try registry.put(manifest, "a", "v1").status == 201)
    manifest.append(UInt8(ascii: " "))
    let answer = try registry.put(manifest, "a", "v2")
    #expect(answer.status == 413)
    #expect(answer.codes == ["SIZE_INVALID"])
  }

  @Test func `a deleted tag leaves the manifest`() throws {
    let registry = try TestRegistry()
    let manifest = try registry.manifest(in: "a")
    let digest = try Digest.of(manifest)
    _ = try registry.put(manifest, "a", "\(digest)?tag=v1&tag=v2")
    #expect(try registry.call("DELETE", "a/manifests/v1").status == 202)
    #expect(try registry.call("DELETE", "a/manifests/v1").codes == ["MANIFEST_UNKNOWN"])
    #expect(try registry.call("GET", "a/manifests/v1").status == 404)
    #expect(try registry.call("GET", "a/manifests/v2").status == 200)
    #expect(try registry.call("DELETE", "a/manifests/\(digest)").status == 202)
    for reference in ["v2", digest.description] {
      let answer = try registry.call("GET", "a/manifests/\(reference)")
      #expect(answer.status == 404)
      #expect(answer.codes == ["MANIFEST_UNKNOWN"])
    }
    #expect(try registry.call("GET", "a/tags/list").json?["tags"] == .array([]))
  }

  @Test func `an unknown manifest is not there`() throws {
    let registry = try TestRegistry()
    #expect(try registry.call("GET", "a/manifests/v1").codes == ["NAME_UNKNOWN"])
    #expect(try registry.call("DELETE", "a/manifests/v1").codes == ["NAME_UNKNOWN"])
    let blob = try registry.blob("hello", in: "a")
    for reference in ["v1", ".INVALID", "%2e%2e", blob.digest.description] {
      let answer = try registry.call("GET", "a/manifests/\(reference)")
      #expect(answer.status == 404)
      #expect(answer.codes == ["MANIFEST_UNKNOWN"])
    }
    #expect(try registry.call("GET", "a/manifests/sha256:xyz").codes == ["DIGEST_INVALID"])
  }
}
