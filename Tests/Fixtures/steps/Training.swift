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

  /// Many steps in containers of their own.
  static let part = SematicFunction("part", standalone: true, cache: true) { (number: Int) -> Int in
    _ = usage
    return number * 2
  }

  static let total = SematicFunction("total") { (numbers: [Int]) in numbers.reduce(0, +) }

  static let many = SematicFunction("many") { (count: Int) -> Int in
    _ = usage
    let numbers = try await withThrowingTaskGroup(of: Int.self) { group in
      for number in 0..<count { group.addTask { try await part(number) } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    return try await total(numbers.sorted())
  }

  /// Large values on their way from one container to the next.
  static let produce = SematicFunction("produce", standalone: true) { (count: Int) -> [Double] in
    _ = usage
    return (0..<count).map { Double($0) / 2 }
  }

  static let consume = SematicFunction("consume", standalone: true) { (samples: [Double]) -> Double in
    _ = usage
    return samples.reduce(0, +)
  }

  static let large = SematicFunction("large") { (count: Int) -> Double in
    _ = usage
    return try await consume(try await produce(count))
  }

  /// Has the program write at its end what it has used.
  static let usage: Void = {
    atexit {
      var used = rusage()
      // RUSAGE_SELF, whose type is another in every C library.
      getrusage(0, &used)
      let time = [used.ru_utime, used.ru_stime].reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
      print("used \(time) s, \(used.ru_maxrss / 1024) MB")
    }
  }()

  static let pipeline = SematicFunction("pipeline") { (word: String) -> String in
    guard access("/etc/worker-extra", R_OK) != 0 else { return "the wrong base" }
    if word == "refuse" { throw Refusal() }
    return try await (word == "late" ? add.setting(timeout: .seconds(3))("sleep") : add(word))
  }

  static let functions: [any SematicCallable] = [pipeline, add, many, part, total, large, produce, consume]

  static func launch() async throws {
    let word = CommandLine.arguments.last ?? ""
    switch word {
    case "fifty":
      let cloud = CloudResolver(cacheNamespace: "fifty", maxParallelism: 6)
      print(try await many.with(50).schedule(with: cloud).id)
    // 50 MB as JSON.
    case "large": print(try await large.with(4_750_000).schedule(with: CloudResolver()).id)
    default: print(try await pipeline.with(word).schedule(with: CloudResolver()).id)
    }
  }
}
