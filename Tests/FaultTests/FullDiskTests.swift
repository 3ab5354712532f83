import FileSystem
import Foundation
import LocalRegistry
import OCI
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

  private func run(_ arguments: [String], cache: String) throws -> ChildProcess.Result {
    let command = [try BuiltTool.path()] + arguments + ["--executable", executable, "--base", "scratch"]
    return try ChildProcess.run(
      command, environment: ["PATH": "/usr/bin:/bin", "HOME": folder.path, "XDG_CACHE_HOME": cache],
      folder: folder.path)
  }

  /// A file system of 2 MB at a path; nil where that is not allowed.
  private func smallDisk() throws -> SmallDisk? { try SmallDisk(at: folder.file("disk")) }

  @Test func `a full disk is named, and nothing looks finished`() throws {
    guard let disk = try smallDisk() else { return }
    defer { disk.unmount() }
    let output = disk.path + "/layout"
    let result = try run(["build", "--output", output], cache: folder.file("cache"))
    #expect(result.status == 1)
    #expect(result.output.contains("error: cannot "))
    #expect(result.output.contains("o space left on device"))
    #expect(result.output.contains("hint: make room on the disk"))
    #expect(!FileTree.exists(output))
  }

  @Test func `a full disk of the cache is named, and the next call with room succeeds`() throws {
    guard let disk = try smallDisk() else { return }
    defer { disk.unmount() }
    let result = try run(["build", "--output", folder.file("layout")], cache: disk.path)
    #expect(result.status == 1)
    #expect(result.output.contains("o space left on device"))
    #expect(!FileTree.exists(folder.file("layout")))
    #expect(try run(["build", "--output", folder.file("layout")], cache: folder.file("cache")).status == 0)
  }

  @Test func `a registry without room refuses, in its own words, and keeps nothing`() throws {
    guard let disk = try smallDisk() else { return }
    defer { disk.unmount() }
    let server = try RegistryServer(root: disk.path + "/registry")
    server.start()
    defer { server.stop() }
    let push = ["push", "--registry", server.address, "--repository", "app"]
    let result = try run(push, cache: folder.file("cache"))
    #expect(result.status == 1)
    #expect(result.output.contains("cannot upload the blob"))
    #expect(result.output.contains("the registry has no room left (507"))
    #expect(try FileTree.names(in: disk.path + "/registry").contains("tags") == false)
  }

  @Test func `a folder that may not be written to is named`() throws {
    // Nobody, not even root, makes a folder below /proc.
    let result = try run(["build", "--output", "/proc/layout"], cache: folder.file("cache"))
    #expect(result.status == 1)
    #expect(result.output.contains("error: cannot "))
    #expect(result.output.contains("/proc/"))
    let cache = try run(["build", "--output", folder.file("layout")], cache: "/proc/cache")
    #expect(cache.status == 1)
    #expect(cache.output.contains("/proc/cache"))
    #expect(!FileTree.exists(folder.file("layout")))
  }
}

/// A file system of its own that is soon full; only root gets one.
struct SmallDisk {
  let path: String

  init?(at path: String) throws {
    self.path = path
    try FileTree.createDirectory(path)
    guard ChildProcess.find("mount") != nil,
      try ChildProcess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", path]).status == 0
    else { return nil }
  }

  func unmount() { _ = try? ChildProcess.run(["umount", "-l", path]) }
}
