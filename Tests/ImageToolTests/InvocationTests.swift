import Testing

@testable import ImageTool

@Suite struct InvocationTests {
  @Test(arguments: [
    (["--swift-sdk", "x", "build-image"], ["--swift-sdk", "x"]),
    (
      ["--disable-sandbox", "--package-path=Tools", "-c", "debug", "push-image", "--package-path", "b"],
      ["--package-path=Tools"]
    ),
    (
      [
        "--package-path", "a b", "--allow-network-connections", "all", "--swift-sdk=x", "run-pipeline", "--",
        "--swift-sdk", "y",
      ],
      ["--package-path", "a b", "--swift-sdk=x"]
    ),
    (["plugin", "--package-path", "a", "run-local"], ["--package-path", "a"]), (["build-image"], []),
    (["--swift-sdk"], []), ([], []),
  ]) func `Hints repeat what was typed in front of the verb`(words: [String], options: [String]) {
    #expect(Invocation.leadingOptions(of: ["/usr/bin/swift-package"] + words) == options)
  }

  @Test func `The command that pushes has what decides about the image`() {
    let words = ["--no-push", "app", "--base", "scratch", "--", "--base", "x"]
    #expect(Invocation.arguments(words, without: ["--no-push"]) == ["app", "--base", "scratch"])
  }
}
