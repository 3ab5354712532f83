import SematicAssembly
import SematicConfiguration
import SematicELF
import SematicFiles
import SematicOCI
import SematicSystem

/// The inputs of a verb: the pipeline that was asked for, and its built programs.
struct PipelineInputs {
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
  init(_ session: Session, beforeBuild: (FoundPipeline) throws -> Void = { _ in }) throws {
    self.session = session
    let found = try FoundPipeline(session)
    if let refusal = found.refusal { throw refusal }
    _ = try found.productPlan(session)
    if session.options.pluginContext == nil { try beforeBuild(found) }
    workspace = found.workspace
    pipeline = found.pipeline
    if let warning = found.warning { session.console.warn(warning) }
    if !session.options.dryRun {
      let freed = workspace.state.use(limit: pipeline.cacheSize?.bytes ?? StateFolder.defaultLimit)
      if freed > 0 {
        session.console.say("removed \(ByteCount(freed)) that were not used for long from \(workspace.state.path)")
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
struct FoundPipeline {
  let workspace: Workspace
  let pipeline: PipelineConfiguration
  /// What there is to say of it before it is used.
  let warning: String?
  let refusal: PluginContext.Refusal?
  /// The launch program's own files in Swift, as far as they are known.
  let sources: [String]
  let build: SwiftBuild

  init(_ session: Session) throws {
    let options = session.options
    let context = try session.pluginContext()
    let package = try context?.package(for: options)
    workspace = try Workspace(options: options, package: package, workDirectory: context?.workDirectory)
    warning = package.flatMap { context?.versionWarning(for: $0) }
    refusal = context?.refusal
    let folder = workspace.folder
    build = SwiftBuild(package: folder, scratch: nil, console: session.console, signals: session.signals)
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
    pipeline = try file.pipeline(
      named: options.pipeline ?? unnamed, overrides: session.imageOptions?.settings.overrides ?? Overrides())
    self.sources = options.executables.isEmpty ? pipeline.product.flatMap { sources[$0] } ?? [] : []
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
