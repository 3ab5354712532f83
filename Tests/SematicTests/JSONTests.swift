import Testing

@testable import Sematic

@Suite struct JSONTests {
  @Test(arguments: [
    "null", "true", "-0.0", "1e-05", "NaN", "-Infinity", "[]", "{}", "[1, [2], {\"a\": \"b\"}]",
    "\"\\u00e9\\ud83e\\udd8a\\\\\"",
    "{\"a\": 1, \"b\": [false, null]}",
  ])
  func `what Python writes is read and written as it was`(text: String) throws {
    #expect(try JSON(parsing: Array(text.utf8)).canonical == text)
  }

  @Test func `other spellings are read, too`() throws {
    let value = try JSON(parsing: Array(" {\"b\":1 ,\"a\":\"\u{e9}\\/\\u0041\"}\r\n".utf8))
    #expect(value.canonical == "{\"a\": \"\\u00e9/A\", \"b\": 1}")
  }

  @Test(arguments: [
    "", " ", "nul", "[1", "[1,]", "{\"a\"}", "{1: 2}", "\"a", "\"\\x\"", "\"\\u12\"", "1 2", "--1", "+-", "}",
  ])
  func `what is not JSON is refused`(text: String) {
    #expect(throws: JSON.SyntaxError.self) { try JSON(parsing: Array(text.utf8)) }
  }

  @Test func `nesting without end is refused`() {
    let text = String(repeating: "[", count: 100_000)
    #expect(throws: JSON.SyntaxError.self) { try JSON(parsing: Array(text.utf8)) }
  }

  @Test func `keys are sorted as Python sorts them`() {
    // By code point: U+FF61 before U+1F98A, and the decomposed e before the composed one.
    let value = JSON.object(["\u{1F98A}": .null, "\u{FF61}": .null, "Z": .null, "a": .null])
    #expect(value.canonical == "{\"Z\": null, \"a\": null, \"\\uff61\": null, \"\\ud83e\\udd8a\": null}")
  }

  @Test(arguments: [
    ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"), ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
    (String(repeating: "a", count: 55), "c1c8bbdc22796e28c0e15163d20899b65621d65a"),
    (String(repeating: "a", count: 56), "c2db330f6083854c99d4b5bfb6e8f29f201be699"),
    (String(repeating: "a", count: 64), "0098ba824b5c16427bd7a1122a5a442a25ec644d"),
    (String(repeating: "a", count: 1000), "291e9a6c66994949b57ba5e650361e98fc36b1ba"),
  ])
  func `the digest is SHA-1`(text: String, digest: String) {
    #expect(SHA1.hex(Array(text.utf8)) == digest)
  }
}
