import TestSupport
import Testing

@testable import SematicInventory

@Suite struct PythonDistributionTests {
  private func list(_ texts: [String: String], others: [String] = []) -> [PythonDistribution] {
    PythonDistribution.list(among: (Array(texts.keys) + others).sorted()) { texts[$0].map { Array($0.utf8) } }
  }

  @Test func `a package has its name, its version and the files that it brought`() throws {
    let found = list(
      [
        "p/Some_Package-1.0.dist-info/METADATA":
          "Metadata-Version: 2.1\nName: Some.Package\nVersion: 1.0+local\n\nName: other\nVersion: 9\n",
        "p/Some_Package-1.0.dist-info/RECORD":
          "some/a.py,sha256=x,1\r\n\"some/b, \"\"c\"\".py\",,\r\nbin/some,,\r\n../../../etc/passwd,,\r\nsome/missing.py,,\r\n",
      ], others: ["p/some/a.py", "p/some/b, \"c\".py", "p/bin/some", "p/other.py", "etc/passwd"])
    let package = try #require(found.first)
    #expect(found.count == 1)
    #expect((package.name, package.version) == ("Some.Package", "1.0+local"))
    #expect(
      Set(package.files) == [
        "p/some/a.py", "p/some/b, \"c\".py", "p/bin/some", "p/Some_Package-1.0.dist-info/METADATA",
        "p/Some_Package-1.0.dist-info/RECORD", "etc/passwd",
      ])
    #expect(Component.pythonPackage(package).packageURL == "pkg:pypi/some-package@1.0%2Blocal")
  }

  @Test(arguments: [
    "", "\u{0}\u{1}\u{2}", "Name:\nVersion:\n", "Name: <script>\nVersion: a b\n", "no colon", ":\n::\n",
    "Name: " + String(repeating: "x", count: 300), "\n\nName: late",
  ]) func `metadata that are garbage leave the folder's name`(text: String) throws {
    let package = try #require(list(["p/good_name-2.0.dist-info/METADATA": text]).first)
    #expect((package.name, package.version) == ("good_name", "2.0"))
  }

  @Test func `a folder without a version has none, and one that is only an ending has a name, too`() {
    #expect(list(["p/name.dist-info/RECORD": ""]).map(\.name) == ["name"])
    #expect(list(["p/name.dist-info/RECORD": ""]).map(\.version) == [nil])
    #expect(list(["p/.dist-info/RECORD": ""]).map(\.name) == [".dist-info"])
  }

  @Test func `random records are read without harm`() throws {
    var random = SeededRandom(of: "PythonDistributionTests")
    for _ in 0..<300 {
      let bytes = (0..<Int.random(in: 0..<200, using: &random)).map { _ in
        [UInt8.random(in: 0...255, using: &random), 10, 34, 44].randomElement(using: &random) ?? 0
      }
      let found = PythonDistribution.list(among: ["p/a-1.dist-info/RECORD", "p/a"]) { _ in bytes }
      #expect(found.map(\.name) == ["a"])
    }
  }
}
