/// A step of a pipeline: a Swift function with a name, by which a worker finds it again.
///
/// ```swift
/// let train = SematicFunction("train") { (input: TrainInput) async throws -> Model in ... }
/// let model = try await train(TrainInput(epochs: 3))              // inside another function: a nested run
/// let result = try await train.with(TrainInput(epochs: 3)).resolve(with: CloudResolver())
/// ```
/// Each property of `Input` is an argument of its own in Sematic's UI; an `Input` that is no structure is the argument
/// `input`. Values are those of Sematic's Python client: numbers, Bool, String, arrays, dictionaries, optionals,
/// structures (Python's dataclasses) and enumerations with String values.
public struct SematicFunction<Input: Codable & Sendable, Output: Codable & Sendable>: SematicCallable {
  /// How a worker finds and calls it.
  public let registration: Registration
  let body: @Sendable (Input) async throws -> Output

  /// - Parameters:
  ///   - name: how the function is called in Sematic, unique in its module.
  ///   - description: what the UI says about it.
  ///   - standalone: whether it runs in a container of its own when the pipeline runs on Kubernetes. Elsewhere it runs
  ///     where it is called, as all others do.
  ///   - baseImageTag: the entry of `bases` whose image a standalone function runs in; `default` unless given. What is
  ///     not standalone runs in the image of its caller, as in Python.
  ///   - resources: what the container of a standalone function asks of Kubernetes.
  ///   - retry: when it is run again after it failed.
  ///   - file: where it stands: its module is a part of its name.
  public init(
    _ name: String, description: String? = nil, standalone: Bool = false, baseImageTag: String? = nil,
    resources: ResourceRequirements? = nil, retry: RetrySettings? = nil, file: StaticString = #fileID,
    line: UInt = #line, _ body: @escaping @Sendable (Input) async throws -> Output
  ) {
    self.body = body
    var registration = Registration(
      name: name, description: description, place: "\(file):\(line)",
      returns: "(\(Input.self)) -> \(Output.self)"
    ) { arguments in
      let input = try ValueDecoder.arguments(Input.self, from: arguments)
      return try PythonValue.top(try await body(input))
    }
    registration.settings = Registration.Settings(
      isStandalone: standalone, baseImageTag: baseImageTag, resources: resources, retry: retry)
    self.registration = registration
  }

  /// Runs the function as a step of the one that calls it, and recorded as its child: in the same process, or on
  /// Kubernetes in a container of its own if it is standalone.
  ///
  /// - Throws: what the function throws; for a container of its own `SematicError.runFailed` with the name and the text of
  ///   that, `SematicError.unknownTag`, `SematicError.stepNotStarted`, `SematicError.canceled`.
  public func callAsFunction(_ input: Input) async throws -> Output {
    guard let context = RunContext.current, let recorder = context.recorder else {
      return try await registration.settings.retry.perform { try await body(input) }
    }
    var run = try Run.new(registration, arguments: PythonValue.arguments(input), within: context)
    let containers = registration.settings.isStandalone ? context.containers : nil
    if let containers { run.image = try registration.image(among: containers.images) }
    do {
      guard let containers else {
        let execution = Execution(
          run: run, recorder: recorder, containers: context.containers, retry: registration.settings.retry)
        return try await execution.perform(announce: true) { try await body(input) }
      }
      let step = StandaloneStep(function: registration, recorder: recorder, startLimit: containers.startLimit)
      let value = try await step.perform(run)
      return try ValueDecoder.top(Output.self, from: value)
    } catch {
      await context.failures.note(error)
      throw error
    }
  }

  /// The function with its input, for a resolver to run.
  public func with(_ input: Input) -> Pipeline<Output> {
    Pipeline(
      registration: registration, arguments: { try PythonValue.arguments(input) }, body: { try await body(input) })
  }
}

/// The input of a function that has none.
public struct NoInput: Codable, Hashable, Sendable {
  /// The one value.
  public init() {}
}

extension SematicFunction where Input == NoInput {
  /// A function without an input.
  public init(
    _ name: String, description: String? = nil, standalone: Bool = false, baseImageTag: String? = nil,
    resources: ResourceRequirements? = nil, retry: RetrySettings? = nil, file: StaticString = #fileID,
    line: UInt = #line, _ body: @escaping @Sendable () async throws -> Output
  ) {
    self.init(
      name, description: description, standalone: standalone, baseImageTag: baseImageTag, resources: resources,
      retry: retry, file: file, line: line
    ) { (_: NoInput) in try await body() }
  }

  /// Runs the function as a step of the one that calls it.
  public func callAsFunction() async throws -> Output { try await callAsFunction(NoInput()) }

  /// Runs it where the resolver says.
  public func resolve(with resolver: any Resolver) async throws -> PipelineResult<Output> {
    try await with(NoInput()).resolve(with: resolver)
  }
}

/// A function of any type, as a program lists it.
public protocol SematicCallable: Sendable {
  /// How a worker finds and calls it.
  var registration: Registration { get }
}

/// A function with its input: what a resolver resolves.
public struct Pipeline<Output: Codable & Sendable>: Sendable {
  let registration: Registration
  let arguments: @Sendable () throws -> [String: PythonValue]
  let body: @Sendable () async throws -> Output

  /// Runs it where the resolver says.
  public func resolve(with resolver: any Resolver) async throws -> PipelineResult<Output> {
    try await resolver.resolve(self)
  }
}
