import Testing

@testable import SematicRegistryServer

@Suite struct RepositoryNameTests {
  @Test(arguments: [
    "v1", "V1", "vV1", "latest", "RELEASE-1.0_A", String(repeating: "A", count: 128),
    "a" + String(repeating: "Z", count: 127),
  ])
  func `a tag comes back from its file name`(text: String) throws {
    let tag = try #require(TagName(text))
    #expect(tag.fileName == tag.fileName.lowercased())
    #expect(tag.fileName.utf8.count <= 255)
    #expect(TagName(fileName: tag.fileName) == tag)
  }

  @Test func `tags that differ in case have different files`() throws {
    let names = ["v1", "V1", "vi", "vI", "Vi", "VI"].compactMap { TagName($0)?.fileName }
    #expect(Set(names).count == 6)
  }

  @Test(arguments: [
    "", ".partial-1-2", "..", "v1+", "v1+0", "v1+zz", "v1+00", "v1+01+01", "V1", "11+01", "v1+0100", "v1+ä",
  ])
  func `any other file is not a tag`(name: String) {
    #expect(TagName(fileName: name) == nil)
  }

  @Test(arguments: ["", ".", "..", "-a", ".a", "a/b", "a b", "ä", String(repeating: "a", count: 129), "a+b", "a\0"])
  func `a tag outside the grammar is not a tag`(text: String) {
    #expect(TagName(text) == nil)
  }
}
