import Testing

@testable import SematicConfiguration

struct SuggestionTests {
  private static let words = ["registry", "repository", "tags", "tag_suffix", "base", "bases", "user"]

  @Test(arguments: [
    ("regsitry", "registry"), ("Registry", "registry"), ("tag", "tags"), ("bass", "base"), ("usr", "user"),
    ("tagsuffix", "tag_suffix"), ("repo", nil), ("x", nil), ("", nil), ("volumes", nil),
  ])
  func `A slip of the finger is understood, another word is not`(_ word: String, _ expected: String?) {
    #expect(Suggestion.nearest(to: word, among: Self.words) == expected)
  }

  @Test func `An endless word has no suggestion`() {
    #expect(Suggestion.nearest(to: String(repeating: "a", count: 1_000_000), among: Self.words) == nil)
  }
}
