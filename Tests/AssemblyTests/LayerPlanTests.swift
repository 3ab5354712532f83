import Testing

@testable import SematicAssembly

@Suite struct LayerPlanTests {
  @Test func `sorts by bytes and adds the folders above`() throws {
    let recipe = recipe("b/c/file", "b-c", "a/z", "b/é", "b/z")
    #expect(try paths(recipe, .all) == ["a", "a/z", "b", "b-c", "b/c", "b/c/file", "b/z", "b/é"])
  }

  @Test func `above a base only our own folder is added`() throws {
    let recipe = recipe("sematic/bin/Example", "lib/x.so", "sematical/file")
    #expect(
      try paths(recipe, .onBase)
        == ["lib/x.so", "sematic", "sematic/bin", "sematic/bin/Example", "sematical/file"])
  }

  @Test func `a folder of the recipe keeps its mode`() throws {
    let folder = LayerEntry(path: "sematic/tmp", content: .directory, mode: 0o1777)
    let plan = try LayerPlan(
      LayerRecipe(kind: .data, entries: [LayerEntry(path: "sematic/tmp/a", content: .bytes([])), folder]), parents: .all
    )
    #expect(plan.entries.map(\.path) == ["sematic", "sematic/tmp", "sematic/tmp/a"])
    #expect(plan.entries[1] == folder)
  }

  @Test func `equal entries are one and different ones an error`() throws {
    let first = LayerEntry(path: "a", content: .file("/x/a"))
    #expect(try LayerPlan(LayerRecipe(kind: .data, entries: [first, first]), parents: .all).entries == [first])
    let second = LayerEntry(path: "a", content: .file("/y/a"), mode: 0o755)
    let error = #expect(throws: LayerError.self) {
      try LayerPlan(LayerRecipe(kind: .data, entries: [first, second]), parents: .all)
    }
    #expect(
      error?.description == "cannot put two things at /a of a layer: the file /x/a and the file /y/a with mode 0755")
  }

  @Test func `two spellings of an accent are two files`() throws {
    let entries = ["\u{E9}", "e\u{301}"].map { LayerEntry(path: $0, content: .bytes(Array($0.utf8))) }
    #expect(try LayerPlan(LayerRecipe(kind: .data, entries: entries), parents: .all).entries.count == 2)
  }

  @Test func `nothing lies beneath a file or a link`() throws {
    for content in [LayerEntry.Content.bytes([]), .symbolicLink("elsewhere")] {
      let entries = [LayerEntry(path: "a/b/c/d", content: .bytes([])), LayerEntry(path: "a/b", content: content)]
      #expect(throws: LayerError.self) { try LayerPlan(LayerRecipe(kind: .data, entries: entries), parents: .onBase) }
    }
    let error = LayerError.notAFolder(path: "a/b", above: "a", is: "a link to c")
    #expect(error.description == "cannot put 'a/b' into a layer: /a in the same layer is not a folder but a link to c")
  }

  @Test(arguments: [
    "", "/", "/a", "a/", "a//b", ".", "..", "a/..", "../a", "a/./b", "a\u{0}b", ".wh.a", "a/.wh..wh..opq", "a/.wh./b",
  ])
  func `refuses paths that are not inside the image`(path: String) {
    #expect(throws: LayerError.self) { try LayerPlan(recipe(path), parents: .all) }
  }

  @Test(arguments: ["...", "a.wh.b", "..a/b..", "-", "~", "a b", "a\\b", "a\nb"])
  func `takes paths that only look odd`(path: String) throws {
    #expect(try paths(recipe(path), .all).last == path)
  }

  @Test func `refuses links to nothing`() {
    for destination in ["", "a\u{0}"] {
      let link = LayerEntry(path: "a", content: .symbolicLink(destination))
      #expect(throws: LayerError.self) { try LayerPlan(LayerRecipe(kind: .data, entries: [link]), parents: .all) }
    }
  }

  private func recipe(_ paths: String...) -> LayerRecipe {
    LayerRecipe(kind: .data, entries: paths.map { LayerEntry(path: $0, content: .bytes([])) })
  }

  private func paths(_ recipe: LayerRecipe, _ parents: ParentFolders) throws -> [String] {
    try LayerPlan(recipe, parents: parents).entries.map(\.path)
  }
}
