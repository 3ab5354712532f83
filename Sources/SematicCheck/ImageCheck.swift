import SematicAssembly
import SematicELF
import SematicOCI

/// Judges an image by its configuration, its layers' tar headers and a few files, without running anything.
package struct ImageCheck {
  package let kind: WorkerKind
  /// What tells the kind.
  package let kindReason: String
  /// In the order of the rules.
  package let verdicts: [Verdict]

  package var holds: Bool { !verdicts.contains { $0.status == .fails } }

  /// Where an image was found, for the rule that asks for it.
  package enum Place: Hashable, Sendable {
    case registry(String)
    /// A registry that only this machine reaches.
    case loopback(String)
    case disk
    /// It was only just built.
    case unpublished
  }

  /// - Parameter wanted: the platform that was asked for; nil for any.
  /// - Throws: `ArchiveError` for a damaged layer, and what reading one throws. A layer that is out of reach makes the
  ///   rules unknown that need it.
  package init(
    _ configuration: ImageConfiguration, files: ImageFiles, place: Place, wanted: Platform? = nil
  ) throws {
    var judge = try Judge(configuration, files: files)
    kind = judge.kind
    kindReason = judge.kindReason
    verdicts = try Rule.allCases.map { rule in
      do {
        switch rule {
        case .pushed: return Self.pushed(place)
        case .platform: return try judge.platform(wanted)
        default: return try judge.verdict(rule)
        }
      } catch let error as UnreadableLayer {
        return .unknown(rule, "\(error)")
      }
    }
  }

  private static func pushed(_ place: Place) -> Verdict {
    switch place {
    case .registry(let name): .holds(.pushed, name)
    case .loopback(let name): .unknown(.pushed, "\(name) is reached from this machine alone: a cluster has to reach it")
    case .unpublished: .notNeeded(.pushed, "it was only just built")
    case .disk: .unknown(.pushed, "it lies on this machine's disk", mend: "push it where the cluster pulls from")
    }
  }
}

/// One image before its judge: what several rules need is found once.
struct Judge {
  let configuration: ImageConfiguration
  let files: ImageFiles
  let launch: Launch?
  private let launchFailure: UnreadableLayer?
  private var foundUser: Result<ImageUser?, UnreadableLayer>?
  private var foundLoadings: Result<[ProgramLoading], UnreadableLayer>?

  init(_ configuration: ImageConfiguration, files: ImageFiles) throws {
    self.configuration = configuration
    self.files = files
    do {
      launch = try Launch(configuration, in: files)
      launchFailure = nil
    } catch let error as UnreadableLayer {
      launch = nil
      launchFailure = error
    }
  }

  var tree: ImageTree { files.tree }
  var kind: WorkerKind { launch?.kind ?? .unknown }
  var kindReason: String { launch?.reason ?? "its entrypoint cannot be read" }

  func launched() throws -> Launch {
    if let launch { return launch }
    throw launchFailure ?? UnreadableLayer(digest: tree.layers[0].digest, reason: "unknown")
  }

  mutating func verdict(_ rule: Rule) throws -> Verdict {
    switch rule {
    case .sources: try sources()
    case .entrypoint: try entrypoint()
    case .python: try python()
    case .home: try home()
    case .writableFolder: try writableFolder()
    case .path: path()
    case .interpreter: try interpreter()
    case .cLibrary: try cLibrary()
    case .libraries: try libraries()
    case .certificates: try certificates()
    case .temporary: try temporary()
    case .pushed, .platform: .unknown(rule, "not judged")
    }
  }

  /// Nil when the image does not know the user of its configuration.
  mutating func user() throws -> ImageUser? {
    if let foundUser { return try foundUser.get() }
    let result: Result<ImageUser?, UnreadableLayer>
    do {
      let passwd = try files.text("/etc/passwd") ?? ""
      let group = try files.text("/etc/group") ?? ""
      result = .success(ImageUser(configuration.user, passwd: passwd, group: group))
    } catch let error as UnreadableLayer {
      result = .failure(error)
    }
    foundUser = result
    return try result.get()
  }

  /// The programs that a container starts, with their libraries.
  mutating func loadings() throws -> [ProgramLoading] {
    if let foundLoadings { return try foundLoadings.get() }
    let result: Result<[ProgramLoading], UnreadableLayer>
    do {
      result = .success(try findLoadings())
    } catch let error as UnreadableLayer {
      result = .failure(error)
    }
    foundLoadings = result
    return try result.get()
  }

  private func findLoadings() throws -> [ProgramLoading] {
    let launch = try launched()
    var programs = [launch.first].compactMap { $0 } + launch.others
    if launch.kind != .swift, let python = try tree.resolve("/usr/bin/python3").found { programs.append(python) }
    if launch.kind == .python, let folder = try tree.resolve("/sematic/bin").found, folder.entry.kind == .directory {
      // What Python steps call. Libraries beside them are found by their programs.
      for name in try tree.names(in: folder.path).prefix(200) where !name.contains(".so") {
        if let found = try tree.resolve("/\(folder.path)/\(name)").found, found.entry.mode & 0o111 != 0 {
          programs.append(found)
        }
      }
    }
    var seen: Set<String> = []
    programs = programs.filter { $0.entry.kind == .file && seen.insert($0.path).inserted }
    let libraryPath = configuration.environmentValue("LD_LIBRARY_PATH")
    return try zip(programs, try files.facts(of: programs)).compactMap { program, fact in
      guard case .elf(let file, let mentions) = fact else { return nil }
      return try ProgramLoading(program, file, mentions: mentions, libraryPath: libraryPath, in: files)
    }
  }
}
