import SematicELF
import SematicFiles
import SematicOCI

/// The plan of an image: which files in which layers above which base, and which settings.
///
/// Making it reads the state of files, and writes nothing.
package struct ImagePlan: Equatable, Sendable {
  package enum Base: Equatable, Sendable {
    case image(ImageConfiguration)
    /// Nothing: the image has to hold all that the program needs.
    case scratch
  }

  /// Docker's limit of layers: https://github.com/moby/moby/blob/v27.0.0/layer/layer_store.go
  static let mostLayers = 127

  /// The platform: the base's, or the program's above `scratch`.
  package let platform: Platform
  /// Our layers, lowest first.
  package let layers: [LayerPlan]
  /// Variables as `NAME=value`: the base's in their order, then ours by name.
  package let environment: [String]
  package let entrypoint: [String]
  package let user: String?
  package let workingDirectory: String
  package let labels: [String: String]
  package let annotations: [String: String]
  package let created: CreationTime
  private let overlay: ImageOverlay
  private let isAboveBase: Bool
  /// Versions of the C and C++ libraries that a base has to have at least: `GLIBC_2.35`.
  package let requiredVersions: [String]
  /// Sentences for the user about what the image has of this machine.
  package let notes: [String]
  /// Sentences for the user about what may not work in the image.
  package let warnings: [String]

  /// - Parameters:
  ///   - wanted: the platform that was asked for.
  ///   - baseSystem: what is known of the base's files.
  /// - Throws: `ImagePlanError`, `ElfError`, `FileError`.
  package init(
    _ launch: ImageLaunch, settings: ImageSettings, base: Base, wanted: Platform? = nil,
    baseSystem: BaseSystem? = nil, system: MachineSystem = .here
  ) throws {
    let configuration: ImageConfiguration? = if case .image(let value) = base { value } else { nil }
    for program in launch.programs {
      let (name, own) = (program.artifacts.product, try Platform(program.libraries.executable.platformName))
      try Self.check(name: name)
      if let wanted { try Self.check(own, fits: wanted, program: name, other: "the platform that was asked for") }
      if let configuration {
        try Self.check(own, fits: configuration.platform, program: name, other: "the base image")
      }
    }
    if configuration == nil {
      if case .worker = launch { throw ImagePlanError(.noPython("the script")) }
      if settings.pythonPackages != nil { throw ImagePlanError(.noPython("the requirements")) }
    }
    let closures = launch.programs.map(\.libraries)
    guard let platform = try configuration?.platform ?? (closures.first?.executable.platformName).map(Platform.init)
    else {
      throw ImagePlanError(.noPython("the script"))
    }
    self.platform = platform
    // A script's own folder, whatever the base has: its files are found by their paths in it.
    var isScript = false
    if case .worker = launch { isScript = true }
    workingDirectory = try Self.workingDirectory(settings, isScript ? nil : configuration)

    var planner = LayerPlanner()
    try Self.addPrograms(launch.programs, stripped: !settings.keepsDebugInformation, to: &planner)
    let libraries = closures.map {
      ImageLibraries($0, base: (configuration != nil, !settings.bringsSystemLibraries), baseSystem)
    }
    for program in libraries {
      try Self.addLibraries(program, stripped: !settings.keepsDebugInformation, to: &planner)
    }
    entrypoint = try Self.addEntrypoint(
      launch, in: workingDirectory, aboveBase: configuration != nil, to: &planner)
    var ofPackages: [String] = []
    if let folder = settings.pythonPackages {
      let files = try FolderFiles.list(folder, at: WorkerFolders.packages)
      try planner.add(files, to: .requirements, owner: "the requirements")
      ofPackages = ImageLibraries.versions(neededBy: files, on: platform)
    }
    // Runtimes create a working directory that is not there; one of the base's keeps its owner and mode.
    let folder = String(FileTree.absolute(workingDirectory).dropFirst())
    if !folder.isEmpty, configuration == nil || folder == WorkerFolders.application {
      let owner = settings.user.flatMap {
        configuration == nil ? ImageAccount($0).owner : ImageAccount.owner(byNumbers: $0)
      }
      // Where the script is started anybody who starts it can write; but nobody may replace what is there.
      let mode = isScript ? 0o1777 : WorkerFolders.mode(of: folder)
      let file = PlannedFile(path: folder, content: .directory, mode: mode, owner: owner ?? .root)
      try planner.add(file, to: .program, owner: "the working directory")
    }
    try Self.addData(settings, in: workingDirectory, aboveBase: configuration != nil, to: &planner)
    try Self.addSystemItems(
      settings.systemItems, in: workingDirectory, architecture: platform.architecture,
      aboveBase: configuration != nil, system, to: &planner)
    var (notes, warnings): ([String], [String]) = ([], [])
    var system = system
    system.bringsOwnCertificates = settings.bringsOwnCertificates
    if configuration == nil {
      try system.addFiles(account: settings.user.map(ImageAccount.init), to: &planner)
    }
    for program in libraries {
      if configuration == nil {
        try system.add(program.closure, to: &planner)
        if settings.systemItems.isEmpty { notes += try system.hints(for: program.closure) }
      } else {
        if let baseSystem { try program.check(baseSystem) }
        warnings += program.warnings(baseSystem)
      }
      if configuration == nil || settings.bringsSystemLibraries {
        warnings += try system.addData(
          for: program, aboveBase: configuration != nil, baseSystem, to: &planner, notes: &notes)
      }
      warnings += Self.warningsAboutRuntimeLoaded(program.closure)
    }
    if configuration == nil || settings.bringsSystemLibraries {
      try Self.addRuntimeLoaded(closures, system, aboveBase: configuration != nil, to: &planner, notes: &notes)
    }
    let hasBacktracer =
      try settings.printsBacktraces
      && system.addBacktracer(for: closures, aboveBase: configuration != nil, to: &planner)
    (self.notes, self.warnings) = (notes, warnings)
    requiredVersions = configuration == nil ? [] : ImageLibraries.requiredVersions(of: libraries, and: ofPackages)
    let baseLayers = configuration?.diffIDs.count ?? 0
    layers = try planner.layers(isWhole: configuration == nil, limit: settings.layerSize, above: baseLayers)
    guard baseLayers + layers.count <= Self.mostLayers else {
      throw ImagePlanError(.tooManyLayers(base: baseLayers, own: layers.count))
    }

    var overlay = Self.overlay(
      settings, launch, in: workingDirectory, libraries: libraries, hasBacktracer: hasBacktracer)
    overlay.needs = requiredVersions
    environment = overlay.variables(above: configuration)
    (self.overlay, isAboveBase) = (overlay, configuration != nil)
    user = settings.user ?? configuration?.user
    labels = (configuration?.labels ?? [:]).merging(settings.labels) { $1 }
    annotations = settings.annotations
    created = settings.created
  }

  /// The image of the plan: the base with the layers that were made of `self.layers`.
  package func apply(to base: Image, layers: [Layer]) throws -> Image {
    let image = base.appending(layers, created: created).configured { configuration in
      configuration.environment = environment
      configuration.entrypoint = entrypoint
      // The base's would come after our entrypoint as arguments.
      configuration.command = []
      configuration.user = user
      configuration.workingDirectory = workingDirectory
      configuration.labels = labels
    }
    let record = isAboveBase ? try overlay.annotation(layers: layers.count) : [:]
    return image.annotated(record.merging(annotations) { $1 })
  }

  private static func check(_ own: Platform, fits other: Platform, program: String, other name: String) throws {
    // Variants of the other processors (amd64/v3) only say what the base's own programs need.
    let wanted = own.architecture == "arm" ? other : Platform(os: other.os, architecture: other.architecture)
    guard own.satisfies(wanted) else {
      throw ImagePlanError(.platform(program: program, is: own, other: name, wanted: other))
    }
  }

  private static func check(name: String) throws {
    let problem: String? =
      switch name {
      case "": "it is empty"
      case ".", "..": "it is a folder's"
      case _ where name.contains("/"): "it has a slash"
      case _ where name.utf8.contains(0): "it has a zero byte"
      default: nil
      }
    if let problem { throw ImagePlanError(.name(name, problem: problem)) }
  }

  private static func workingDirectory(
    _ settings: ImageSettings, _ configuration: ImageConfiguration?
  ) throws -> String {
    if let path = settings.workingDirectory {
      guard path.hasPrefix("/"), !path.utf8.contains(0) else { throw ImagePlanError(.workingDirectory(path)) }
      return FileTree.absolute(path)
    }
    guard let path = configuration?.workingDirectory, path != "/" else { return "/\(WorkerFolders.application)" }
    return path.hasPrefix("/") ? path : "/" + path
  }
}
