/// What the steps of one pipeline share in a process.
struct PipelineContext: Sendable {
  let recorder: Recorder
  /// Where steps can have containers of their own: on Kubernetes.
  var containers: StepContainers?
  /// The name of the cache for functions that have one; nil: nothing is cached.
  var cacheNamespace: String?
  /// The runs of an earlier execution, whose outputs are used again.
  var earlier: RerunDecision?
  private let rootPath: Locked<String?>

  /// - Parameter rootPath: the path of the outermost function, where it is known.
  init(
    recorder: Recorder, containers: StepContainers? = nil, cacheNamespace: String? = nil,
    earlier: RerunDecision? = nil, rootPath: String? = nil
  ) {
    self.recorder = recorder
    self.containers = containers
    self.cacheNamespace = cacheNamespace
    self.earlier = earlier
    self.rootPath = Locked(rootPath)
  }

  /// The path of the function of the root run, which is read once.
  func functionPath(ofRoot root: String) async throws -> String {
    if let known = rootPath.withLock({ $0 }) { return known }
    let path = try await recorder.run(root).functionPath
    rootPath.withLock { $0 = path }
    return path
  }

  /// The key of a run in the cache; nil where its function is not to be cached.
  func cacheKey(of run: RunRecord, _ function: Registration) -> String? {
    guard function.options.isCached, let cacheNamespace else { return nil }
    return CacheKey.text(function, run.inputArtifacts, namespace: cacheNamespace)
  }
}
