import SematicConfiguration
import SematicFiles
import SematicSystem

/// A launch program that starts pipelines on Sematic's server, as far as its sources tell before it is built.
///
/// Where they leave a doubt there is none: a program that only prints must start without a server.
struct ServerNeed: Equatable {
  let isPython: Bool
  /// The version of Sematic's client in Python, where it is known.
  var version: [Int]?

  /// The version that the library `Sematic` behaves like, and the oldest server for it: see its `SematicClient`.
  static let swiftClient = [0, 41, 0]
  static let oldestServerForSwift = [0, 30, 0]

  /// Arguments of programs that only tell about themselves.
  private static let harmless: Set<String> = ["-h", "--help", "--version", "--dry-run"]

  /// - Parameters:
  ///   - sources: the program's own files in Swift.
  ///   - python: starts the script.
  ///   - folder: that of the package.
  ///   - hasAddress: whether a server is configured.
  init?(
    of pipeline: PipelineConfiguration, sources: [String], python: String, folder: String, arguments: [String],
    hasAddress: Bool
  ) {
    guard Self.harmless.isDisjoint(with: arguments) else { return nil }
    guard let script = pipeline.script else {
      self.init(ofProgram: sources, hasAddress: hasAddress)
      return
    }
    let roots = script.importRoots.map { FileTree.absolute($0, from: folder) }
    self.init(ofScript: script.file.path, python: python, importRoots: roots)
  }

  /// - Parameter importRoots: folders that the script imports modules from.
  init?(ofScript script: String, python: String, importRoots: [String]) {
    guard let helper = try? Templates.file("launch-needs.py"),
      let answer = try? HelperAnswer.run(
        python, [helper, script] + importRoots, environment: ProcessInfo.processInfo.environment, input: "",
        seconds: 10),
      answer.status == 0, !answer.output.isEmpty
    else { return nil }
    let parts = String(decoding: answer.output, as: UTF8.self).trimmed.split(separator: ".").map { Int($0) }
    self.init(isPython: true, version: parts.isEmpty || parts.contains(nil) ? nil : parts.compactMap { $0 })
  }

  init?(ofProgram sources: [String], hasAddress: Bool) {
    guard Self.resolvesInCloud(sources, hasAddress: hasAddress) else { return nil }
    self.init(isPython: false)
  }

  init(isPython: Bool, version: [Int]? = nil) {
    self.isPython = isPython
    self.version = version
  }

  /// Whether the program has a `CloudResolver`, and nothing by which it could do without a server or find its own.
  private static func resolvesInCloud(_ sources: [String], hasAddress: Bool) -> Bool {
    let names = ["CloudResolver", "SilentResolver", "SEMATIC_API_ADDRESS", "LocalResolver", "hasContainerImage"]
    var found: Set<String> = []
    for source in sources {
      let present = (try? FileSearch.occurring(names, in: source)) ?? []
      guard !present.isEmpty, let bytes = try? FileTree.read(source, limit: 1 << 20) else { continue }
      let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
      let code = lines.map { line in line.firstRange(of: "//").map { line[..<$0.lowerBound] } ?? line }
      found.formUnion(present.filter { name in code.contains { $0.contains(name) } })
    }
    guard found.contains("CloudResolver"), found.isDisjoint(with: ["SilentResolver", "SEMATIC_API_ADDRESS"]) else {
      return false
    }
    // Without a server's address, LocalResolver records nothing and needs none.
    return hasAddress || !found.contains("LocalResolver") || found.contains("hasContainerImage")
  }
}
