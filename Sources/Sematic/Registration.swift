import SematicLaunch

/// What a worker needs to find a function by its name and to call it.
public struct Registration: Sendable {
  /// `Module.name`.
  public let path: String
  let name: String
  let description: String?
  /// Sematic shows a function's source; a program has only its place.
  let source: String
  var settings = Settings()
  let call: @Sendable (_ arguments: [String: JSON]) async throws -> PythonValue

  /// How a function is to be run.
  struct Settings: Sendable {
    var isStandalone = false
    var baseImageTag: String?
    var resources: ResourceRequirements?
    var retry: RetrySettings?
  }

  init(
    name: String, description: String?, place: String, returns: String,
    call: @escaping @Sendable ([String: JSON]) async throws -> PythonValue
  ) {
    self.name = name
    self.description = description
    self.call = call
    path = "\(place.prefix { $0 != "/" }).\(name)"
    source = "// \(place)\n// \(returns)"
  }

  /// The image of a function that runs in a container of its own.
  /// - Throws: `SematicError.unknownTag`.
  func image(among images: [String: String]) throws -> String {
    let tag = settings.baseImageTag ?? ContainerImages.defaultTag
    guard let image = images[tag] else {
      throw SematicError.unknownTag(tag, function: path, known: images.keys.sorted())
    }
    return image
  }
}

extension Registration {
  /// Those of the program, where it is a `SematicProgram`.
  @TaskLocal static var all: [Registration] = []
}
