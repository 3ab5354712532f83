import Foundation
import SematicOCI
import Testing

@testable import SematicRegistryServer

@Suite struct DiscoveryTests {
  private func tags(_ registry: TestRegistry, _ query: String = "") throws -> [String]? {
    try registry.call("GET", "a/tags/list\(query)").json?["tags"]?.strings
  }

  @Test func `tags are listed in pages and in order`() throws {
    let registry = try TestRegistry()
    let manifest = try registry.manifest(in: "a")
    let digest = try Digest.of(manifest)
    _ = try registry.put(manifest, "a", "\(digest)?tag=v10&tag=v2&tag=B&tag=a&tag=V2")
    let all = ["a", "B", "v10", "V2", "v2"]
    #expect(try tags(registry) == all)
    #expect(try registry.call("GET", "a/tags/list").json?["name"]?.string == "a")
    #expect(try registry.call("GET", "a/tags/list")["Link"] == nil)

    let first = try registry.call("GET", "a/tags/list?n=2")
    #expect(first.json?["tags"]?.strings == ["a", "B"])
    #expect(first["Link"] == "</v2/a/tags/list?n=2&last=B>; rel=\"next\"")
    #expect(try tags(registry, "?n=2&last=B") == ["v10", "V2"])
    let last = try registry.call("GET", "a/tags/list?n=2&last=V2")
    #expect(last.json?["tags"]?.strings == ["v2"])
    #expect(last["Link"] == nil)
    #expect(try tags(registry, "?last=b1") == ["v10", "V2", "v2"])
    #expect(try tags(registry, "?n=0") == [])
    #expect(try registry.call("GET", "a/tags/list?n=0")["Link"] == nil)
    #expect(try tags(registry, "?n=9223372036854775807") == all)
    #expect(try tags(registry, "?n=5") == all)
    for n in ["-1", "x", "", "99999999999999999999"] {
      let answer = try registry.call("GET", "a/tags/list?n=\(n)")
      #expect(answer.status == 400)
      #expect(answer.codes == ["PAGINATION_NUMBER_INVALID"])
    }
    #expect(try registry.call("GET", "b/tags/list").codes == ["NAME_UNKNOWN"])
  }

  @Test func `repositories are listed`() throws {
    let registry = try TestRegistry()
    for name in ["b", "a/tags", "a", "a/blobs/uploads"] { try registry.blob("hello", in: name) }
    let answer = try registry.call("GET", "_catalog")
    #expect(answer.json?["repositories"]?.strings == ["a", "a/blobs/uploads", "a/tags", "b"])
    let page = try registry.call("GET", "_catalog?n=2&last=a")
    #expect(page.json?["repositories"]?.strings == ["a/blobs/uploads", "a/tags"])
    #expect(page["Link"] == "</v2/_catalog?n=2&last=a/tags>; rel=\"next\"")
  }

  @Test func `referrers are found by their subject`() throws {
    let registry = try TestRegistry()
    let subject = try Descriptor(of: try registry.manifest(in: "a"), mediaType: .manifest)
    // The subject may come after those that refer to it.
    var signature = Manifest(
      config: try registry.blob("{}", in: "a"), layers: [], annotations: ["org.example.key": "value"])
    signature.config.mediaType = MediaType(rawValue: "application/vnd.example.config")
    signature.subject = subject
    let first = try canonicalJSON(signature)
    let put = try registry.put(first, "a", "\(Digest.of(first))")
    #expect(put.status == 201)
    #expect(put["OCI-Subject"] == subject.digest.description)
    signature.artifactType = "application/vnd.example+type"
    let second = try canonicalJSON(signature)
    _ = try registry.put(second, "a", "\(Digest.of(second, .sha512))")
    let index = Data(
      "{\"schemaVersion\":2,\"manifests\":[],\"subject\":\(String(decoding: try canonicalJSON(subject), as: UTF8.self))}"
        .utf8)
    _ = try registry.put(index, "a", "\(Digest.of(index))", type: .index)

    let answer = try registry.call("GET", "a/referrers/\(subject.digest)")
    #expect(answer.status == 200)
    #expect(answer["Content-Type"] == MediaType.index.rawValue)
    let listed = try JSONDecoder().decode(ImageIndex.self, from: Data(answer.body))
    #expect(listed.schemaVersion == 2)
    #expect(listed.mediaType == .index)
    #expect(
      Set(listed.manifests.map(\.artifactType)) == [
        "application/vnd.example.config", "application/vnd.example+type", nil,
      ])
    let one = try #require(listed.manifests.first { $0.artifactType == "application/vnd.example.config" })
    #expect(one.digest == (try Digest.of(first)))
    #expect(one.size == Int64(first.count))
    #expect(one.mediaType == .manifest)
    #expect(one.annotations == ["org.example.key": "value"])

    let filtered = try registry.call(
      "GET", "a/referrers/\(subject.digest)?artifactType=application%2Fvnd.example%2Btype")
    #expect(filtered["OCI-Filters-Applied"] == "artifactType")
    let matching = try JSONDecoder().decode(ImageIndex.self, from: Data(filtered.body)).manifests
    #expect(matching.map(\.digest) == [try Digest.of(second, .sha512)])

    #expect(try registry.call("DELETE", "a/manifests/\(one.digest)").status == 202)
    let rest = try registry.call("GET", "a/referrers/\(subject.digest)")
    #expect(try JSONDecoder().decode(ImageIndex.self, from: Data(rest.body)).manifests.count == 2)
  }

  @Test func `a subject that nobody refers to has an empty index`() throws {
    let registry = try TestRegistry()
    let answer = try registry.call("GET", "nowhere/referrers/\(digest("nothing"))")
    #expect(answer.status == 200)
    #expect(answer.json?["manifests"] == .array([]))
    #expect(try registry.call("GET", "nowhere/referrers/sha256:x").codes == ["DIGEST_INVALID"])
    #expect(try registry.call("HEAD", "nowhere/referrers/\(digest("nothing"))").status == 200)
  }

  @Test func `many referrers come in pages`() throws {
    let registry = try TestRegistry()
    let store = Store(root: registry.root)
    let repository = store.repository(try RepositoryName("a"))
    let subject = try digest("subject")
    for number in 0..<(RegistryService.referrersPage + 1) {
      let digest = try digest("\(number)")
      try store.write(Array("\(number)".utf8), as: digest)
      try repository.addManifest(digest, .manifest)
      var descriptor = Descriptor(mediaType: .manifest, digest: digest, size: 1)
      descriptor.artifactType = "a/b+c"
      try repository.addReferrer(descriptor, to: subject)
    }
    let first = try registry.call("GET", "a/referrers/\(subject)?artifactType=a/b%2Bc")
    #expect(first.json?["manifests"]?.array?.count == RegistryService.referrersPage)
    let link = try #require(first["Link"])
    let target = try #require(link.split(separator: ">").first).dropFirst("</v2/".count)
    let second = try registry.call("GET", String(target))
    #expect(second.json?["manifests"]?.array?.count == 1)
    #expect(second["OCI-Filters-Applied"] == "artifactType")
    #expect(second["Link"] == nil)
  }

  @Test func `referrers with many annotations come in pages`() throws {
    let registry = try TestRegistry()
    let subject = try Descriptor(of: try registry.manifest(in: "a"), mediaType: .manifest)
    var manifest = Manifest(config: try registry.blob("{}", in: "a"), layers: [])
    manifest.subject = subject
    for letter in ["x", "y", "z"] {
      manifest.annotations = ["key": String(repeating: letter, count: 3 << 20)]
      let bytes = try canonicalJSON(manifest)
      #expect(try registry.put(bytes, "a", "\(Digest.of(bytes))").status == 201)
    }
    var target: String? = "a/referrers/\(subject.digest)"
    var found: [Digest] = []
    while let page = target {
      let answer = try registry.call("GET", page)
      #expect(answer.body.count <= 4 << 20)
      found += try JSONDecoder().decode(ImageIndex.self, from: Data(answer.body)).manifests.map(\.digest)
      target = answer["Link"]?.split(separator: ">").first.map { String($0.dropFirst("</v2/".count)) }
    }
    #expect(Set(found).count == 3)
    #expect(found.count == 3)
  }
}
