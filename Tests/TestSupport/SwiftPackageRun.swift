import Foundation
import SematicFiles

/// A `swift package` verb, as a person or a CI job starts it: its own process group, its two streams apart.
package final class SwiftPackageRun: Sendable {
  package struct Result: Sendable {
    package let status: Int32
    package let output: String
    package let errorOutput: String

    package var lines: [Substring] { output.split(separator: "\n") }
  }

  private let folder: TemporaryFolder
  private let child: ChildProcess
  private let turn: ScratchTurn

  /// Waits for its turn, and starts `swift package` with these arguments in a package's folder.
  package init(
    _ arguments: [String], in package: String, environment: [String: String] = [:], scratch: String? = nil
  ) throws {
    turn = ScratchTurn(scratch ?? package + "/.build")
    folder = try TemporaryFolder("verb")
    let location = scratch.map { ["--scratch-path", $0] } ?? []
    // The streams are opened for appending, as a CI job's log is. A group of its own is what Ctrl-C is sent to.
    child = try ChildProcess(
      [
        "setsid", "--wait", "sh", "-c", "echo $$ >\"$3\"; out=$1 err=$2; shift 3; exec \"$@\" >>\"$out\" 2>>\"$err\"",
        "sh", folder.file("output"), folder.file("error"), folder.file("pid"), "swift", "package",
      ] + location + arguments, output: folder.file("shell"),
      environment: Self.environment.merging(environment) { $1 }, folder: package)
  }

  package var output: String { text("output") }
  package var errorOutput: String { text("error") }

  /// Waits for its end. What hangs is killed, with everything that it started in its group.
  package func wait(seconds: Double = 600) -> Result {
    let end = Date().addingTimeInterval(seconds)
    while child.isRunning, Date() < end { usleep(10_000) }
    if child.isRunning, let identifier = try? identifier() { kill(-identifier, SIGKILL) }
    let status = child.wait()
    return Result(status: status, output: output, errorOutput: errorOutput + text("shell"))
  }

  package static func run(
    _ arguments: [String], in package: String, environment: [String: String] = [:], scratch: String? = nil
  ) throws -> Result {
    try SwiftPackageRun(arguments, in: package, environment: environment, scratch: scratch).wait()
  }

  /// Waits until `ready` returns a value.
  package func waitUntil<Value>(seconds: Double = 120, _ ready: () throws -> Value?) throws -> Value {
    let end = Date().addingTimeInterval(seconds)
    while true {
      let running = child.isRunning
      if let value = try ready() { return value }
      guard running, Date() < end else {
        throw ChildProcess.Failure("\(running ? "not ready" : "ended"): \(output)\(errorOutput)\(text("shell"))")
      }
      usleep(10_000)
    }
  }

  /// What Ctrl-C does: a signal to the whole foreground group.
  package func interrupt() throws { kill(-(try identifier()), SIGINT) }

  /// What a CI job's time-out does: a signal to the one process that it started.
  package func terminate() throws { kill(try identifier(), SIGTERM) }

  private func identifier() throws -> Int32 {
    guard let identifier = Int32(text("pid").trimmingCharacters(in: .whitespacesAndNewlines)), identifier > 1 else {
      throw ChildProcess.Failure("swift package was not started")
    }
    return identifier
  }

  private func text(_ name: String) -> String {
    String(decoding: (try? FileTree.read(folder.file(name))) ?? [], as: UTF8.self)
  }

  /// The same for every run, and nothing of Sematic's: SwiftPM compiles the manifest anew for any variable that changes.
  package static let environment: [String: String] = {
    let kept = ["PATH", "HOME", "USER", "TMPDIR", "LANG", "NO_PROXY", "no_proxy"]
    let prefixes = ["SSL_", "GIT_SSL_", "HTTPS_", "https_", "HTTP_", "http_"]
    return ProcessInfo.processInfo.environment.filter { name, _ in
      kept.contains(name) || prefixes.contains(where: name.hasPrefix)
    }
  }()

  /// The processes whose command line has `text` in it.
  package static func processes(with text: String) throws -> [Int32] {
    try FileTree.names(in: "/proc").compactMap { Int32($0) }.filter { identifier in
      guard let bytes = FileManager.default.contents(atPath: "/proc/\(identifier)/cmdline") else { return false }
      return String(decoding: bytes, as: UTF8.self).contains(text)
    }
  }
}
