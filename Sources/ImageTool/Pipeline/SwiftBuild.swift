import SematicFiles
import SematicSystem

/// SwiftPM as a child: for the tool used without plugins, and for a launch program that must run on this host.
struct SwiftBuild {
  let package: String
  /// Apart from the package's own where SwiftPM holds that one locked: a verb's whole life long.
  let scratch: String?
  let console: Console
  let signals: SignalRelay?

  struct Failed: ExplainedError {
    let command: String
    let ending: String
    var description: String { "'\(command)' \(ending)" }

    var hint: String? { "fix what SwiftPM says above" }
  }

  struct Description {
    let name: String
    let executableProducts: [String]
  }

  func describe() throws -> Description {
    struct Answer: Decodable {
      struct Product: Decodable {
        let name: String
        let type: [String: [String]?]
      }
      let name: String
      let products: [Product]
    }
    let output = try capture(["package"] + location + ["describe", "--type", "json"])
    let answer = try JSONDecoder().decode(Answer.self, from: Data(output))
    return Description(
      name: answer.name,
      executableProducts: answer.products.filter { $0.type["executable"] != nil }.map(\.name).sorted())
  }

  /// Builds a product and tells where its executable is.
  func executable(of product: String, debug: Bool) throws -> String {
    let arguments = ["build"] + location + ["-c", debug ? "debug" : "release"]
    let talk = console.host?.errorOutput ?? 2
    try run(arguments + ["--product", product], output: talk)
    let folder = String(decoding: try capture(arguments + ["--show-bin-path"]), as: UTF8.self)
    let path = folder.trimmed + "/" + product
    guard FileTree.exists(path) else { throw FileError("find the built product", path, reason: "it is not there") }
    return path
  }

  private var location: [String] {
    ["--package-path", package] + (scratch.map { ["--scratch-path", $0] } ?? [])
  }

  private func run(_ arguments: [String], output: CInt) throws {
    let null = open("/dev/null", O_RDONLY | O_CLOEXEC)
    defer { close(null) }
    console.detail("$ " + LaunchEnvironment.shellLine(["swift"] + arguments))
    let program = LaunchProgram(
      executable: "swift", arguments: arguments, environment: ProcessInfo.processInfo.environment,
      streams: (null, output, console.host?.errorOutput ?? 2))
    switch try program.run(signals: signals) {
    case .exited(0): return
    case .exited(let status):
      throw Failed(command: "swift " + arguments.joined(separator: " "), ending: "exited with status \(status)")
    case .signalled(let signal):
      throw Failed(command: "swift " + arguments.joined(separator: " "), ending: "was ended by signal \(signal)")
    }
  }

  private func capture(_ arguments: [String]) throws -> [UInt8] {
    // A file and not a pipe: nobody has to read while the child writes.
    let path =
      FileManager.default.temporaryDirectory.path + "/swift-sematic-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
    let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw FileError("create", path, code: errno) }
    defer {
      close(descriptor)
      unlink(path)
    }
    try run(arguments, output: descriptor)
    return try FileTree.read(path)
  }
}
