/// The run that Sematic's Job asks a container for: `--run_id HEX [--resolve] ...`.
///
/// https://github.com/sematic-ai/sematic/blob/main/sematic/resolvers/worker.py
struct WorkerOrder: Equatable {
  let run: String
  /// Whether the container drives the whole pipeline, not only one run of it.
  let resolves: Bool
  /// How many standalone steps may have containers at the same time.
  private(set) var maxParallelism: Int?
  /// The earlier execution whose outputs are used again.
  private(set) var rerun: Rerun?

  static func isPresent(in arguments: [String]) -> Bool {
    arguments.contains { $0 == "--run_id" || $0.hasPrefix("--run_id=") }
  }

  /// Nil where a person started the program. Unknown arguments are ignored: later versions may add some.
  init?(arguments: [String]) throws {
    guard Self.isPresent(in: arguments) else { return nil }
    var (values, resolves, index) = ([String: String](), false, 0)
    let names = ["--run_id", "--max-parallelism", "--rerun-from", "--rerun-mode"]
    while index < arguments.count {
      let argument = arguments[index]
      if let name = names.first(where: { argument.hasPrefix($0 + "=") }) {
        values[name] = String(argument.dropFirst(name.count + 1))
      } else if names.contains(argument), index + 1 < arguments.count {
        index += 1
        values[argument] = arguments[index]
      } else if argument == "--resolve" {
        resolves = true
      }
      index += 1
    }
    let run = values["--run_id"] ?? ""
    guard run.utf8.count == 32, run.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) }) else {
      throw SematicError.misuse("--run_id '\(run)' is not the identifier of a run (32 digits 0-9a-f)")
    }
    self.run = run
    self.resolves = resolves
    maxParallelism = values["--max-parallelism"].flatMap { Int($0) }
    rerun = values["--rerun-from"].map { Rerun(run: $0, mode: values["--rerun-mode"]) }
  }
}
