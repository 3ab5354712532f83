import Sematic

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

/// A pipeline for the tests: the same executable launches it and runs in its container.
///
/// Arguments of a launch: the name to greet, and `wait` to wait for the output.
@main
struct SematicTestProgram: SematicProgram {
  static let shout = SematicFunction("shout") { (text: String) in text.uppercased() }

  static let greet = SematicFunction("greet", description: "Greets somebody.") {
    (input: GreetInput) async throws -> Greeting in
    guard input.name != "nobody" else { throw Refusal() }
    if input.name == "sleeper" { try await Task.sleep(nanoseconds: 600_000_000_000) }
    let text = try await shout(Array(repeating: "hello \(input.name)", count: input.times).joined(separator: ", "))
    return Greeting(text: text + (input.mark ?? ""), length: text.count)
  }

  static let functions: [any SematicCallable] = [greet, shout]

  static func launch() async throws {
    let arguments = CommandLine.arguments.dropFirst()
    let resolver: any Resolver =
      hasContainerImage() ? CloudResolver(detach: !arguments.contains("wait")) : LocalResolver()
    let pipeline = greet.with(GreetInput(name: arguments.first ?? "world", times: 2, mark: "!"))
    let result = try await pipeline.resolve(with: resolver)
    if let run = result.runID { print("run: \(run)") }
    if let output = result.output { print("output: \(output.text)") }
  }
}
