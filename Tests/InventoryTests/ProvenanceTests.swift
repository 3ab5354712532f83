import SematicOCI
import TestSupport
import Testing

@testable import SematicInventory

@Suite struct ProvenanceTests {
  @Test func `a statement names the image, the commit and what it was made of`() throws {
    let digest = try Digest(SPDXDocumentTests.digest)
    let inventory = try SPDXDocumentTests.inventory(
      [
        .application("count"), .base(digest, name: nil),
        .swiftPackage("log", version: "1.0", revision: "abc", address: "https://t0ken@git.example/log"),
      ], files: [])
    let source = Provenance.Source(
      address: SourceAddress("https://user:t0ken@git.example/app"), commit: "c0ffee", isDirty: true)
    let provenance = Provenance(
      inventory, command: "push", settings: .object(["env": .strings(["NAME"])]), source: source)
    let statement = provenance.statement
    #expect(statement["_type"] == "https://in-toto.io/Statement/v1")
    #expect(statement["predicateType"] == "https://slsa.dev/provenance/v1")
    let subject = try #require(statement["subject"]?.array?.first)
    #expect(subject["digest"]?["sha256"]?.string == digest.hex)
    let definition = try #require(statement["predicate"]?["buildDefinition"])
    #expect(definition["externalParameters"]?["command"] == "push")
    let dependencies = try #require(definition["resolvedDependencies"]?.array)
    #expect(
      dependencies.map { $0["uri"]?.string } == [
        "git+https://git.example/app@c0ffee", "git+https://git.example/log@abc",
        "pkg:oci/base@" + PackageURL.encoded(SPDXDocumentTests.digest),
      ])
    #expect(dependencies.first?["annotations"]?["dirty"] == .bool(true))
    #expect(dependencies.first?["digest"]?["gitCommit"] == "c0ffee")
    let text = String(decoding: provenance.encoded(), as: UTF8.self)
    #expect(!text.contains("t0ken"))
    #expect(statement["predicate"]?["runDetails"]?["builder"]?["id"] != nil)
  }

  @Test func `without git there is no source`() throws {
    let inventory = try SPDXDocumentTests.inventory([.application("count")], files: [])
    let statement = Provenance(inventory, command: "build", settings: .object([:]), source: nil).statement
    #expect(statement["predicate"]?["buildDefinition"]?["resolvedDependencies"] == .array([]))
  }
}
