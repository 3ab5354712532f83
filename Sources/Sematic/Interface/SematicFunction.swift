/// A step of a pipeline: a Swift function with a name, by which a worker finds it again.
///
/// ```swift
/// let train = SematicFunction("train") { (input: TrainInput) async throws -> Model in Model() }
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
  ///   - cache: whether an output that is recorded for the same arguments is used again, where the resolver has a
  ///     `cacheNamespace`. Only for functions that always return the same for the same arguments.
  ///   - timeout: the time that each attempt may take, with all of its steps: then its task is canceled, and its container is
  ///     ended; nil: as long as it takes.
  ///   - file: the place of the function; the module is a part of its name.
  ///   - filePath: the file whose text is shown as the function's source, where it can be read.
  ///   - line: the line of the function.
  ///   - body: what the function does.
  public init(
    _ name: String, description: String? = nil, standalone: Bool = false, baseImageTag: String? = nil,
    resources: ResourceRequirements? = nil, retry: RetrySettings? = nil, tags: [String] = [],
    cache: Bool = false, timeout: Duration? = nil, file: StaticString = #fileID, filePath: StaticString = #filePath,
    line: UInt = #line,
    _ body: @escaping @Sendable (Input) async throws -> Output
  ) {
    self.body = body
    var registration = Registration(
      name: name, description: description, place: "\(file):\(line)", file: "\(filePath)",
      line: Int(clamping: line), returns: "(\(Input.self)) -> \(Output.self)", output: Output.self
    ) { arguments in
      let input = try await BlockingWork.shared.run { _ in try ValueDecoder.arguments(Input.self, from: arguments) }
      return try await Artifact.output(of: try await body(input))
    }
    registration.options = FunctionOptions(
      isStandalone: standalone, baseImageTag: baseImageTag, resources: resources, retry: retry, tags: tags,
      isCached: cache, timeLimit: timeout.map { [path = registration.path] in TimeLimit(duration: $0, function: path) })
    registration.shapeFaults = {
      ShapeInspection.faults(of: Input.self, at: name + ".input")
        + ShapeInspection.faults(of: Output.self, at: name + ".output")
    }
    self.registration = registration
  }

  private init(registration: Registration, body: @escaping @Sendable (Input) async throws -> Output) {
    self.registration = registration
    self.body = body
  }

  /// The same function with other options for the runs that it is called for, as `set` in Python.
  ///
  /// ```swift
  /// let loss = try await fit.setting(name: "fit, fold 3", tags: ["fold-3"])(samples)
  /// ```
  /// - Parameters:
  ///   - name: the name of its runs in the UI.
  ///   - standalone: whether it runs in a container of its own.
  ///   - resources: what the container of a standalone function asks Kubernetes for.
  ///   - tags: the tags of its runs.
  ///   - cache: whether an output that is recorded for the same arguments is used again.
  ///   - timeout: the time that each attempt may take.
  /// - Returns: the function; options that are nil are as they were.
  public func setting(
    name: String? = nil, standalone: Bool? = nil, resources: ResourceRequirements? = nil, tags: [String]? = nil,
    cache: Bool? = nil, timeout: Duration? = nil
  ) -> SematicFunction {
    var registration = registration
    if let name { registration.options.name = name }
    if let standalone { registration.options.isStandalone = standalone }
    if let resources { registration.options.resources = resources }
    if let tags { registration.options.tags = tags }
    if let cache { registration.options.isCached = cache }
    if let timeout { registration.options.timeLimit = TimeLimit(duration: timeout, function: registration.path) }
    return SematicFunction(registration: registration, body: body)
  }

  /// Runs the function as a step of the one that calls it: in the same process, or, if it is standalone and the pipeline
  /// runs on Kubernetes, in a container of its own.
  ///
  /// - Throws: what the function throws; from a container of its own a `SematicError` with the code `runFailed`, and the
  ///   name and the text of what was thrown there.
  public func callAsFunction(_ input: Input) async throws -> Output {
    guard let context = RunContext.current else {
      return try await registration.options.perform { try await body(input) }
    }
    let arguments = try await Artifact.arguments(of: input)
    let created = try await RunRecord.made(registration, arguments: arguments, within: context)
    let counterpart = context.pipeline.earlier?.counterpart(of: created, in: context.earlier)
    var run = created
    if counterpart?.isDone != true || counterpart?.isOwn != true {
      run = try await BlockingWork.shared.run { _ in context.values.connected(created, arguments) }
    }
    run.cacheKey = context.pipeline.cacheKey(of: run, registration)
    let options = registration.options
    let containers = options.isStandalone ? context.pipeline.containers : nil
    if let containers { run.image = try registration.image(among: containers.images) }
    do {
      let execution = Execution(
        run: run, pipeline: context.pipeline, retry: options.retry, timeLimit: options.timeLimit,
        counterpart: counterpart, whenResolved: { context.values.add($0, $1) })
      if let done = try await execution.reuse({ try await ValueDecoder.output(Output.self, from: $0) }) {
        try await note(done.output, done.value, of: done.run, in: context)
        return done.output
      }
      guard let containers else { return try await execution.perform(announce: true) { try await body(input) } }
      let step = StandaloneStep(
        function: registration, recorder: context.pipeline.recorder, containers: containers)
      let (value, ended) = try await step.perform(run)
      let output = try await ValueDecoder.output(Output.self, from: value)
      try await note(output, value, of: ended, in: context)
      return output
    } catch {
      await context.failures.note(error)
      throw error
    }
  }

  /// Notes an output that was read from the server, to see where it is handed on.
  private func note(_ output: Output, _ value: JSONNode, of run: RunRecord, in context: RunContext) async throws {
    if value.text.count < 1 << 20 {
      context.values.add(run, try await Artifact.output(of: output))
    } else if let artifact = run.outputArtifact {
      context.values.add(run, artifact: artifact, texts: [])
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
///
/// ```swift
/// let count = SematicFunction("count") { 3 }
/// let three = try await count.with(NoInput()).resolve(with: LocalResolver()).output
/// ```
public struct NoInput: Codable, Hashable, Sendable {
  /// The only value.
  public init() {}
}

extension SematicFunction where Input == NoInput {
  /// A function without an input.
  public init(
    _ name: String, description: String? = nil, standalone: Bool = false, baseImageTag: String? = nil,
    resources: ResourceRequirements? = nil, retry: RetrySettings? = nil, tags: [String] = [],
    cache: Bool = false, timeout: Duration? = nil, file: StaticString = #fileID, filePath: StaticString = #filePath,
    line: UInt = #line,
    _ body: @escaping @Sendable () async throws -> Output
  ) {
    self.init(
      name, description: description, standalone: standalone, baseImageTag: baseImageTag, resources: resources,
      retry: retry, tags: tags, cache: cache, timeout: timeout, file: file, filePath: filePath, line: line
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

/// A function of any type, as a program lists it: only `SematicFunction` is one.
///
/// ```swift
/// let functions: [any SematicCallable] = [train, fit]
/// ```
public protocol SematicCallable: Sendable {
  /// The function as a worker finds and calls it.
  var registration: Registration { get }
}
