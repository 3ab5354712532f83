import Foundation
import SematicFiles

/// A program that a test starts: its own child, ended and waited for when the test no longer holds it.
package final class ChildProcess: @unchecked Sendable {  // Foundation's Process is thread-safe for what is called here
  package struct Failure: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
  }

  private let process = Process()
  private let log: FileHandle
  private let program: String
  package let identifier: Int32

  /// Starts a program with stdin empty, and stdout and stderr in the file `output`.
  /// - Parameter arguments: the program first, by name (looked up on PATH) or path.
  package init(
    _ arguments: [String], output: String, environment: [String: String]? = nil, folder: String? = nil
  ) throws {
    guard let name = arguments.first, let program = Self.find(name) else {
      throw Failure("\(arguments.first ?? "no program") is not installed")
    }
    guard FileManager.default.createFile(atPath: output, contents: nil),
      let log = FileHandle(forWritingAtPath: output)
    else { throw Failure("cannot write \(output)") }
    self.log = log
    self.program = program
    #if os(Linux)
      // A signal that a test of this process ignores (a worker ignores SIGTERM) would stay ignored in its children.
      process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      process.arguments = ["--default-signal", program] + arguments.dropFirst()
    #else
      process.executableURL = URL(fileURLWithPath: program)
      process.arguments = Array(arguments.dropFirst())
    #endif
    if let environment { process.environment = environment }
    if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = log
    process.standardError = log
    // A child inherits the signals that its parent's thread holds back, and Dispatch's threads hold back nearly all.
    var (none, before) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    try process.run()
    identifier = process.processIdentifier
    LiveChildren.shared.insert(identifier)
  }

  deinit { stop() }

  package var isRunning: Bool { process.isRunning }

  /// The exit status, or 128 and the number of the signal.
  package func wait() -> Int32 {
    process.waitUntilExit()
    LiveChildren.shared.remove(identifier)
    return process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus
  }

  /// Asks it to end, insists after three seconds, and waits for it.
  package func stop() {
    if process.isRunning { process.terminate() }
    for _ in 0..<300 where process.isRunning { usleep(10_000) }
    if process.isRunning { kill(identifier, SIGKILL) }
    _ = wait()
    try? log.close()
  }

  /// Waits until `ready` returns a value from the text that the program has written so far.
  package func waitUntil<Value>(_ output: String, seconds: Double = 30, _ ready: (String) throws -> Value?) throws
    -> Value
  {
    let end = Date().addingTimeInterval(seconds)
    while true {
      let running = process.isRunning
      let text = String(decoding: (try? FileTree.read(output)) ?? [], as: UTF8.self)
      if let value = try ready(text) { return value }
      guard running else { throw Failure("\(program) ended: \(text)") }
      guard Date() < end else { throw Failure("\(program) is not ready: \(text)") }
      usleep(5_000)
    }
  }

  package struct Result: Sendable {
    package let status: Int32
    /// stdout and stderr.
    package let output: String
  }

  /// Runs a program to its end.
  @discardableResult
  package static func run(
    _ arguments: [String], environment: [String: String]? = nil, folder: String? = nil
  ) throws -> Result {
    let temporary = try TemporaryFolder("output")
    let child = try ChildProcess(
      arguments, output: temporary.file("output"), environment: environment, folder: folder)
    let status = child.wait()
    let output = String(decoding: try FileTree.read(temporary.file("output")), as: UTF8.self)
    return Result(status: status, output: output)
  }

  /// Where a program is, by PATH.
  package static func find(_ name: String) -> String? {
    if name.contains("/") { return FileManager.default.isExecutableFile(atPath: name) ? name : nil }
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
    return path.split(separator: ":").map { "\($0)/\(name)" }.first(where: FileManager.default.isExecutableFile)
  }

  /// For `.enabled(if:)`: false skips the test. In CI a missing program is a failure, so there it never skips.
  /// `Tests/run --quick` sets TESTS_QUICK, and skips every test that needs another program.
  package static func canRun(_ names: String...) -> Bool {
    let environment = ProcessInfo.processInfo.environment
    guard environment["TESTS_QUICK"] == nil else { return false }
    return environment["CI"] != nil || names.allSatisfy { find($0) != nil }
  }
}

/// The children that run now: what a test run that ends early must not leave behind.
private final class LiveChildren: @unchecked Sendable {  // guarded by its lock
  static let shared = LiveChildren()
  private let lock = NSLock()
  private var identifiers: Set<Int32> = []

  private init() {
    atexit { LiveChildren.shared.killAll() }
  }

  func insert(_ identifier: Int32) { lock.withLock { _ = identifiers.insert(identifier) } }
  func remove(_ identifier: Int32) { lock.withLock { _ = identifiers.remove(identifier) } }
  private func killAll() { for identifier in lock.withLock({ identifiers }) { kill(identifier, SIGKILL) } }
}
