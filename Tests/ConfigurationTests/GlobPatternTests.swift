import Testing

@testable import SematicConfiguration

struct GlobPatternTests {
  @Test(arguments: [
    ("*", "anything", true), ("*.csv", "a.csv", true), ("*.csv", "a.csv.gz", false), ("a*b*c", "axxbyyc", true),
    ("a*b*c", "axxbyy", false), ("?", "ü", true), ("?", "", false), ("??", "a", false), ("[a-c]x", "bx", true),
    ("[a-c]x", "dx", false), ("[!a-c]x", "dx", true), ("[^a]", "a", false), ("[]]", "]", true), ("[a-]", "-", true),
    ("[]-a]", "^", true), (#"\*"#, "*", true), (#"\*"#, "a", false), (#"a\"#, #"a\"#, true), ("a**b", "axb", true),
    ("Datei ü*", "Datei ü 1", true), ("*ß?", "Straße", true), ("[ä-ü]", "ö", true), ("", "", true), ("a", "a", true),
    ("*a", "aaa", true), ("*ab", "aab", true), ("**", "x", true), ("[*]", "*", true), ("[*]", "x", false),
  ])
  func `A pattern matches as in a shell`(_ pattern: String, _ name: String, _ expected: Bool) throws {
    #expect(try GlobPattern(pattern).matches(name) == expected)
  }

  @Test func `Many stars do not take forever`() throws {
    let pattern = try GlobPattern(String(repeating: "a*", count: 60) + "b")
    #expect(!pattern.matches(String(repeating: "a", count: 250)))
  }

  @Test func `A name without wildcards is known as such`() throws {
    #expect(try GlobPattern("a b.txt").literal == "a b.txt")
    #expect(try GlobPattern(#"\[x\]"#).literal == "[x]")
    #expect(try GlobPattern("a?").literal == nil)
  }
}
