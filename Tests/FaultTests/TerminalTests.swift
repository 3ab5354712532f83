import Foundation
import SematicFiles
import SematicRegistryServer
import TestSupport
import Testing

/// What the built ImageTool says while bytes are on their way.
@Suite struct TerminalTests {
  let folder: TemporaryFolder
  let server: RegistryServer
  let proxy: FaultProxy
  let command: [String]

  init() throws {
    folder = try TemporaryFolder("terminal")
    server = try RegistryServer(root: folder.file("registry"))
    server.start()
    // Six seconds for what is larger than any buffer of the system's.
    proxy = try FaultProxy(to: server.address) { request in
      let isUpload = ["PATCH", "PUT"].contains(request.method) && request.path.contains("/uploads/")
      return isUpload ? .slow(bytesPerSecond: 4_000_000) : nil
    }
    let executable = try CraftedProgram.write(in: folder, size: 24_000_000)
    command = [
      try BuiltTool.path(), "push", "--executable", executable, "--base", "scratch", "--registry", proxy.address,
    ]
  }

  /// - Parameter name: of the repository, and of the cache: nothing is known of the other tests' pushes.
  private func environment(_ name: String) -> [String: String] {
    ["PATH": "/usr/bin:/bin", "HOME": folder.path, "XDG_CACHE_HOME": folder.file(name)]
  }

  @Test(.enabled(if: ChildProcess.canRun("python3")))
  func `a terminal shows bytes, rate and layer in one line that is written over`() throws {
    let result = try Terminal.run(
      command + ["--repository", "one"], environment: environment("one"), folder: folder.path)
    let text = result.output
    #expect(result.status == 0)
    let shown = text.components(separatedBy: "\r\u{1B}[K")
    let progress = try Regex(#"^sending layer [0-9a-f]+, [0-9.]+ .?B of 24 MB, [0-9.]+ .?B/s$"#)
    #expect(shown.count { $0.wholeMatch(of: progress) != nil } >= 10, "\(text)")
    // Nothing of it stays, and the last word is the result.
    let last = try #require(text.split(whereSeparator: \.isNewline).last)
    #expect(last.hasPrefix("\(proxy.address)/one@sha256:"))
    #expect(text.hasSuffix("\r\n"))
  }

  @Test func `elsewhere there are whole lines, every few seconds`() throws {
    let result = try ChildProcess.run(
      command + ["--repository", "two"], environment: environment("two"), folder: folder.path)
    #expect(result.status == 0)
    let progress = try Regex(#"^sending layer [0-9a-f]+, [0-9.]+ .?B of 24 MB, [0-9.]+ .?B/s$"#)
    let lines = result.output.split(separator: "\n").filter { $0.wholeMatch(of: progress) != nil }
    #expect((1...3).contains(lines.count), "\(result.output)")
    #expect(!result.output.contains("\u{1B}") && !result.output.contains("\r"))
  }

  @Test(.enabled(if: ChildProcess.canRun("python3")))
  func `quiet means the result alone, on a terminal too`() throws {
    let arguments = command + ["--repository", "three", "--quiet"]
    let text = try Terminal.run(arguments, environment: environment("three"), folder: folder.path).output
    let lines = text.split(whereSeparator: \.isNewline)
    #expect(lines.count == 1 && lines.first?.hasPrefix("\(proxy.address)/three@sha256:") == true, "\(text)")
    #expect(!text.contains("\u{1B}"))
  }
}
