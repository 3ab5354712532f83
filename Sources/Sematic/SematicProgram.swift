/// A program that launches pipelines, and runs their functions when Sematic starts it in a container.
///
/// ```swift
/// @main struct Training: SematicProgram {
///   static let train = SematicFunction("train") { (input: TrainInput) async throws -> Model in ... }
///   static let functions: [any SematicCallable] = [train]
///
///   static func launch() async throws {
///     let resolver: any Resolver = hasContainerImage() ? CloudResolver() : LocalResolver()
///     let result = try await train.with(TrainInput(epochs: 3)).resolve(with: resolver)
///   }
/// }
/// ```
public protocol SematicProgram {
  /// The functions that a worker can be asked to run.
  static var functions: [any SematicCallable] { get }
  /// What the program does when a person starts it.
  static func launch() async throws
}

extension SematicProgram {
  /// Runs the function that Sematic names in the arguments, or else `launch`.
  public static func main() async {
    do {
      if let order = try WorkerOrder(arguments: Array(CommandLine.arguments.dropFirst())) {
        try await Worker(functions: functions.map(\.registration), environment: System.environment()).perform(order)
      } else {
        try await Registration.$all.withValue(functions.map(\.registration)) { try await launch() }
      }
    } catch SematicError.canceled(let run) {
      System.say("the run \(run) was canceled")
      System.exit(WorkerOrder.isPresent(in: CommandLine.arguments) ? 0 : 1)
    } catch {
      System.say("error: \(error)")
      if let hint = (error as? SematicError)?.hint { System.say("\nhint: \(hint)") }
      System.exit(1)
    }
    // Not by the end of main: what the functions left running must not hold the container.
    System.exit(0)
  }
}
