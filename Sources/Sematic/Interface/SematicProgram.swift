/// A program that launches pipelines, and runs their functions when Sematic starts it in a container.
///
/// ```swift
/// @main struct Training: SematicProgram {
///   static let train = SematicFunction("train") { (input: TrainInput) async throws -> Model in Model() }
///   static let functions: [any SematicCallable] = [train]
///
///   static func launch() async throws {
///     let pipeline = train.with(TrainInput(epochs: 3))
///     if hasContainerImage() {
///       try await pipeline.schedule(with: CloudResolver())
///     } else {
///       print(try await pipeline.resolve(with: LocalResolver()).output)
///     }
///   }
/// }
/// ```
public protocol SematicProgram {
  /// The functions of the program, which a worker can be asked to run.
  static var functions: [any SematicCallable] { get }
  /// Launches a pipeline, when a person starts the program.
  static func launch() async throws
}

extension SematicProgram {
  /// Runs the function that Sematic names in the arguments, or else `launch`.
  public static func main() async {
    do {
      if let order = try WorkerOrder(arguments: Array(CommandLine.arguments.dropFirst())) {
        try await Worker(functions: functions.map(\.registration), environment: System.environment()).perform(order)
      } else {
        let functions = functions.map(\.registration)
        try Registration.check(functions)
        try await Registration.$all.withValue(functions) { try await launch() }
      }
    } catch let error as SematicError where error.code == .canceled {
      System.say("\(error)")
      System.exit(WorkerOrder.isPresent(in: CommandLine.arguments) ? 0 : 1)
    } catch {
      System.say("error: \(error)")
      if let hint = (error as? SematicError)?.hint { System.say("\nhint: \(hint)") }
      System.exit(1)
    }
    // Tasks that the functions have left running must not hold the container.
    System.exit(0)
  }
}
