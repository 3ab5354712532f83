import Sematic

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

struct GreetInput: Codable, Sendable {
  var name: String
  var times: Int
  var mark: String?
}

struct Greeting: Codable, Sendable {
  var text: String
  var length: Int
}

struct Refusal: Error, CustomStringConvertible {
  var description: String { "nobody is called 'nobody'" }
}

struct Parts: Codable, Sendable {
  var numbers: [Int]
}

/// A pipeline for the tests: the same executable launches it and runs in its container.
///
/// Arguments of a launch: the name to greet (or `remote` and another, which a step greets in a container of its own), and
/// `wait` to wait for the output, or `hurry` to give up soon on a container that does not start. Or `parts`, numbers, and
/// options of the launch.
@main
struct SematicTestProgram: SematicProgram {
  static let shout = SematicFunction("shout") { (text: String) in text.uppercased() }

  /// Where it runs: its image, and on which attempt.
  static let distant = SematicFunction(
    "distant", standalone: true, baseImageTag: "extra",
    resources: ResourceRequirements(
      requests: ["cpu": "250m"], tolerations: [Toleration(key: "gpu", value: "a100", effect: .noSchedule)],
      secrets: SecretMounts(environment: ["key": "KEY"]), hasExpandedSharedMemory: true),
    retry: RetrySettings(retries: 2) { "\($0)".contains("Trouble") }
  ) { (name: String) -> String in
    switch name {
    case "nobody": throw Refusal()
    case "killed": raise(SIGKILL)
    case "sleeper": try await Task.sleep(nanoseconds: 600_000_000_000)
    case "trouble" where isFirstTime: throw Trouble()
    case "left" where isFirstTime: try await Task.sleep(nanoseconds: 600_000_000_000)
    default: break
    }
    return try containerImages()["default"] ?? "no image"
  }

  private static var isFirstTime: Bool {
    let mark = String(cString: getenv("HOME")) + "/attempted"
    guard access(mark, F_OK) != 0 else { return false }
    fclose(fopen(mark, "w"))
    return true
  }

  struct Trouble: Error {}

  static let greet = SematicFunction("greet", description: "Greets somebody.") {
    (input: GreetInput) async throws -> Greeting in
    guard input.name != "nobody" else { throw Refusal() }
    if input.name == "sleeper" { try await Task.sleep(nanoseconds: 600_000_000_000) }
    if input.name == "remote", input.mark == "siblings" {
      do {
        async let slow = distant("sleeper")
        async let refused = distant("nobody")
        _ = try await (refused, slow)
      } catch {
        return Greeting(text: "\(error), then \(try await distant("world"))", length: 0)
      }
    }
    if let name = input.mark, input.name == "remote" {
      return Greeting(text: try await distant(name), length: 0)
    }
    let text = try await shout(Array(repeating: "hello \(input.name)", count: input.times).joined(separator: ", "))
    return Greeting(text: text + (input.mark ?? ""), length: text.count)
  }

  static let slow = SematicFunction("slow") { (number: Int) in number }
  static let four = SematicFunction("four") { () async throws -> Int in
    async let first = slow(1)
    async let second = slow(2)
    async let third = slow(3)
    async let fourth = slow(4)
    return try await first + second + third + fourth
  }

  /// Runs four steps beside a task that sleeps, again and again, and tells by how much it was late.
  private static func measureHeartbeat() async throws {
    let heartbeat = Task {
      var (longest, last) = (Duration.zero, ContinuousClock.now)
      while !Task.isCancelled {
        try? await Task.sleep(nanoseconds: 50_000_000)
        let now = ContinuousClock.now
        longest = max(longest, last.duration(to: now))
        last = now
      }
      return longest
    }
    let start = ContinuousClock.now
    print("output: \(try await four.resolve(with: LocalResolver()).output)")
    print("time: \(start.duration(to: .now) / .milliseconds(1))".prefix { $0 != "." })
    heartbeat.cancel()
    print("longest pause: \(await heartbeat.value / .milliseconds(1))".prefix { $0 != "." })
  }

  /// Cancels the pipeline when its steps wait for the server, and says how long its end took.
  private static func measureCancellation() async throws {
    let task = Task { try await four.resolve(with: LocalResolver()).output }
    try await Task.sleep(nanoseconds: 8_000_000_000)
    let start = ContinuousClock.now
    task.cancel()
    if case .failure(let error) = await task.result { print("canceled: \(error is CancellationError)") }
    print("time: \(start.duration(to: .now) / .milliseconds(1))".prefix { $0 != "." })
  }

  static let idle = SematicFunction("idle", standalone: true, baseImageTag: "extra") { (seconds: Int) in
    try await Task.sleep(nanoseconds: UInt64(seconds) * 1_000_000_000)
    return seconds
  }

  /// Fails for a negative number, the first time, and takes its time for zero. It has a step of its own.
  static let part = SematicFunction("part", standalone: true, baseImageTag: "extra", cache: true) {
    (number: Int) async throws -> Int in
    if number < 0, isFirstTime { throw Trouble() }
    if number == 0 {
      _ = try await slow(5)
      if isFirstTime { _ = try await idle(600) }
      return try await slow(5) + (RunInformation.current?.attempt ?? 0)
    }
    try await logMetric("part", Double(number), scope: .pipeline, kind: .count)
    return number * 10
  }

  static let total = SematicFunction("total") { (numbers: [Int]) in numbers.reduce(0, +) }

  static let parts = SematicFunction("parts") { (input: Parts) async throws -> Int in
    let numbers = try await withThrowingTaskGroup(of: Int.self) { group in
      for number in input.numbers { group.addTask { try await part(number) } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    return try await total(numbers.sorted())
  }

  private static func launchParts(_ arguments: [String]) async throws {
    func value(_ name: String) -> String? {
      arguments.first { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.count + 1)) }
    }
    var pipeline = parts.setting(name: "the parts", tags: ["numbers"])
    if let seconds = value("timeout").flatMap({ Double($0) }) {
      pipeline = pipeline.setting(timeout: .seconds(seconds))
    }
    let cloud = CloudResolver(
      resources: value("memory").map { ResourceRequirements(requests: ["memory": $0]) },
      cacheNamespace: value("cache").map { CacheNamespace($0) }, maxParallelism: value("max").flatMap { Int($0) },
      rerun: value("continue").map { .continuing($0) } ?? value("from").map { .from($0) })
    let run = try await pipeline.with(Parts(numbers: arguments.compactMap { Int($0) })).schedule(with: cloud)
    print("run: \(run.id)")
  }

  /// A value that cannot be recorded.
  struct Opaque: Codable, Sendable {
    var pointer: Pointer

    struct Pointer: Codable, Sendable {
      var address = 0
      init(from decoder: any Decoder) throws { throw Refusal() }
      func encode(to encoder: any Encoder) throws {}
    }
  }

  static let opaque = SematicFunction("opaque") { () async throws -> Opaque in throw Refusal() }

  static var functions: [any SematicCallable] {
    let all: [any SematicCallable] = [greet, shout, distant, slow, four, parts, part, idle, total]
    return getenv("TEST_UNRECORDABLE") == nil ? all : all + [opaque]
  }

  static func launch() async throws {
    let arguments = CommandLine.arguments.dropFirst()
    if arguments.first == "heartbeat" { return try await measureHeartbeat() }
    if arguments.first == "parts" { return try await launchParts(Array(arguments)) }
    if arguments.first == "cancellation" { return try await measureCancellation() }
    let name = arguments.first ?? "world"
    let mark = name == "remote" ? arguments.dropFirst().first : "!"
    let pipeline = greet.with(GreetInput(name: name, times: 2, mark: mark))
    let cloud = CloudResolver(startLimit: .seconds(arguments.contains("hurry") ? 1 : 1800))
    if hasContainerImage(), !arguments.contains("wait") {
      print("run: \(try await pipeline.schedule(with: cloud).id)")
      return
    }
    let result =
      hasContainerImage() ? try await pipeline.resolve(with: cloud) : try await pipeline.resolve(with: LocalResolver())
    if let run = result.run { print("run: \(run.id)") }
    print("output: \(result.output.text)")
  }
}
