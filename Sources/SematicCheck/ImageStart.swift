import SematicELF
import SematicOCI

/// The entrypoint of an image, as far as its configuration and files tell what it starts.
struct ImageStart {
  let words: [String]
  /// The first word's file, and what is in it; nil when there is none.
  let first: FoundFile?
  let fact: FileFact?
  /// Other programs that the entrypoint names.
  let others: [FoundFile]
  let kind: WorkerKind
  /// The reason for the kind, for the report.
  let reason: String

  init(_ configuration: ImageConfiguration, in files: ImageFiles) throws {
    words = configuration.entrypoint
    func program(_ word: String) throws -> FoundFile? { try Self.program(word, configuration, in: files) }
    first = try words.first.flatMap(program)
    others = try words.dropFirst().filter(ImagePath.isAbsolute).compactMap(program)
      .filter { $0.entry.kind == .file && $0.entry.mode & 0o111 != 0 }
    fact = try first.map { try files.fact(of: $0) }
    (kind, reason) = Self.kind(words, fact)
  }

  /// The file that a container starts for a word: a path, or a name on PATH.
  static func program(
    _ word: String, _ configuration: ImageConfiguration, in files: ImageFiles
  ) throws -> FoundFile? {
    let folder = configuration.workingDirectory ?? "/"
    let path = configuration.environmentValue("PATH") ?? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    let places =
      ImagePath.isAbsolute(word)
      ? [word]
      : word.contains("/") ? [folder + "/" + word] : path.split(separator: ":").map { "\($0)/\(word)" }
    for place in places {
      if let found = try files.tree.resolve(place).found, found.entry.kind == .file, found.entry.mode & 0o111 != 0 {
        return found
      }
    }
    // Where it is but cannot be executed, say so rather than that it is missing.
    return try places.count == 1 ? files.tree.resolve(places[0]).found : nil
  }

  /// The script in front, if there is one.
  var script: String? { if case .text(let text) = fact { text } else { nil } }

  static let workerModule = "sematic.resolvers.worker"

  private static func kind(_ words: [String], _ fact: FileFact?) -> (WorkerKind, String) {
    if words.isEmpty { return (.unknown, "there is no entrypoint") }
    if words.contains(workerModule) { return (.python, "its entrypoint runs \(workerModule)") }
    if ImagePath.split(words[0]).name.hasPrefix("python") || words.contains(where: { $0.hasSuffix(".py") }) {
      return (.python, "its entrypoint runs Python")
    }
    if words.contains(where: { $0.hasPrefix("/sematic/bin/") }) {
      return (.swift, "its entrypoint runs a program of /sematic/bin")
    }
    if case .elf(let file, _) = fact, file.needed.contains(where: { $0.hasPrefix("libswift") }) {
      return (.swift, "its entrypoint needs Swift's runtime libraries")
    }
    let script = words.count > 2 && words[1].hasSuffix("c") ? words[2] : nil
    for text in [script, { if case .text(let text) = fact { text } else { nil } }()].compactMap({ $0 }) {
      if text.contains("/sematic/bin/") { return (.swift, "its entrypoint's script runs a program of /sematic/bin") }
      if text.contains(workerModule) || text.contains("python") {
        return (.python, "its entrypoint's script runs Python")
      }
    }
    return (.unknown, "its entrypoint does not say, so it is checked as both")
  }
}

/// The language of the program that a container of the image starts.
package enum WorkerKind: String, Equatable, Sendable, Codable {
  case swift, python, unknown
}
