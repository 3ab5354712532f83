import SematicFiles
import TestSupport
import Testing

@testable import SematicConfiguration

struct GlobTests {
  private static let files = [
    "a.csv", "b c.csv", "ü.csv", "data/x.bin", "data/sub/y.bin", "data/sub/deep/z.bin", "data/.hidden/h.bin",
    "data/.secret.bin", ".env", ".build/o.bin", "data/.git/g.bin", "data/.build/p.bin", "data/[odd]*.bin",
  ]

  @Test func `A name that is spelled otherwise on disk is known, where the file system takes both for one`() {
    let names = ["Models", "größe.txt", "a\u{308}.csv", "readme", "README"]
    #expect(Glob.otherSpelling(of: "models", among: names) == "Models")
    #expect(Glob.otherSpelling(of: "GRÖSSE.TXT", among: names) == nil)
    #expect(Glob.otherSpelling(of: "Größe.txt", among: names) == "größe.txt")
    #expect(Glob.otherSpelling(of: "\u{E4}.csv", among: names)?.utf8.elementsEqual("a\u{308}.csv".utf8) == true)
    for name in ["Models", "readme", "README", "a\u{308}.csv", "other"] {
      #expect(Glob.otherSpelling(of: name, among: names) == nil)
    }
  }

  private func paths(_ pattern: String) throws -> [String] {
    try SamplePackage(settings("data: ['\(pattern)']"), files: Self.files).pipeline().data.map(\.relativePath)
  }

  @Test(arguments: [
    ("*.csv", ["a.csv", "b c.csv", "ü.csv"]),
    ("./data//x.bin", ["data/x.bin"]),
    ("?.csv", ["a.csv", "ü.csv"]),
    ("data/*.bin", ["data/[odd]*.bin", "data/x.bin"]),
    ("data/**/*.bin", ["data/[odd]*.bin", "data/sub/deep/z.bin", "data/sub/y.bin", "data/x.bin"]),
    ("**/z.bin", ["data/sub/deep/z.bin"]),
    ("**/**/deep/**/*", ["data/sub/deep/z.bin"]),
    ("data/sub/**", ["data/sub/deep/z.bin", "data/sub/y.bin"]),
    ("data/sub", ["data/sub/deep/z.bin", "data/sub/y.bin"]),
    ("data/sub/", ["data/sub/deep/z.bin", "data/sub/y.bin"]),
    ("data/s*", ["data/sub/deep/z.bin", "data/sub/y.bin"]),
    ("*/*/*.bin", ["data/sub/y.bin"]),
    (".env", [".env"]),
    (".e*", [".env"]),
    ("data/.hidden", ["data/.hidden/h.bin"]),
    ("data/.*", ["data/.hidden/h.bin", "data/.secret.bin"]),
    (#"data/\[odd\]\*.bin"#, ["data/[odd]*.bin"]),
    ("data/[[]*", ["data/[odd]*.bin"]),
  ])
  func `A pattern finds its files, in the order of their bytes`(_ pattern: String, _ expected: [String]) throws {
    #expect(try paths(pattern) == expected)
  }

  @Test func `The package itself can be taken, without what is hidden`() throws {
    #expect(
      try paths(".") == [
        "a.csv", "b c.csv", "data/[odd]*.bin", "data/sub/deep/z.bin", "data/sub/y.bin", "data/x.bin", "sematic.yaml",
        "ü.csv",
      ])
  }

  @Test(arguments: ["*.txt", ".build/*", "data/.git", "data/x.bin/y", "nothing/**", "A.CSV", "{a,b}.csv"])
  func `A pattern that matches nothing is an error`(_ pattern: String) throws {
    let package = try SamplePackage(settings("env: {A: b}\ndata:\n- '\(pattern)'"), files: Self.files)
    #expect(
      package.mistake() == "sematic.yaml:6: data: '\(pattern)' matches no file of the package"
        + "\nhint: hidden files need a pattern that names the dot; '.build' and '.git' are never searched")
  }

  @Test(arguments: [
    Mistake("/etc/passwd", "'/etc/passwd' is an absolute path: write it from the package's folder on"),
    Mistake(
      "//x",
      "'//x' is a path from the root of a git repository, and the package is in none: write it without '//'"),
    Mistake("../x", "'../x' leaves the package: write a path in the package's folder, without '..'"),
    Mistake("data/../../x", "'data/../../x' leaves the package: write a path in the package's folder, without '..'"),
    Mistake("", "a path is empty"),
    Mistake("a[b", "a '[' of 'a[b' is not closed: write '\\[' for the character itself"),
    Mistake("[]", "a '[' of '[]' is not closed: write '\\[' for the character itself"),
    Mistake("[z-a]", "the range 'z-a' of '[z-a]' is upside down: write 'a-z'"),
  ])
  func `A path that cannot be one of the package is an error`(_ mistake: Mistake) throws {
    let package = try SamplePackage(settings("data: ['\(mistake.text)']"), files: Self.files)
    #expect(package.mistake() == "sematic.yaml:4: data: " + mistake.message)
  }

  @Test func `A symbolic link out of the package is an error, wherever it is`() throws {
    let outside = try TemporaryFolder("outside")
    try outside.write("secret", "x")
    for (link, pattern, target) in [
      ("link", "link", outside.path), ("data/link", "data/**", outside.path), ("link", "link/secret", outside.path),
      ("data/s", "data/?", outside.file("secret")), ("up", "up", "/"),
    ] {
      let package = try SamplePackage(settings("data: ['\(pattern)']"), files: ["data/x"])
      try FileTree.symbolicLink(at: package.folder.file(link), to: target)
      #expect(
        package.mistake() == "sematic.yaml:4: data: '\(link)' leaves the package by a symbolic link, to \(target)")
    }
  }

  @Test func `A folder beside the package with the same beginning is outside`() throws {
    let package = try SamplePackage(settings("data: [link]"))
    let sibling = package.folder.path + "-sibling"
    defer { try? FileTree.remove(sibling) }
    try AtomicFile.write([1], to: sibling + "/x")
    try FileTree.symbolicLink(at: package.folder.file("link"), to: sibling)
    #expect(
      package.mistake() == "sematic.yaml:4: data: 'link' leaves the package by a symbolic link, to PACKAGE-sibling")
  }

  @Test func `Symbolic links inside of the package are followed`() throws {
    let package = try SamplePackage(settings("data: ['data/**/*.bin', link]"), files: Self.files)
    try FileTree.symbolicLink(at: package.folder.file("data/l.bin"), to: "../a.csv")
    try FileTree.symbolicLink(at: package.folder.file("link"), to: "data/sub/deep")
    let data = try package.pipeline().data
    #expect(data.map(\.relativePath).contains("data/l.bin"))
    #expect(data.map(\.relativePath).contains("link/z.bin"))
    #expect(data.first { $0.relativePath == "link/z.bin" }?.source == package.folder.file("link/z.bin"))
  }

  @Test(arguments: [
    ("self", ".", "'data/self' is a symbolic link to a folder that it is in"),
    ("self", "..", "'data/self' is a symbolic link to a folder that it is in"),
    ("self", "self", "'data/self' cannot be read: Too many levels of symbolic links"),
    ("self", "nowhere", "'data/self' is a symbolic link that leads to nothing"),
    ("self", "../.build", "'data/self' is a symbolic link into '.build', which is never taken"),
    ("self", "/dev/null", "'data/self' leaves the package by a symbolic link, to /dev/null"),
  ])
  func `A symbolic link that leads astray is an error`(_ link: String, _ target: String, _ message: String) throws {
    let package = try SamplePackage(settings("data: [data]"), files: Self.files)
    try FileTree.symbolicLink(at: package.folder.file("data/\(link)"), to: target)
    #expect(package.mistake() == "sematic.yaml:4: data: " + message)
  }

  @Test func `A package behind a symbolic link is no way out`() throws {
    let package = try SamplePackage(settings("data: ['*.csv']"), files: Self.files)
    let links = try TemporaryFolder("links")
    try FileTree.symbolicLink(at: links.file("package"), to: package.folder.path)
    let file = try PipelineFile.load(
      package: links.file("package"), packageName: "x", executableProducts: nil,
      builtinDescriptors: SamplePackage.templates)
    #expect(try file.pipeline(named: "train").data.map(\.source).first == links.file("package/a.csv"))
  }

  @Test func `Names that look alike but differ in their bytes are two files`() throws {
    let package = try SamplePackage(settings("data: ['d/*']"))
    try package.folder.write("d/\u{fc}", "composed")
    try package.folder.write("d/u\u{308}", "decomposed")
    let count = try FileTree.names(in: package.folder.file("d")).count
    #expect(try package.pipeline().data.count == count)
  }
}
