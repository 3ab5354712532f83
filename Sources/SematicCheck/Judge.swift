import SematicELF
import SematicOCI

/// The judge of one image. What several rules need is found once.
final class Judge {
  let configuration: ImageConfiguration
  let files: ImageFiles
  let start: ImageStart?
  private let startFailure: UnreadableLayer?
  private var foundUser: Result<ImageUser?, UnreadableLayer>?
  private var foundPrograms: Result<[LoadedProgram], UnreadableLayer>?

  init(_ configuration: ImageConfiguration, files: ImageFiles) throws {
    self.configuration = configuration
    self.files = files
    do {
      start = try ImageStart(configuration, in: files)
      startFailure = nil
    } catch let error as UnreadableLayer {
      start = nil
      startFailure = error
    }
  }

  var tree: ImageTree { files.tree }
  var kind: WorkerKind { start?.kind ?? .unknown }
  var kindReason: String { start?.reason ?? "its entrypoint cannot be read" }

  func started() throws -> ImageStart {
    if let start { return start }
    throw startFailure ?? UnreadableLayer(digest: tree.layers[0].digest, reason: "unknown")
  }

  func verdict(_ rule: CheckRule) throws -> Verdict {
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

  /// The user of the configuration; nil when the image does not know it.
  func user() throws -> ImageUser? {
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

  /// The programs that a container may start, with their libraries.
  func loadedPrograms() throws -> [LoadedProgram] {
    if let foundPrograms { return try foundPrograms.get() }
    let result: Result<[LoadedProgram], UnreadableLayer>
    do {
      result = .success(try findPrograms())
    } catch let error as UnreadableLayer {
      result = .failure(error)
    }
    foundPrograms = result
    return try result.get()
  }

  private func findPrograms() throws -> [LoadedProgram] {
    let start = try started()
    var programs = [start.first].compactMap { $0 } + start.others
    if start.kind != .swift, let python = try tree.resolve("/usr/bin/python3").found { programs.append(python) }
    if start.kind == .python, let folder = try tree.resolve("/sematic/bin").found, folder.entry.kind == .directory {
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
      guard case .elf(let file, let mentions) = fact, file.kind.isProgram else { return nil }
      return try LoadedProgram(
        program, file, mentions: mentions, libraryPath: libraryPath, working: configuration.workingDirectory ?? "/",
        in: files)
    }
  }
}
