import TestSupport
import Testing

@testable import SematicConfiguration

struct YAMLDocumentTests {
  @Test(arguments: [
    Mistake("a: [1, 2\n", "sematic.yaml:2: this is not YAML: did not find expected ',' or ']'"),
    Mistake("a: 1\n\tb: 2", "sematic.yaml:2: this is not YAML: found a tab character that violates indentation"),
    Mistake("a: 1\nb: 2\na: 3", "sematic.yaml:1: 'a' is given again below; remove one"),
    Mistake("a: 1\n\"a\": 2", "sematic.yaml:1: 'a' is given again below; remove one"),
    Mistake("a: 1\n---\nb: 2", "sematic.yaml:2: the file must end here: it is one document"),
    Mistake("a: *b", "sematic.yaml:1: found undefined alias"),
    Mistake("a: &a [*a]", "sematic.yaml:1: found undefined alias"),
    Mistake("a: 1\nb: \u{1}", "sematic.yaml:2: this line has a character that YAML does not allow"),
    Mistake("a: 1\nb: \u{0}", "sematic.yaml:2: this line has a character that YAML does not allow"),
  ])
  func `What is not YAML is said with its line`(_ mistake: Mistake) throws {
    let package = try SamplePackage(mistake.text)
    #expect(package.mistake() == mistake.message)
  }

  @Test func `Bytes that are not UTF-8 are said with their line`() throws {
    let package = try SamplePackage()
    try package.folder.write("sematic.yaml", Array("version: 1\n# ".utf8) + [0xff, 10])
    #expect(package.mistake() == "sematic.yaml:2: this line is not UTF-8")
  }

  @Test func `A file of more than a mebibyte is not read`() throws {
    let package = try SamplePackage(String(repeating: "#", count: 1 << 20) + "\n")
    #expect(
      package.mistake()
        == "cannot read PACKAGE/sematic.yaml: it has 1048577 bytes, more than the 1048576 that it may have")
  }

  @Test func `Nothing but comments is no document`() throws {
    #expect(try YAMLDocument.parse("# nothing\n", name: "f") == nil)
    #expect(try YAMLDocument.parse("", name: "f") == nil)
  }

  @Test func `A byte order mark and the line ends of Windows are no mistake`() throws {
    let package = try SamplePackage("\u{feff}version: 1\r\ndefaults:\r\n  registry: ghcr.io\r\n")
    #expect(try package.pipeline().registry == .remote(host: "ghcr.io"))
  }

  @Test func `Aliases stand for what they name`() throws {
    let package = try SamplePackage(
      "version: 1\npipelines:\n  a: &a\n    product: train\n    tags: [x]\n  b: *a\n")
    #expect(try package.pipeline("b").tags == ["x"])
  }

  @Test(arguments: [
    Mistake(
      "values",
      "a0: &a0 x\n" + (1...12).map { "a\($0): &a\($0) [\(String(repeating: "*a\($0 - 1), ", count: 10))]\n" }.joined()),
    Mistake("keys", "a0: &a0 x\n" + (1...40).map { "a\($0): &a\($0) {? [*a\($0 - 1), *a\($0 - 1)] : 1}\n" }.joined()),
    Mistake(
      "one level", "a: &a [\(String(repeating: "x, ", count: 300))]\nb: [\(String(repeating: "*a, ", count: 300))]\n"),
  ])
  func `Aliases cannot blow a small file up`(_ bomb: Mistake) throws {
    let package = try SamplePackage(bomb.message)
    #expect(package.mistake() == "sematic.yaml:1: the file becomes too large by its anchors and aliases")
  }

  @Test func `Ampersands and asterisks of ordinary text are no aliases`() throws {
    let lines = (0..<100).map { "A\($0): 'https://x/?a=1&b=2 *z && *w'\n" }.joined()
    #expect(try YAMLDocument.parse(lines + "a: '*_x *y *z'\nb: {B: \"*.csv\"}\n", name: "f") != nil)
  }

  @Test func `Deep nesting is refused, not followed to a crash`() throws {
    func mistake(_ open: String, _ close: String, _ count: Int) throws -> String {
      let text = String(repeating: open, count: count) + "x" + String(repeating: close, count: count)
      return try SamplePackage("version: 1\ndefaults:\n  " + text).mistake()
    }
    let tooDeep = "sematic.yaml:3: values are nested more than 100 levels deep"
    for count in [101, 900, 100_000] {
      #expect(try mistake("[", "]", count) == tooDeep)
      #expect(try mistake("[", "", count) == tooDeep)
      #expect(try mistake("{a: ", "}", count) == tooDeep)
      #expect(try mistake("- ", "", count) == tooDeep)
      #expect(try mistake("? ", "", count) == tooDeep)
      #expect(try mistake("- ? : ", "", count) == tooDeep)
    }
    for (open, close) in [("[", "]"), ("- ", "")] {
      #expect(
        try mistake(open, close, 99)
          == "sematic.yaml:3: 'defaults' must be a map, not a list: write 'registry: ghcr.io/acme'")
    }
    let levels = (0..<102).map { String(repeating: "  ", count: $0) + "a:\n" }.joined()
    #expect(try SamplePackage("version: 1\ndefaults:\n" + levels).mistake().hasSuffix(tooDeep.dropFirst(14)))
  }
}
