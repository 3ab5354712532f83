import Foundation
import SematicFiles
import SematicOCI
import TestSupport
import Testing

/// A disk without room, and folders that may not be written to.
@Suite(.serialized) struct FullDiskTests {
  let folder: TemporaryFolder
  let executable: String

  init() throws {
    folder = try TemporaryFolder("full")
    executable = try CraftedProgram.write(in: folder)
  }

  private var environment: [String: String] {
    ["PATH": "/usr/bin:/bin", "HOME": folder.path, "XDG_CACHE_HOME": folder.file("cache")]
  }

  private func run(_ arguments: [String], prefix: [String] = [], cache: String? = nil) throws -> ChildProcess.Result {
    let command = prefix + [try BuiltTool.path()] + arguments + ["--executable", executable, "--base", "scratch"]
    var environment = environment
    if let cache { environment["XDG_CACHE_HOME"] = cache }
    return try ChildProcess.run(command, environment: environment, folder: folder.path)
  }

  /// Serves a folder until the body has ended.
  private func serving(_ root: String, prefix: [String], _ body: (String) throws -> Void) throws {
    let output = folder.file("served")
    let server = try ChildProcess(
      prefix + [BuiltTool.path(), "registry", "--port", "0", "--root", root], output: output,
      environment: environment, folder: folder.path)
    defer { server.stop() }
    let address = try server.waitUntil(output) { text in
      text.split(separator: "\n").map(String.init).first { $0.hasPrefix("127.") }
    }
    try body(address)
  }

  @Test(arguments: [true, false]) func `a full disk is named, and nothing looks finished`(mounts: Bool) throws {
    let disk = try ScarcePlace(at: folder.file("disk"), mounts: mounts)
    defer { disk.release() }
    let output = disk.path + "/layout"
    let result = try run(["build", "--output", output], prefix: disk.prefix)
    #expect(result.status == 1)
    #expect(result.output.contains("error: cannot "))
    #expect(result.output.contains(disk.reason))
    #expect(result.output.contains(disk.hint))
    #expect(!FileTree.exists(output))
    #expect(try run(["build", "--output", folder.file("elsewhere")]).status == 0)
  }

  @Test func `a full disk of the cache is named, and the next call with room succeeds`() throws {
    let disk = try ScarcePlace(at: folder.file("disk"))
    defer { disk.release() }
    let result = try run(["build", "--output", folder.file("layout")], prefix: disk.prefix, cache: disk.path)
    #expect(result.status == 1)
    #expect(result.output.contains(disk.reason))
    #expect(!FileTree.exists(folder.file("layout")))
    #expect(try run(["build", "--output", folder.file("layout")]).status == 0)
  }

  @Test(arguments: [true, false])
  func `a registry without room refuses, in its own words, and keeps nothing`(mounts: Bool) throws {
    let disk = try ScarcePlace(at: folder.file("disk"), mounts: mounts)
    defer { disk.release() }
    let root = disk.path + "/registry"
    try serving(root, prefix: disk.prefix) { address in
      let result = try run(["push", "--registry", address, "--repository", "app"])
      #expect(result.status == 1)
      #expect(result.output.contains("cannot upload the blob"))
      #expect(result.output.contains("the registry has no space left (507"))
    }
    #expect(try FileTree.names(in: root).contains("tags") == false)
  }

  @Test(arguments: [true, false]) func `a folder that may not be written to is named`(mounts: Bool) throws {
    try BuiltTool.letOthersRun(folder)
    let sealed = try SealedPlace(folder.file("sealed"), mounts: mounts)
    defer { sealed.release() }
    func check(_ result: ChildProcess.Result, _ what: String) {
      #expect(result.status == 1, "\(what): \(result.output)")
      #expect(result.output.contains("error: cannot "), "\(what): \(result.output)")
      #expect(result.output.contains(sealed.path), "\(what): \(result.output)")
      #expect(sealed.reasons.contains { result.output.contains($0) }, "\(what): \(result.output)")
      #expect(result.output.contains("hint: choose a folder that you may write to"), "\(what): \(result.output)")
    }
    let open = folder.file("open")
    try FileTree.createDirectory(open)
    chmod(open, 0o777)
    check(
      try run(["build", "--output", sealed.path + "/layout"], prefix: sealed.prefix, cache: open), "the output")
    check(
      try run(["build", "--output", open + "/layout"], prefix: sealed.prefix, cache: sealed.path), "the cache")
    #expect(!FileTree.exists(open + "/layout"))
    let registry = try ChildProcess.run(
      sealed.prefix + [BuiltTool.path(), "registry", "--port", "0", "--root", sealed.path + "/registry"],
      environment: environment, folder: folder.path)
    check(registry, "the registry")
  }

  @Test(arguments: [true, false]) func `a package that may not be written to is named`(mounts: Bool) throws {
    try BuiltTool.letOthersRun(folder)
    try folder.write("package/Package.swift", "// swift-tools-version: 6.1\n")
    let sealed = try SealedPlace(folder.file("package"), mounts: mounts)
    defer { sealed.release() }
    let result = try run(
      ["build", "--output", folder.file("layout"), "--package-path", sealed.path], prefix: sealed.prefix)
    #expect(result.status == 1)
    #expect(result.output.contains("error: cannot "), "\(result.output)")
    #expect(result.output.contains(sealed.path + "/.build"), "\(result.output)")
    #expect(!FileTree.exists(folder.file("layout")))
  }

  @Test(arguments: [true, false]) func `a package is not begun in a folder that may not be written to`(mounts: Bool)
    throws
  {
    try BuiltTool.letOthersRun(folder)
    let sealed = try SealedPlace(folder.file("sealed"), mounts: mounts)
    defer { sealed.release() }
    for (arguments, path) in [
      ([], sealed.path + "/"), (["--template", "starter"], sealed.path + "/"),
      (["--template", "starter-python", "--package-path", "new/package"], sealed.path + "/new"),
    ] {
      let result = try ChildProcess.run(
        sealed.prefix + [BuiltTool.path(), "init"] + arguments, environment: environment, folder: sealed.path)
      #expect(result.status == 1, "\(result.output)")
      #expect(result.output.hasPrefix("error: cannot ") && result.output.contains(path), "\(result.output)")
      #expect(sealed.reasons.contains { result.output.contains($0) }, "\(result.output)")
      #expect(result.output.contains("\n\nhint: choose a folder that you may write to"), "\(result.output)")
      #expect(try FileTree.names(in: sealed.path).isEmpty)
    }
  }

  @Test(arguments: ["", "/new/package"]) func `a starter that cannot be copied as a whole leaves nothing`(
    inside: String
  ) throws {
    let place = folder.file("place")
    try FileTree.createDirectory(place)
    // Small files fit, and Package.swift does not.
    let result = try ChildProcess.run(
      ["sh", "-c", #"ulimit -f 1; exec "$@""#, "sh", BuiltTool.path(), "init", "--template", "starter"]
        + ["--package-path", place + inside], environment: environment, folder: folder.path)
    #expect(result.status == 1)
    #expect(result.output.hasPrefix("error: cannot write "), "\(result.output)")
    #expect(result.output.contains("hint: files may not become so large here"), "\(result.output)")
    #expect(try FileTree.names(in: place).isEmpty)
  }

  @Test func `not even root writes below proc`() throws {
    let result = try run(["build", "--output", "/proc/layout"])
    #expect(result.status == 1)
    #expect(result.output.contains("error: cannot "))
    #expect(result.output.contains("/proc/"))
  }
}
