import Testing

@testable import Sematic

// Far down, in the middle of other code.
private enum Holder {
  /// Doubles a number: ")" and "}" do not count.
  static let double = SematicFunction(
    "double", description: "a \"quoted\" } text"
  ) { (number: Int) -> Int in
    // An unbalanced { in a comment, /* and another ( */
    let text = """
      } "one" \(number + [1, 2].map { $0 }.count) {
      """
    _ = (text, #"raw " \( { "#, "\("nested \("}")")")
    return number * 2
  }

  static let after = 1

  static let one = SematicFunction("one") { 1 }, two = SematicFunction("two") { 2 }
  static let three: SematicFunction<NoInput, Int> =
    .init("three") { 3 }
}

private func named(_ name: String) -> SematicFunction<NoInput, Int> {
  SematicFunction(name) { 4 }
}

@Suite struct SwiftSourceTests {
  private func source(_ function: some SematicCallable) -> [String] {
    (function.registration.source.read() ?? "").split(separator: "\n").map(String.init)
  }

  @Test func `the source of a function is its call, with all closures and the comments before it`() throws {
    let lines = source(Holder.double)
    try #require(lines.count > 4)
    #expect(lines[0].hasPrefix("// SematicTests/SwiftSourceTests.swift:"))
    #expect(lines[1] == "/// Doubles a number: \")\" and \"}\" do not count.")
    #expect(lines[2] == "static let double = SematicFunction(")
    #expect(lines.suffix(2) == ["  return number * 2", "}"])
  }

  @Test func `of several functions in a line each has its own, and a declaration may be in the line before`() {
    #expect(source(Holder.one).last == "static let one = SematicFunction(\"one\") { 1 }")
    #expect(source(Holder.two).last?.hasSuffix("two = SematicFunction(\"two\") { 2 }") == true)
    #expect(
      source(Holder.three).suffix(2)
        == ["static let three: SematicFunction<NoInput, Int> =", "  .init(\"three\") { 3 }"])
    #expect(source(named("four")).last == "SematicFunction(name) { 4 }")
  }

  @Test func `what cannot be found is none`() {
    let source = SwiftSource("let a = SematicFunction(\"a\", \"unfinished\n) { ( }\n")
    #expect(source.call(at: 1, naming: "a") == nil)
    #expect(source.call(at: 0, naming: "a") == nil)
    #expect(source.call(at: 9, naming: "a") == nil)
    #expect(SwiftSource("").call(at: 1, naming: "a") == nil)
    let absent = FunctionSource(place: "M/F.swift:1", signature: "(Int) -> Int", file: "/none", line: 1, name: "f")
    #expect(absent.read() == nil)
    #expect(absent.description == "// M/F.swift:1\n// (Int) -> Int")
  }

  @Test func `labelled closures belong to the call, and what follows does not`() {
    let call = "  // why\n  @MainActor\n  let a = SematicFunction(\"a\") { 1 } retry: { true }"
    let source = SwiftSource("let z = 1\n\(call)\nlet b: Int = 3\nfoo { 1 }\n")
    #expect(source.call(at: 4, naming: "a") == call.replacing("  ", with: ""))
  }
}
