import SematicAssembly
import SematicConfiguration
import SematicELF
import SematicFiles
import SematicOCI
import SematicSystem

/// The inputs of a verb: the pipeline that was asked for, and its built programs.
///
/// A class, as other large values here: where a struct of this size is held or handed on, the code that copies it is more than
/// all else, and has to be compiled.
final class PipelineInputs {
  let session: Session
  let workspace: Workspace
  let pipeline: PipelineConfiguration
  /// The built products of each platform, at least one.
  let products: [PlatformProducts]

  /// The launch program, or the executables that come along with a script: those that run on this machine, if there are.
  var artifacts: [ProductArtifacts] {
    let own = products.first { $0.artifacts.allSatisfy { !HostProgram.isForeign($0.executable) } }
    return (own ?? products.first)?.artifacts ?? []
  }

  var console: Console { session.console }
  var options: VerbOptions { session.options }
  var state: StateFolder { workspace.state }

  /// - Parameter beforeBuild: called before anything is built, unless the plugin's question was answered with it.
  convenience init(_ session: Session, beforeBuild: (FoundPipeline) throws -> Void = { _ in }) throws {
    let found = try FoundPipeline.find(session)
    try self.init(session, found[0], among: found, beforeBuild)
  }

  /// All pipelines that were asked for.
  static func all(
    _ session: Session, beforeBuild: (FoundPipeline) throws -> Void = { _ in }
  ) throws -> [PipelineInputs] {
    let found = try FoundPipeline.find(session)
    return try found.enumerated().map { try PipelineInputs(session, $1, among: $0 == 0 ? found : [], beforeBuild) }
  }

  /// - Parameter all: the pipelines that are to be looked at before anything is built.
  private init(
    _ session: Session, _ found: FoundPipeline, among all: [FoundPipeline],
    _ beforeBuild: (FoundPipeline) throws -> Void
  ) throws {
    self.session = session
    if let refusal = found.refusal { throw refusal }
    for one in all {
      _ = try one.productPlan(session)
      if session.options.pluginContext == nil { try beforeBuild(one) }
    }
    workspace = found.workspace
    pipeline = found.pipeline
    if !all.isEmpty {
      if let warning = found.warning { session.console.warn(warning) }
      if session.options.dryRun {
        workspace.state.share()
      } else {
        let freed = workspace.state.use(limit: pipeline.cacheSize?.bytes ?? StateFolder.defaultLimit)
        if freed > 0 {
          session.console.say("removed \(ByteCount(freed)) that were not used for long from \(workspace.state.path)")
        }
      }
    }
    products = try session.timings.measure("product") { try found.products(session) }
  }

  /// The caches of what was found in programs; nil where nothing is to be kept.
  var searches: FileSearchCache? { FileSearchCache(session, state) }

  var productMissing: FileError {
    FileError("find the built product", pipeline.product ?? pipeline.name, reason: "SwiftPM was not asked to build it")
  }
}

/// The pipeline as the arguments and the pipeline file say it, before anything is built.
final class FoundPipeline {
  let workspace: Workspace
  let pipeline: PipelineConfiguration
  /// What there is to say of it before it is used.
  let warning: String?
  let refusal: PluginContext.Refusal?
  /// The launch program's own files in Swift, as far as they are known.
  let sources: [String]
  let build: SwiftBuild

  private init(
    _ workspace: Workspace, _ pipeline: PipelineConfiguration, warning: String?, refusal: PluginContext.Refusal?,
    sources: [String], build: SwiftBuild
  ) {
    (self.workspace, self.pipeline, self.warning) = (workspace, pipeline, warning)
    (self.refusal, self.sources, self.build) = (refusal, sources, build)
  }

  /// The pipeline that was asked for, or all; never none.
  static func find(_ session: Session) throws -> [FoundPipeline] {
    let options = session.options
    let context = try session.pluginContext()
    let package = try context?.package(for: options)
    let workspace = try Workspace(options: options, package: package, workDirectory: context?.workDirectory)
    let warning = package.flatMap { context?.versionWarning(for: $0) }
    let folder = workspace.folder
    let build = SwiftBuild(package: folder, scratch: nil, console: session.console, signals: session.signals)
    var name = package?.name
    var products = package?.executableProducts
    var sources = package?.sources ?? [:]
    let executable = options.executables.first.map { FileTree.name(of: $0.path) }
    // Those of single platforms stand beside the package's product, where there is a package.
    let isWhole = executable != nil && (options.executables[0].platform == nil || !Workspace.isSwift(folder))
    if isWhole {
      name = name ?? executable
      products = nil
    } else if package == nil, !Workspace.isSwift(folder) {
      products = []
    } else if package == nil {
      let description = try build.describe()
      name = description.name
      products = description.executableProducts
      sources = description.sources
    }
    let packageName = name ?? FileTree.name(of: folder)
    func load(_ products: [String]?) throws -> PipelineFile {
      try PipelineFile.load(
        package: folder, packageName: packageName, executableProducts: products, builtinDescriptors: Templates.folder)
    }
    var file = try load(products)
    if let products, products.count > 1, options.pipeline == nil, file.pipelineNames == products.sorted() {
      // Every executable is a pipeline, but a plugin's tool is not meant to be one.
      let tools = (try? build.toolsOfPlugins()) ?? []
      if !tools.isDisjoint(with: products) { file = try load(products.filter { !tools.contains($0) }) }
    }
    // Without a file, an executable that was named is the pipeline.
    let unnamed = file.pipelineNames.isEmpty ? executable : nil
    let overrides = session.imageOptions?.settings.overrides ?? Overrides()
    let names: [String?] =
      session.command.takesAll && !file.pipelineNames.isEmpty ? file.pipelineNames : [options.pipeline ?? unnamed]
    let pipelines = try names.map { try file.pipeline(named: $0, overrides: overrides) }
    try SharedTag.check(pipelines)
    return pipelines.map { pipeline in
      FoundPipeline(
        workspace, pipeline, warning: warning, refusal: context?.refusal,
        sources: options.executables.isEmpty ? pipeline.product.flatMap { sources[$0] } ?? [] : [], build: build)
    }
  }
}

/// A product that was built for another system than Linux.
struct UnfitProgram: ExplainedError {
  let error: ElfError
  /// A Swift SDK for Linux that is installed.
  let sdk: String?

  var description: String { "\(error)" }

  var hint: String? {
    let command = Invocation.isVerb ? Invocation.line : LaunchEnvironment.shellLine(CommandLine.arguments)
    let start = Invocation.isVerb ? "swift package " : CommandLine.arguments.prefix(2).joined(separator: " ") + " "
    let remedy = command.replacing(
      start, with: "\(start)--swift-sdk \(sdk ?? "x86_64-swift-linux-musl") ", maxReplacements: 1)
    return sdk == nil
      ? "install the Swift SDK for static Linux programs, https://www.swift.org/documentation/articles/static-linux-getting-started.html, and build with it: `\(remedy)`"
      : "build it with the Swift SDK that is installed: `\(remedy)`"
  }
}

extension ElfError {
  var isNotElf: Bool { if case .notElf = reason { true } else { false } }
}

extension FileSearchCache {
  init?(_ session: Session, _ state: StateFolder) {
    guard !session.options.dryRun, session.usesCaches else { return nil }
    self.init(folder: state.searches)
  }
}
