import SematicLaunch

/// A function as a worker finds it by its path, and calls it.
///
/// ```swift
/// print(train.registration.path)  // Training.train
/// ```
public struct Registration: Sendable {
  /// `Module.name`.
  public let path: String
  let name: String
  let description: String?
  let source: FunctionSource
  var options = FunctionOptions()
  /// The type of what it returns.
  let output: any (Codable & Sendable).Type
  /// What can never be recorded of its input and its output.
  var shapeFaults: @Sendable () -> [ShapeFault] = { [] }
  let call: @Sendable (_ arguments: [String: JSONNode]) async throws -> Artifact

  init(
    name: String, description: String?, place: String, file: String = "", line: Int = 0, returns: String,
    output: any (Codable & Sendable).Type,
    call: @escaping @Sendable ([String: JSONNode]) async throws -> Artifact
  ) {
    self.name = name
    self.description = description
    self.output = output
    self.call = call
    path = "\(place.prefix { $0 != "/" }).\(name)"
    source = FunctionSource(place: place, signature: returns, file: file, line: line, name: name)
  }

  /// The image of a function that runs in a container of its own.
  /// - Throws: `SematicError.unknownTag`.
  func image(among images: [String: String]) throws -> String {
    let tag = options.baseImageTag ?? ContainerImages.defaultTag
    guard let image = images[tag] else {
      throw SematicError.unknownTag(tag, function: path, known: images.keys.sorted())
    }
    return image
  }
}

extension Registration {
  /// The functions of the program, where it is a `SematicProgram`.
  @TaskLocal static var all: [Registration] = []

  /// Refuses functions whose values can never be recorded, before anything is.
  ///
  /// - Throws: `SematicError.unsupportedType`.
  static func check(_ functions: [Registration]) throws {
    let faults = functions.flatMap { $0.shapeFaults() }
    if !faults.isEmpty { throw SematicError.unsupportedTypes(faults) }
  }
}

/// How a function is to be run.
struct FunctionOptions: Sendable {
  var isStandalone = false
  var baseImageTag: String?
  var resources: ResourceRequirements?
  var retry: RetrySettings?
  var tags: [String] = []
  /// The name of its runs, where it is not that of the function.
  var name: String?
  var isCached = false
  var timeLimit: TimeLimit?

  /// Runs the body as often as it has to, without recording anything.
  func perform<Output: Sendable>(_ body: @escaping @Sendable () async throws -> Output) async throws -> Output {
    try await retry.perform {
      guard let timeLimit else { return try await body() }
      return try await timeLimit.perform(body)
    }
  }
}
