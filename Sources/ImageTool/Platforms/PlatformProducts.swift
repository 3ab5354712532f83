import SematicAssembly
import SematicConfiguration
import SematicELF
import SematicFiles
import SematicOCI
import SematicSystem

/// The built products of one platform.
struct PlatformProducts: Sendable {
  /// The platform that was asked for; nil: the program's.
  let platform: Platform?
  /// The launch program, or the executables that come along with a script.
  let artifacts: [ProductArtifacts]

  /// The programs as an image needs them.
  /// - Throws: `UnfitProgram`, `UnfitExecutable`, and what else reading the programs throws.
  func programs(_ inputs: PipelineInputs) throws -> PlatformPrograms {
    let isGiven = !inputs.options.executables.isEmpty
    let programs = try artifacts.map { artifacts in
      do {
        let program = try ImageProgram(artifacts)
        if isGiven, let platform {
          let own = try Platform(program.libraries.executable.platformName)
          guard own.satisfies(platform.withoutVariant) else {
            throw UnfitExecutable(path: artifacts.executable, is: own, wanted: platform)
          }
        }
        return program
      } catch let error as ElfError where isGiven {
        throw UnfitExecutable(error: error, wanted: platform)
      } catch let error as ElfError where error.isNotElf {
        let build = SwiftBuild(
          package: inputs.workspace.folder, scratch: nil, console: inputs.console, signals: inputs.session.signals)
        throw UnfitProgram(error: error, sdk: try? build.installedSDK())
      }
    }
    return PlatformPrograms(
      wanted: platform, programs: programs, systemRoot: artifacts.lazy.compactMap(\.systemRoot).first)
  }
}

/// A file that was named as an executable, and is none for the image.
struct UnfitExecutable: ExplainedError {
  let description: String
  let hint: String?

  init(error: ElfError, wanted: Platform?) {
    description = error.description
    hint = Self.hint(wanted)
  }

  init(path: String, is own: Platform, wanted: Platform) {
    description = "\(path) is a program for \(own), not for \(wanted)"
    hint = "\(Self.hint(wanted)); for this one, ask for its platform: `--executable \(own)=\(path) --platform \(own)`"
  }

  private static func hint(_ wanted: Platform?) -> String {
    "name a program for \(wanted?.description ?? "Linux"): `--executable \(wanted ?? .host)=FILE`"
  }
}

/// The programs of one platform, read.
struct PlatformPrograms {
  /// The platform that was asked for.
  let wanted: Platform?
  let programs: [ImageProgram]
  /// The root of the system that they were built for, where that is another one than this machine's.
  let systemRoot: String?

  /// The platform that was asked for, or that of the programs; without any, this machine's.
  func platform() throws -> Platform {
    try wanted ?? programs.first.map { try Platform($0.libraries.executable.platformName) } ?? .host
  }
}

extension FoundPipeline {
  /// Where the products of each platform come from.
  /// - Throws: `MissingProduct`.
  func productPlan(_ session: Session) throws -> ProductPlan {
    // A script alone is the same on every platform.
    if pipeline.products.isEmpty, session.options.executables.isEmpty {
      return ProductPlan(platforms: session.command.makesImage ? pipeline.platforms : [], source: .own)
    }
    let options = session.options
    let call = options.pluginContext == nil ? nil : PackageManagerCall.current
    #if os(Linux)
      let own: Platform? = .host
    #else
      let own: Platform? = nil
    #endif
    // Without platforms there is one build, as SwiftPM makes it.
    let isFree = pipeline.platforms.isEmpty && options.executables.allSatisfy { $0.platform == nil }
    return try ProductPlan(
      platforms: session.command.makesImage ? pipeline.platforms : [], executables: options.executables,
      sdks: pipeline.swiftSDKs,
      in: .init(
        own: own, chosenSDK: session.imageOptions?.swiftSdk ?? call?.swiftSDK,
        mayHaveChosen: options.pluginContext != nil && call == nil,
        installed: isFree ? [] : SwiftSDK.installed(in: call?.sdksPath)))
  }

  /// The built products of each platform: SwiftPM's answer to the plugin, executables that were named, or what is built
  /// now.
  func products(_ session: Session) throws -> [PlatformProducts] {
    let plan = try productPlan(session)
    let own = plan.needsOwnBuild ? try ownArtifacts(session) : []
    return try plan.entries.map { entry in
      PlatformProducts(
        platform: entry.platform, artifacts: try artifacts(from: entry, own: own, session))
    }
  }

  private func ownArtifacts(_ session: Session) throws -> [ProductArtifacts] {
    let options = session.options
    if let file = options.pluginContext {
      let built = try ProductArtifacts.list(contextFile: file)
      return try pipeline.linked(pipeline.products.flatMap { name in built.filter { $0.product == name } })
    }
    let sdk = session.imageOptions?.swiftSdk.map { ["--swift-sdk", $0] } ?? []
    return try pipeline.linked(built(by: build, sdk, session))
  }

  private func artifacts(
    from entry: ProductPlan.Entry, own: [ProductArtifacts], _ session: Session
  ) throws -> [ProductArtifacts] {
    let searches = FileSearchCache(session, workspace.state)
    switch entry.source {
    case .own:
      return own.map { artifacts in
        var artifacts = artifacts
        artifacts.systemRoot = artifacts.systemRoot ?? systemRoot(of: artifacts.executable, session)
        return artifacts
      }
    case .executable(let path):
      let path = FileTree.absolute(path)
      return [
        try .besides(executable: path, systemRoot: systemRoot(of: path, session), searches: searches)
      ]
    case .nested(let sdk):
      let platform = entry.platform ?? .host
      guard !session.isSandboxed else { throw MissingProduct(platform: platform, reason: .sandbox) }
      let names = pipeline.products.joined(separator: ", ")
      session.console.say("building \(names) for \(platform)" + (sdk.map { " with \($0.name)" } ?? ""))
      let installed = SwiftSDK.installed(in: sdk?.folder)
      let build = SwiftBuild(
        package: workspace.folder, scratch: workspace.state.platforms, console: session.console,
        signals: session.signals)
      return try pipeline.linked(
        built(by: build, sdk?.options(for: platform, among: installed) ?? [], session))
    }
  }

  private func built(by build: SwiftBuild, _ sdk: [String], _ session: Session) throws -> [ProductArtifacts] {
    let searches = FileSearchCache(session, workspace.state)
    return try pipeline.products.map { product in
      let key = ([product, pipeline.linking?.rawValue ?? "", build.scratch ?? ""] + sdk).joined(separator: " ")
      let path =
        try session.builtProducts[key]
        ?? build.executable(of: product, debug: session.options.debug, linking: pipeline.linking, sdk: sdk)
      session.builtProducts[key] = path
      return try .besides(executable: path, systemRoot: systemRoot(of: path, session), searches: searches)
    }
  }

  /// The root of the Swift SDK that a program for another processor was built with, as far as that is known: the one that
  /// was named, or the only one for its platform.
  private func systemRoot(of executable: String, _ session: Session) -> String? {
    guard HostProgram.isForeign(executable), let name = ElfMachine(of: executable)?.platformName,
      let platform = try? Platform(name)
    else { return nil }
    let call = session.options.pluginContext == nil ? nil : PackageManagerCall.current
    let fitting = SwiftSDK.installed(in: call?.sdksPath).filter { $0.triple(for: platform) != nil }
    let named = [session.imageOptions?.swiftSdk ?? call?.swiftSDK, pipeline.swiftSDKs[platform.description]]
    let chosen = named.lazy.compactMap { $0 }.compactMap { name in fitting.first { $0.isMeant(by: name) } }.first
    guard let sdk = chosen ?? (fitting.count == 1 ? fitting[0] : nil) else { return nil }
    return sdk.triple(for: platform).flatMap { sdk.roots[$0] }
  }
}
