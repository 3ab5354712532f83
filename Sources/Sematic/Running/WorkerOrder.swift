/// The run that Sematic's Job asks a container for: `--run_id HEX [--resolve] ...`.
///
/// https://github.com/sematic-ai/sematic/blob/main/sematic/resolvers/worker.py
struct WorkerOrder: Equatable {
  let run: String
  /// Whether the container drives the whole pipeline, not only one run of it.
  let resolves: Bool

  static func isPresent(in arguments: [String]) -> Bool {
    arguments.contains { $0 == "--run_id" || $0.hasPrefix("--run_id=") }
  }

  /// Nil where a person started the program. Unknown arguments are ignored: later versions may add some.
  init?(arguments: [String]) throws {
    guard Self.isPresent(in: arguments) else { return nil }
    var (run, resolves, index) = ("", false, 0)
    while index < arguments.count {
      let argument = arguments[index]
      if argument.hasPrefix("--run_id=") { run = String(argument.dropFirst(9)) }
      if argument == "--run_id", index + 1 < arguments.count {
        index += 1
        run = arguments[index]
      }
      if argument == "--resolve" { resolves = true }
      index += 1
    }
    guard run.utf8.count == 32, run.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) }) else {
      throw SematicError.misuse("--run_id '\(run)' is not the identifier of a run (32 digits 0-9a-f)")
    }
    self.run = run
    self.resolves = resolves
  }
}
