import SematicConfiguration
import Testing

struct DataFilesTests {
  private static let files = ["a.txt", "b.txt", "m/x.bin", "m/sub/y.bin", "n/x.bin"]

  private func destinations(_ data: String, _ more: String = "") throws -> [String] {
    let package = try SamplePackage(settings("data: [\(data)]\n\(more)"), files: Self.files)
    return try package.pipeline().data.map { "\($0.relativePath) -> \($0.destination ?? "-")" }
  }

  @Test(arguments: [
    ("a.txt", ["a.txt -> -"]),
    ("{from: a.txt, to: /c.txt}", ["a.txt -> /c.txt"]),
    ("{from: a.txt, to: c}", ["a.txt -> c"]),
    ("{from: a.txt, to: c/}", ["a.txt -> c/a.txt"]),
    ("{from: a.txt, to: /}", ["a.txt -> /a.txt"]),
    ("{from: a.txt, to: .}", ["a.txt -> a.txt"]),
    ("{from: '*.txt', to: /t}", ["a.txt -> /t/a.txt", "b.txt -> /t/b.txt"]),
    ("{from: m, to: /models}", ["m/sub/y.bin -> /models/sub/y.bin", "m/x.bin -> /models/x.bin"]),
    ("{from: 'm/**/*.bin', to: ./models//}", ["m/sub/y.bin -> models/sub/y.bin", "m/x.bin -> models/x.bin"]),
    ("{from: m/sub, to: /}", ["m/sub/y.bin -> /y.bin"]),
    ("{from: m/x.bin, to: /models/}", ["m/x.bin -> /models/x.bin"]),
    ("{from: a.txt, to: '/ü b'}", ["a.txt -> /ü b"]),
  ])
  func `A file takes the destination as its name, more files take it as their folder`(
    _ data: String, _ expected: [String]
  ) throws {
    #expect(try destinations(data) == expected)
  }

  @Test func `Files and libraries of the system need not be in the package`() throws {
    let package = try SamplePackage(
      settings("data: [{from_system: /bin/sh}, {from_system: libz.so.1}, {from_system: /etc/x, to: /y}]"))
    let data = try package.pipeline().data
    #expect(data.map(\.source) == ["/bin/sh", "/etc/x", "libz.so.1"])
    #expect(data.map(\.destination) == [nil, "/y", nil])
    #expect(data.filter(\.isOfSystem).count == 3)
    let text = try package.pipeline().buildConfiguration()
    #expect(text.contains("from_system: /etc/x"))
    for wrong in ["{from_system: libz}", "{from_system: ../x}", "{from_system: /}", "{from: a, from_system: /b}"] {
      #expect(throws: ConfigurationError.self) { try SamplePackage(settings("data: [\(wrong)]")).pipeline() }
    }
  }

  @Test func `An empty folder stays, also where only hidden files are in it`() throws {
    let files = ["m/x.bin", "m/out/.gitkeep", "logs/.gitkeep"]
    func folders(_ data: String) throws -> [String] {
      try SamplePackage(settings("data: [\(data)]"), files: files).pipeline().data.filter(\.isEmptyFolder)
        .map { "\($0.relativePath) -> \($0.destination ?? "-")" }
    }
    #expect(try folders("m, logs") == ["logs -> -", "m/out -> -"])
    #expect(try folders("'**', {from: logs, to: /var/logs}") == ["logs -> -", "logs -> /var/logs", "m/out -> -"])
    #expect(try folders("m/*.bin").isEmpty)
    // A file may go into it.
    #expect(try folders("logs, {from: m/x.bin, to: logs/x.bin}") == ["logs -> -"])
  }

  @Test func `A file that two patterns find is there once`() throws {
    #expect(try destinations("a.txt, '*.txt'") == ["a.txt -> -", "b.txt -> -"])
    #expect(try destinations("a.txt, {from: a.txt, to: ./a.txt}") == ["a.txt -> -"])
  }

  @Test func `A file can go to several places`() throws {
    #expect(
      try destinations("{from: a.txt, to: z}, a.txt, {from: a.txt, to: /q}") == [
        "a.txt -> -", "a.txt -> /q", "a.txt -> z",
      ])
  }

  @Test(arguments: [
    Mistake(
      "- {from: m/x.bin, to: /x}\n- {from: n/x.bin, to: /x}",
      "sematic.yaml:6: data: 'n/x.bin' and 'm/x.bin' (sematic.yaml:5) would both be '/x' in the image"),
    Mistake(
      "- {from: m, to: /d}\n- {from: n, to: /d}",
      "sematic.yaml:6: data: 'n/x.bin' and 'm/x.bin' (sematic.yaml:5) would both be '/d/x.bin' in the image"),
    Mistake(
      "- {from: b.txt, to: /app/a.txt}\n- a.txt\nworkdir: /app",
      "sematic.yaml:6: data: 'a.txt' and 'b.txt' (sematic.yaml:5) would both be 'a.txt' in the image"),
    Mistake(
      "- {from: a.txt, to: /d}\n- {from: m, to: /d}",
      "sematic.yaml:6: data: 'm/sub/y.bin' cannot be in '/d': that is the file 'a.txt' (sematic.yaml:5)"),
    Mistake("- {to: /x}", "sematic.yaml:5: data: 'from' is missing: write '{from: models/*.bin, to: /models}'"),
    Mistake("- {form: x}", "sematic.yaml:5: data: 'form' is not a key of an entry: did you mean 'from'?"),
    Mistake(
      "- {source: x}",
      "sematic.yaml:5: data: 'source' is not a key of an entry: write '{from: models/*.bin, to: /models}'"),
    Mistake(
      "- {from: x, to: }", "sematic.yaml:5: 'to' has no value: write '{from: models/*.bin, to: /models}', or remove it"),
    Mistake(
      "- {from: x, to: /a/../b}",
      "sematic.yaml:5: data: '/a/../b' is not a path of the image: write an absolute path, or one in the working directory, without '..'"
    ),
    Mistake("- {from: /x}", "sematic.yaml:5: data: '/x' is an absolute path: write it from the package's folder on"),
    Mistake("- [x]", "sematic.yaml:5: an entry of 'data' must be text, not a list: write 'data: [models/*.bin]'"),
    Mistake("-", "sematic.yaml:4: an entry of 'data' has no value: write 'data: [models/*.bin]', or remove it"),
  ])
  func `A destination that cannot be is an error`(_ mistake: Mistake) throws {
    let package = try SamplePackage(settings("data:\n" + mistake.text), files: Self.files)
    #expect(package.mistake() == mistake.message)
  }
}
