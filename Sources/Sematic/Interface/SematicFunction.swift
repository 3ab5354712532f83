/// A step of a pipeline: a Swift function with a name, by which a worker finds it again.
///
/// ```swift
/// let train = SematicFunction("train") { (input: TrainInput) async throws -> Model in ... }
/// let model = try await train(TrainInput(epochs: 3))              // inside another function: a nested run
/// let result = try await train.with(TrainInput(epochs: 3)).resolve(with: LocalResolver())
/// ```
/// Each property of `Input` is an argument of its own in Sematic's UI; an `Input` that is not a structure is the argument
/// `input`.
public struct SematicFunction<Input: Codable & Sendable, Output: Codable & Sendable>: SematicCallable {
  /// The function as a worker finds and calls it.
  public let registration: Registration
  let body: @Sendable (Input) async throws -> Output

  /// A function of a pipeline.
  ///
  /// - Parameters:
  ///   - name: the name of the function in Sematic, unique in its module.
  ///   - description: the description in the UI.
  ///   - standalone: whether the function runs in a container of its own when the pipeline runs on Kubernetes. Elsewhere it
  ///     runs where it is called, as all others do.
  ///   - baseImageTag: the entry of `bases` in whose image a standalone function runs; nil: `default`. Functions that are
  ///     not standalone run in the image of their caller, as in Python.
  ///   - resources: what the container of a standalone function asks Kubernetes for.
  ///   - retry: when the function is run again after a failure; nil: never.
  ///   - tags: the tags of its runs, by which the UI finds them.
  ///   - file: the place of the function; the module is a part of its name.
  ///   - line: the line of the function.
  ///   - body: what the function does.
  public init(
    _ name: String, description: String? = nil, standalone: Bool = false, baseImageTag: String? = nil,
    resources: ResourceRequirements? = nil, retry: RetrySettings? = nil, tags: [String] = [],
    file: StaticString = #fileID,
    line: UInt = #line, _ body: @escaping @Sendable (Input) async throws -> Output
  ) {
    self.body = body
    var registration = Registration(
      name: name, description: description, place: "\(file):\(line)",
      returns: "(\(Input.self)) -> \(Output.self)"
    ) { arguments in
      let input = try await BlockingWork.shared.run { _ in try ValueDecoder.arguments(Input.self, from: arguments) }
      return try await Artifact.output(of: try await body(input))
    }
    registration.options = FunctionOptions(
      isStandalone: standalone, baseImageTag: baseImageTag, resources: resources, retry: retry, tags: tags)
    self.registration = registration
  }

  /// Runs the function as a step of the one that calls it: in the same process, or, if it is standalone and the pipeline
  /// runs on Kubernetes, in a container of its own.
  ///
  /// - Throws: what the function throws; from a container of its own a `SematicError` with the code `runFailed`, and the
  ///   name and the text of what was thrown there.
  public func callAsFunction(_ input: Input) async throws -> Output {
    guard let context = RunContext.current, let recorder = context.recorder else {
      return try await registration.options.retry.perform { try await body(input) }
    }
    let arguments = try await Artifact.arguments(of: input)
    let created = try RunRecord(registration, arguments: arguments, within: context)
    var run = try await BlockingWork.shared.run { _ in context.values.connected(created, arguments) }
    let containers = registration.options.isStandalone ? context.containers : nil
    if let containers { run.image = try registration.image(among: containers.images) }
    do {
      guard let containers else {
        let execution = Execution(
          run: run, recorder: recorder, containers: context.containers, retry: registration.options.retry,
          whenResolved: { context.values.add($0, $1) })
        return try await execution.perform(announce: true) { try await body(input) }
      }
      let step = StandaloneStep(function: registration, recorder: recorder, startLimit: containers.startLimit)
      let (value, ended) = try await step.perform(run)
      let output = try await ValueDecoder.output(Output.self, from: value)
      if value.text.count < 1 << 20 {
        context.values.add(ended, try await Artifact.output(of: output))
      } else if let artifact = ended.outputArtifact {
        context.values.add(ended, artifact: artifact, texts: [])
      }
      return output
    } catch {
      await context.failures.note(error)
      throw error
    }
  }

  /// The function with its input, for a resolver to run.
  public func with(_ input: Input) -> Pipeline<Output> {
    Pipeline(
      registration: registration, arguments: { try await Artifact.arguments(of: input) },
      body: { try await body(input) })
  }
}

/// The input of a function without one.
public struct NoInput: Codable, Hashable, Sendable {
  /// The only value.
  public init() {}
}

extension SematicFunction where Input == NoInput {
  /// A function without an input.
  public init(
    _ name: String, description: String? = nil, standalone: Bool = false, baseImageTag: String? = nil,
    resources: ResourceRequirements? = nil, retry: RetrySettings? = nil, tags: [String] = [],
    file: StaticString = #fileID,
    line: UInt = #line, _ body: @escaping @Sendable () async throws -> Output
  ) {
    self.init(
      name, description: description, standalone: standalone, baseImageTag: baseImageTag, resources: resources,
      retry: retry, tags: tags, file: file, line: line
    ) { (_: NoInput) in try await body() }
  }

  /// Runs the function as a step of the one that calls it.
  public func callAsFunction() async throws -> Output { try await callAsFunction(NoInput()) }

  /// Runs the function to its end, as the resolver says.
  public func resolve(with resolver: some Resolver) async throws -> PipelineResult<Output> {
    try await with(NoInput()).resolve(with: resolver)
  }

  /// Has the function scheduled on Kubernetes, and does not wait for it.
  @discardableResult
  public func schedule(with resolver: CloudResolver) async throws -> PipelineRun {
    try await with(NoInput()).schedule(with: resolver)
  }
}

/// A function of any type, as a program lists it.
public protocol SematicCallable: Sendable {
  /// The function as a worker finds and calls it.
  var registration: Registration { get }
}
