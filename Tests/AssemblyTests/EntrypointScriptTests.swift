import Foundation
import SematicFiles
import TestSupport
import Testing

@Suite struct EntrypointScriptTests {
  let folder: TemporaryFolder
  static let script: String = {
    var root = #filePath
    for _ in 0..<3 { root = FileTree.parent(of: root) }
    return root + "/Templates/worker-entrypoint.sh"
  }()

  init() throws { folder = try TemporaryFolder("entrypoint") }

  /// With a program that prints what it got, one item a line, in angle brackets.
  private func run(_ arguments: [String], _ environment: [String: String]) throws -> String {
    let program = try folder.write(
      "a program", "#!/bin/sh\nfor item in \"$HOME\" \"$PATH\" \"$@\"; do printf '<%s>\\n' \"$item\"; done\nexit 7\n",
      mode: 0o755)
    let result = try ChildProcess.run(["/bin/sh", Self.script, program] + arguments, environment: environment)
    #expect(result.status == 7)
    return result.output
  }

  @Test func `arguments arrive as they were, and so does the exit status`() throws {
    let arguments = ["", "a  b", "line\nline", "*", "$HOME `id` \"x\" 'y' \\", "--run_id", "ü", "-e"]
    let output = try run(arguments, ["HOME": folder.path, "PATH": "/sematic/bin:/usr/bin:/bin"])
    #expect(
      output == "<\(folder.path)>\n</sematic/bin:/usr/bin:/bin>\n" + arguments.map { "<\($0)>\n" }.joined())
  }

  @Test(arguments: [
    ("/usr/bin:/bin", "/sematic/bin:/usr/bin:/bin"), ("/usr/bin:/bin:/sematic/bin", "/usr/bin:/bin:/sematic/bin"),
    ("", "/sematic/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
  ])
  func `the programs' folder is on PATH once`(before: String, after: String) throws {
    #expect(try run([], ["HOME": folder.path, "PATH": before]) == "<\(folder.path)>\n<\(after)>\n")
  }

  @Test(arguments: [nil, "", "/proc", "/nonexistent/home", "/dev/null"] as [String?])
  func `a home that cannot be written to is replaced by one that can`(home: String?) throws {
    var environment = ["PATH": "/sematic/bin:/usr/bin:/bin", "TMPDIR": folder.file("tmp dir")]
    environment["HOME"] = home
    try FileTree.createDirectory(folder.file("tmp dir"))
    for _ in 0..<2 {
      #expect(try run([], environment).hasPrefix("<\(folder.file("tmp dir"))/sematic-home>\n"))
    }
    #expect(try FileStatus(of: folder.file("tmp dir/sematic-home")).mode == 0o700)
    #expect(try FileTree.names(in: folder.file("tmp dir/sematic-home")).isEmpty)
  }

  @Test func `a place that somebody else has taken is passed over`() throws {
    let environment = ["PATH": "/sematic/bin:/usr/bin:/bin", "TMPDIR": folder.file("tmp")]
    try folder.write("tmp/sematic-home", "a file")
    let output = try run([], environment)
    #expect(output.hasPrefix("<\(folder.file("tmp"))/sematic-home."))
    #expect(try FileTree.read(folder.file("tmp/sematic-home")) == Array("a file".utf8))
  }

  @Test func `a usable home stays, and nothing is left in it`() throws {
    try FileTree.createDirectory(folder.file("my home"))
    let output = try run([], ["HOME": folder.file("my home"), "PATH": "/usr/bin:/bin"])
    #expect(output.hasPrefix("<\(folder.file("my home"))>\n"))
    #expect(try FileTree.names(in: folder.file("my home")).isEmpty)
  }

  @Test(.enabled(if: geteuid() == 0 && ChildProcess.canRun("setpriv")))
  func `a home of another user is replaced`() throws {
    for name in ["home", "tmp"] { try FileTree.createDirectory(folder.file(name)) }
    chmod(folder.file("tmp"), 0o1777)
    try folder.write("script", FileTree.read(Self.script), mode: 0o755)
    let program = try folder.write("program", "#!/bin/sh\necho \"$HOME\"\n", mode: 0o755)
    let result = try ChildProcess.run(
      ["setpriv", "--reuid", "4711", "--regid", "4711", "--clear-groups", folder.file("script"), program],
      environment: ["HOME": folder.file("home"), "PATH": "/usr/bin:/bin", "TMPDIR": folder.file("tmp")])
    #expect(result.output == folder.file("tmp") + "/sematic-home\n")
  }

  @Test func `without a program it says so`() throws {
    let result = try ChildProcess.run(["/bin/sh", Self.script], environment: ["HOME": folder.path, "PATH": "/bin"])
    #expect(result.status == 64)
    #expect(result.output == "\(Self.script): no program to start\n")
  }

  @Test func `a program that is not there is the shell's own error`() throws {
    let result = try ChildProcess.run(
      ["/bin/sh", Self.script, "/nonexistent/program"], environment: ["HOME": folder.path, "PATH": "/bin"])
    #expect(result.status == 127)
    #expect(result.output.contains("/nonexistent/program"))
  }
}
