import SematicAssembly
import SematicConfiguration
import SematicELF
import SematicFiles
import SematicOCI
import SematicSystem

/// What one verb works on: a pipeline and its built products.
struct PipelineJob {
  let session: Session
  let workspace: Workspace
  let pipeline: PipelineConfiguration
  /// The launch program, or what comes along with a script.
  let programs: [ImageProgram]

  var console: Console { session.console }
  var options: PipelineOptions { session.options }

  init(_ session: Session) throws {
    self.session = session
    let context = try session.pluginContext()
    workspace = try Workspace(options: session.options, context: context)
    let found = try Self.find(session, context, workspace)
    pipeline = found.pipeline
    let executable = session.options.executable.map { FileTree.absolute($0) }
    let searches = Self.searches(session.options, workspace)
    let artifacts = try session.timings.measure("product") {
      if let file = session.options.pluginContext, executable == nil {
        return try ProductArtifacts.list(contextFile: file)
      }
      let paths =
        try executable.map { [$0] }
        ?? found.pipeline.products.map { try found.build.executable(of: $0, debug: session.options.debug) }
      return try paths.map { path in
        try ProductArtifacts.besides(
          executable: path, package: .init(name: found.packageName, directory: found.folder),
          searches: searches)
      }
    }
    programs = try artifacts.map { try ImageProgram($0) }
  }

  /// Where it is kept what was found in programs; nil where nothing is to be kept.
  static func searches(_ options: PipelineOptions, _ workspace: Workspace) -> FileSearchCache? {
    options.dryRun || options.noCache ? nil : FileSearchCache(folder: workspace.searches)
  }

  /// Of the programs; without any, this machine's.
  func ownPlatform() throws -> Platform {
    if let name = try programs.first?.libraries.executable.platformName { return try Platform(name) }
    #if arch(arm64)
      return Platform(architecture: "arm64")
    #else
      return Platform(architecture: "amd64")
    #endif
  }

  /// Reads the arguments and the pipeline file, and builds nothing.
  static func loadPipeline(_ session: Session) throws -> PipelineConfiguration {
    let context = try session.pluginContext()
    return try find(session, context, Workspace(options: session.options, context: context)).pipeline
  }

  private struct Found {
    let pipeline: PipelineConfiguration
    let packageName: String
    let folder: String
    let build: SwiftBuild
  }

  private static func find(_ session: Session, _ context: PluginContext?, _ workspace: Workspace) throws -> Found {
    let options = session.options
    let folder = workspace.package ?? FileTree.currentDirectory()
    let build = SwiftBuild(package: folder, scratch: nil, console: session.console, signals: session.signals)
    var name = context?.package.name
    var products = context?.executableProducts
    let executable = options.executable.map { FileTree.name(of: $0) }
    if executable != nil {
      name = name ?? executable
      products = nil
    } else if context == nil {
      let description = try build.describe()
      name = description.name
      products = description.executableProducts
    }
    let packageName = name ?? FileTree.name(of: folder)
    let file = try PipelineFile.load(
      package: folder, packageName: packageName, executableProducts: products, builtinDescriptors: Templates.folder)
    // Without a file, an executable that was named is the pipeline.
    let unnamed = file.pipelineNames.isEmpty ? executable : nil
    let pipeline = try file.pipeline(named: options.pipeline ?? unnamed, overrides: options.settings.overrides)
    return Found(pipeline: pipeline, packageName: packageName, folder: folder, build: build)
  }
}
