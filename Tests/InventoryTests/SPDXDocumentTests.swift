import Foundation
import SematicOCI
import TestSupport
import Testing

@testable import SematicInventory

@Suite struct SPDXDocumentTests {
  static let digest = "sha256:" + String(repeating: "1", count: 64)

  static func file(_ path: String) throws -> InventoryFile {
    InventoryFile(
      path: path, sha1: try SHA1Hasher.hash(of: Array(path.utf8)), sha256: try Digest.of(Array(path.utf8)).hex)
  }

  static func inventory(
    _ components: [Component], files: [String], name: String = "team/word-count"
  ) throws -> Inventory {
    Inventory(
      name: name, digest: try Digest(digest), platform: Platform(architecture: "amd64"),
      created: CreationTime.fixed.text, tool: "swift-sematic main (commit abc)", application: "count",
      components: components, files: try files.map(file))
  }

  private static func ordinary() throws -> Inventory {
    var library = Component.swiftPackage(
      "swift-log", version: "1.6.2", revision: "96a2f8a", address: "https://github.com/apple/swift-log.git")
    library.files = ["sematic/bin/liblog.so"]
    var runtime = Component.runtime(version: "6.3.1")
    runtime.files = ["sematic/bin/libswiftCore.so", "sematic/bin/libswift_Concurrency.so"]
    return try inventory(
      [
        runtime, library, .base(Digest(digest), name: "docker.io/library/debian:12"),
        .swiftPackage("Local", version: nil, revision: nil, address: nil),
      ],
      files: ["sematic/bin/count"] + library.files + runtime.files)
  }

  @Test(.enabled(if: SPDXValidator.isAvailable)) func `the validator of SPDX accepts it`() throws {
    let problems = try SPDXValidator.problems(of: SPDXDocument(Self.ordinary()).encoded())
    #expect(problems == "")
  }

  @Test(.enabled(if: SPDXValidator.isAvailable)) func `the validator accepts names that are nobody's idea of a name`()
    throws
  {
    let odd = "a b\"\\\n\t\u{7}ä/../🙂%<&>#?@:"
    var component = Component.swiftPackage(
      odd, version: odd, revision: odd, address: "https://u:p@host.example/a b/\u{1}\"ä.git")
    component.files = [odd + "/file"]
    let inventory = try Self.inventory(
      [component, .base(Digest(Self.digest), name: odd), .application(odd), .layer(Digest(Self.digest))],
      files: [odd + "/file", odd, " "], name: odd)
    let problems = try SPDXValidator.problems(of: SPDXDocument(inventory).encoded())
    #expect(problems == "")
  }

  @Test(
    .enabled(if: SPDXValidator.isAvailable),
    arguments: [
      ("https://git.acme.internal/a", false), ("https://localhost:3000/a", false), ("https://10.0.0.1/a", false),
      ("https://git_hub.com/a", false), ("https://a--b.com/a", false), ("ssh://git@git-1.acme.org:22/a/b", true),
      ("https://github.com/a/%", true),
    ]) func `an address that the validator does not take for one is told otherwise`(address: String, isTaken: Bool)
    throws
  {
    let component = Component.swiftPackage("log", version: "1", revision: "abc", address: address)
    let document = SPDXDocument(try Self.inventory([component], files: []))
    let package = try #require(document.json()["packages"]?.array?.last)
    #expect((package["downloadLocation"] != "NOASSERTION") == isTaken)
    #expect((package["sourceInfo"]?.string?.hasPrefix("git+") ?? false) == !isTaken)
    let problems = try SPDXValidator.problems(of: document.encoded())
    #expect(problems == "")
  }

  @Test func `each file has one package, and both checksums`() throws {
    let document = try SPDXDocument(Self.ordinary()).json()
    let files = try #require(document["files"]?.array)
    #expect(
      files.map { $0["fileName"]?.string } == [
        "./sematic/bin/count", "./sematic/bin/liblog.so", "./sematic/bin/libswiftCore.so",
        "./sematic/bin/libswift_Concurrency.so",
      ])
    #expect(files.allSatisfy { $0["checksums"]?.array?.compactMap { $0["algorithm"]?.string } == ["SHA1", "SHA256"] })
    let packages = try #require(document["packages"]?.array)
    let owned = packages.map { ($0["name"]?.string ?? "", $0["hasFiles"]?.strings ?? []) }
    #expect(
      Dictionary(uniqueKeysWithValues: owned) == [
        "team/word-count": [], "count": ["SPDXRef-File-1"], "swift-log": ["SPDXRef-File-2"],
        "Swift": ["SPDXRef-File-3", "SPDXRef-File-4"], "Local": [], "docker.io/library/debian:12": [],
      ])
    let log = try #require(packages.first { $0["name"] == "swift-log" })
    #expect(log["downloadLocation"] == "git+https://github.com/apple/swift-log.git@96a2f8a")
    #expect(
      log["externalRefs"]?.array?.first?["referenceLocator"] == "pkg:swift/github.com/apple/swift-log@1.6.2")
  }

  @Test func `equal inventories are equal bytes, whatever the order of what they are made of`() throws {
    let names = ["b", "a", "c"]
    let components = names.map { name in
      var component = Component.swiftPackage(name, version: "1", revision: nil, address: nil)
      component.files = [name + "/1", name + "/2"]
      return component
    }
    let first = try Self.inventory(components, files: names.flatMap { [$0 + "/1", $0 + "/2"] })
    let second = try Self.inventory(components.reversed(), files: names.reversed().flatMap { [$0 + "/2", $0 + "/1"] })
    #expect(try SPDXDocument(first).encoded() == SPDXDocument(second).encoded())
  }

  @Test func `a file that two packages claim is the first one's, and one that is not there is nobody's`() throws {
    var (first, second) = (Component.runtime(version: nil), Component.application("count"))
    first.files = ["both", "nowhere"]
    second.files = ["both"]
    let inventory = try Self.inventory([first, second], files: ["both", "both", "none"])
    #expect(inventory.components.map(\.name) == ["count", "Swift"])
    #expect(inventory.components.map(\.files) == [["both", "none"], []])
    #expect(inventory.files.map(\.path) == ["both", "none"])
  }

  @Test func `20,000 files are some MB`() throws {
    let files = (0..<20_000).map {
      InventoryFile(path: "sematic/python/package/module_\($0).py", sha1: Self.sha1, sha256: Self.sha256)
    }
    let inventory = Inventory(
      name: "many", digest: try Digest(Self.digest), platform: Platform(architecture: "amd64"),
      created: CreationTime.fixed.text, tool: "swift-sematic main", application: "many", components: [], files: files)
    let bytes = try SPDXDocument(inventory).encoded()
    #expect(bytes.count < 8_000_000)
  }

  private static let sha1 = String(repeating: "a", count: 40)
  private static let sha256 = String(repeating: "b", count: 64)
}
