import Sematic

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

struct Refusal: Error, CustomStringConvertible {
  var description: String { "there is nothing to do" }
}

/// A pipeline with a step on a second base; its argument says what becomes of that.
@main
struct Training: SematicProgram {
  static let add = SematicFunction("add", standalone: true, baseImageTag: "extra") { (word: String) -> String in
    guard access("/etc/worker-extra", R_OK) == 0 else { return "the wrong base" }
    switch word {
    case "fail": throw Refusal()
    case "crash": fatalError("as a bug would")
    case "sleep": try await Task.sleep(nanoseconds: 600_000_000_000)
    default: break
    }
    return word + word
  }

  static let pipeline = SematicFunction("pipeline") { (word: String) -> String in
    guard access("/etc/worker-extra", R_OK) != 0 else { return "the wrong base" }
    if word == "refuse" { throw Refusal() }
    return try await add(word)
  }

  static let functions: [any SematicCallable] = [pipeline, add]

  static func launch() async throws {
    print(try await pipeline.with(CommandLine.arguments.last ?? "").schedule(with: CloudResolver()).id)
  }
}
