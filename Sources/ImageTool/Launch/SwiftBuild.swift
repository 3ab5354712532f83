import SematicConfiguration
import SematicFiles
import SematicOCI
import SematicSystem

/// SwiftPM as a child: for the tool used without plugins, and for a launch program that must run on this machine.
struct SwiftBuild {
  let package: String
  /// A scratch folder other than the package's own, which SwiftPM holds locked as long as a verb runs.
  let scratch: String?
  let console: Console
  let signals: SignalRelay?

  struct Failed: ExplainedError {
    enum Reason: Sendable {
      case notStarted(SystemError)
      /// - Parameter isStatic: Swift's libraries were to be part of the program.
      case ended(ChildProcess.Ending, isStatic: Bool)
      /// What `swift package describe` printed is not what this tool understands.
      case unknownAnswer
    }

    let command: String
    let reason: Reason

    var description: String {
      switch reason {
      case .notStarted(let error): "cannot start '\(command)': \(error)"
      case .ended(.exited(let status), _): "'\(command)' exited with status \(status)"
      case .ended(.signalled(let signal), _): "'\(command)' was ended by signal \(signal)"
      case .unknownAnswer: "cannot read the output of '\(command)'"
      }
    }

    var hint: String? {
      switch reason {
      case .notStarted: "install Swift, and put its folder of programs on PATH"
      case .ended(_, let isStatic): "fix what SwiftPM reports above" + (isStatic ? "; " + Linking.hint : "")
      case .unknownAnswer: "run the command to see what it prints; `swift --version` should say 6.1 or later"
      }
    }
  }

  /// The package's name, and `sources`: the files in Swift of its own targets, by the products that they are part of.
  func describe() throws -> (name: String, executableProducts: [String], sources: [String: [String]]) {
    let arguments = ["package"] + location + ["describe", "--type", "json"]
    let answer = try document(arguments)
    guard let name = answer["name"]?.string, let products = answer["products"]?.array,
      let targets = answer["targets"]?.array
    else { throw Failed(command: Self.line(arguments), reason: .unknownAnswer) }
    var sources: [String: [String]] = [:]
    for target in targets {
      guard let path = target["path"]?.string, let files = target["sources"]?.strings else { continue }
      let own = files.filter { $0.hasSuffix(".swift") }.map { "\(package)/\(path)/\($0)" }
      for product in target["product_memberships"]?.strings ?? [] { sources[product, default: []] += own }
    }
    let executables = products.filter { $0["type"]?["executable"] != nil }.compactMap { $0["name"]?.string }
    return (name, executables.sorted(), sources)
  }

  /// The executable products that exist only because a plugin of the package runs them.
  func toolsOfPlugins() throws -> Set<String> {
    // SwiftPM holds its lock while a plugin runs; the manifest can be read without it.
    let arguments = ["package", "--ignore-lock"] + location + ["dump-package"]
    let manifest = try document(arguments)
    guard let products = manifest["products"]?.array, let targets = manifest["targets"]?.array else {
      throw Failed(command: Self.line(arguments), reason: .unknownAnswer)
    }
    var tools: Set<String> = []
    for target in targets where target["type"]?.string == "plugin" {
      for dependency in target["dependencies"]?.array ?? [] {
        for kind in ["byName", "target"] {
          // The first entry is the name; a condition may follow.
          if let name = dependency[kind]?.array?.first?.string { tools.insert(name) }
        }
      }
    }
    for product in products { tools.subtract(product["targets"]?.strings ?? []) }
    return tools
  }

  /// Builds a product and returns the path of its executable.
  /// - Parameter sdk: the options that choose a Swift SDK for another system than this machine's.
  func executable(of product: String, debug: Bool, linking: Linking? = nil, sdk: [String] = []) throws -> String {
    let arguments =
      ["build"] + location + ["-c", debug ? "debug" : "release"] + (linking?.buildOptions ?? [])
      + sdk
    let isStatic = linking?.compilerFlags.isEmpty == false
    try run(arguments + ["--product", product], output: errorOutput, isStatic: isStatic)
    let folder = String(decoding: try capture(arguments + ["--show-bin-path"]), as: UTF8.self)
    let path = folder.trimmed + "/" + product
    guard FileTree.exists(path) else { throw FileError("find the built product", path, reason: "it is not there") }
    return path
  }

  /// A Swift SDK for Linux that is installed, by a name that `--swift-sdk` takes.
  func installedSDK() throws -> String? {
    let names = String(decoding: try capture(["sdk", "list"]), as: UTF8.self).split(separator: "\n").map(\.trimmed)
    let found = names.first { $0.contains("linux") && !$0.contains(" ") }
    // It has several processors, and Sematic's bases have one.
    return found.map { $0.contains("static-linux") ? "x86_64-swift-linux-musl" : $0 }
  }

  private var location: [String] {
    ["--package-path", package] + (scratch.map { ["--scratch-path", $0] } ?? [])
  }

  private var errorOutput: CInt { console.host?.errorOutput ?? 2 }

  private static func line(_ arguments: [String]) -> String { LaunchEnvironment.shellLine(["swift"] + arguments) }

  private func run(_ arguments: [String], output: CInt, isStatic: Bool = false) throws {
    let line = Self.line(arguments)
    console.detail("$ " + line)
    let ending: ChildProcess.Ending
    do {
      ending = try ToolProgram(command: ["swift"] + arguments, output: output, errorOutput: errorOutput).run(
        signals: signals)
    } catch {
      throw Failed(command: line, reason: .notStarted(error))
    }
    guard ending == .exited(0) else { throw Failed(command: line, reason: .ended(ending, isStatic: isStatic)) }
  }

  private func document(_ arguments: [String]) throws -> JSONValue {
    let output = try capture(arguments)
    guard let document = try? decodeJSON(JSONValue.self, from: Data(output)) else {
      throw Failed(command: Self.line(arguments), reason: .unknownAnswer)
    }
    return document
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
