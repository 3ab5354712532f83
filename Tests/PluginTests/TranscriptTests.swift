import TestSupport
import Testing

struct TranscriptTests {
  @Test func `Commands and their output are found in console blocks alone`() throws {
    let blocks = Transcript.blocks(
      in: """
        ```swift
        $ no
        ```
        ```console
        $ first
        one
        $ second
        ```
        ## Later

        ```console
        $ third
        ```
        """)
    #expect(blocks.map { $0.map(\.command) } == [["first", "second"], ["third"]])
    #expect(blocks[0][0].output == ["one"])
    #expect(blocks[0][0].line == 5)
    #expect(blocks.map { $0.map(\.section) } == [["", ""], ["Later"]])
  }

  @Test(arguments: [
    (["a", "b"], "a\nb\n", true), (["a"], "a\nb\n", false), (["a", "b"], "a\n", false), ([], "", true),
    (["a", "..."], "a\nb\nc\n", true), (["...", "c"], "a\nb\nc\n", true), (["...", "d"], "a\nb\nc\n", false),
    (["x@sha256:..."], "x@sha256:00\n", true), (["x@...:..."], "x@sha256:00\n", true), (["x@...y"], "x@sha\n", false),
    (["a"], "[1/2] Compiling A\nBuilding for production...\na\nBuild of product 'A' complete! (0.1s)\n", true),
    (["ab...bc"], "abc\n", false),
  ]) func `Dots stand for anything, and nothing else does`(shown: [String], actual: String, fits: Bool) {
    #expect(Transcript(line: 1, command: "", output: shown).matches(actual) == fits)
  }
}
