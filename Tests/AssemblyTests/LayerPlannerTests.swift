import SematicFiles
import TestSupport
import Testing

@testable import SematicAssembly

@Suite struct LayerPlannerTests {
  @Test func `files are sorted by bytes, and the folders above them are added`() throws {
    #expect(
      try paths(["b/c/file", "b-c", "a/z", "b/é", "b/z"])
        == ["a", "a/z", "b", "b-c", "b/c", "b/c/file", "b/z", "b/é"])
  }

  @Test func `what the Finder leaves in folders enters no layer`() throws {
    #expect(
      try paths([".DS_Store", "a/.DS_Store", "a/b.DS_Store", "a/.DS_Store/c"]) == [
        "a", "a/.DS_Store", "a/.DS_Store/c", "a/b.DS_Store",
      ])
  }

  @Test func `a bundle as macOS lays it out is one`() throws {
    let folder = try TemporaryFolder("bundle")
    try folder.write("x_Y.bundle/Contents/Resources/a.txt", "a")
    try folder.write("x_Y.bundle/Contents/Info.plist", "i")
    let files = try FolderFiles.list(folder.file("x_Y.bundle"), at: "sematic/bin/x_Y.bundle")
    #expect(files.map(\.path).contains("sematic/bin/x_Y.bundle/Contents/Resources/a.txt"))
  }

  @Test func `above a base only our own folder is added`() throws {
    #expect(
      try paths(["sematic/bin/Example", "lib/x.so", "sematical/file"], isWhole: false)
        == ["lib/x.so", "sematic", "sematic/bin", "sematic/bin/Example", "sematical/file"])
  }

  @Test func `a folder that is given keeps its mode, one that is not has the usual one`() throws {
    let folder = PlannedFile(path: "sematic/tmp", content: .directory, mode: 0o1770)
    let files = try files([PlannedFile(path: "sematic/tmp/a", content: .bytes([])), folder])
    #expect(files.map(\.path) == ["sematic", "sematic/tmp", "sematic/tmp/a"])
    #expect(files[1] == folder)
    let other = PlannedFile(path: "sematic/tmp", content: .directory, mode: 0o755)
    #expect(try self.files([folder, other]) == self.files([folder]))
    #expect(try self.files([PlannedFile(path: "tmp/a", content: .bytes([]))]).map(\.mode) == [0o1777, 0o644])
  }

  @Test func `a folder is in the layers of all that is in it`() throws {
    var planner = LayerPlanner()
    try planner.add(PlannedFile(path: "a", content: .directory, mode: 0o700), to: .program, owner: "")
    try planner.add(PlannedFile(path: "a/b", content: .bytes([1])), to: .data, owner: "")
    let layers = try planner.layers(isWhole: true)
    #expect(layers.map(\.kind) == [.data, .program])
    #expect(layers.map { $0.files.map(\.path) } == [["a", "a/b"], ["a"]])
    #expect(layers.allSatisfy { $0.files[0].mode == 0o700 })
  }

  @Test func `equal files are one, and different ones an error`() throws {
    let folder = try TemporaryFolder("planner")
    let first = PlannedFile(path: "a", content: .file(try SourceFile(folder.write("x/a", "1"))))
    #expect(try files([first, first]) == [first])
    let second = PlannedFile(path: "a", content: .file(try SourceFile(folder.write("y/a", "1"))), mode: 0o755)
    let error = #expect(throws: ImagePlanError.self) { try files([first, second]) }
    #expect(error?.description == "file 0 and file 1 would both be /a in the image")
  }

  @Test func `two spellings of an accent are two files`() throws {
    #expect(try files(["\u{E9}", "e\u{301}"].map { PlannedFile(path: $0, content: .bytes([])) }).count == 2)
  }

  @Test func `nothing lies below a file or a link`() throws {
    for content in [PlannedFile.Content.bytes([]), .symbolicLink("elsewhere")] {
      let planned = [PlannedFile(path: "a/b/c/d", content: .bytes([])), PlannedFile(path: "a/b", content: content)]
      let error = #expect(throws: ImagePlanError.self) { try files(planned, isWhole: false) }
      #expect(error?.description == "file 1 and a folder for file 0 would both be /a/b in the image")
    }
  }

  @Test(arguments: [
    "", "/", "/a", "a/", "a//b", ".", "..", "a/..", "../a", "a/./b", "a\u{0}b", ".wh.a", "a/.wh..wh..opq", "a/.wh./b",
  ])
  func `a path that is no place is refused`(path: String) {
    #expect(throws: ImagePlanError.self) { try paths([path]) }
  }

  @Test(arguments: ["...", "a.wh.b", "..a/b..", "-", "~", "a b", "a\\b", "a\nb"])
  func `a path that only looks odd is taken`(path: String) throws {
    #expect(try paths([path]).last == path)
  }

  @Test func `a link to nothing is refused`() {
    for destination in ["", "a\u{0}"] {
      let link = PlannedFile(path: "a", content: .symbolicLink(destination))
      #expect(throws: ImagePlanError.self) { try files([link]) }
    }
  }

  @Test func `what cannot be read is an error of the plan`() throws {
    let folder = try TemporaryFolder("planner")
    #expect(throws: FileError.self) { try SourceFile(folder.file("missing")) }
    for path in [folder.path, "/dev/null"] {
      let error = #expect(throws: ImagePlanError.self) { try SourceFile(path) }
      #expect(error?.description == "\(path) cannot be put into the image: it is not a regular file")
    }
  }

  private func files(_ planned: [PlannedFile], isWhole: Bool = true) throws -> [PlannedFile] {
    var planner = LayerPlanner()
    for (index, file) in planned.enumerated() { try planner.add(file, to: .data, owner: "file \(index)") }
    return try planner.layers(isWhole: isWhole).flatMap(\.files)
  }

  private func paths(_ paths: [String], isWhole: Bool = true) throws -> [String] {
    try files(paths.map { PlannedFile(path: $0, content: .bytes([])) }, isWhole: isWhole).map(\.path)
  }
}
