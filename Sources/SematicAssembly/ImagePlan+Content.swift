import SematicELF
import SematicFiles
import SematicOCI

extension ImagePlan {
  /// Adds the programs with their bundles.
  static func addPrograms(_ programs: [ImageProgram], stripped: Bool, to planner: inout LayerPlanner) throws {
    let folder = WorkerFolders.programs
    try planner.add(
      [
        PlannedFile(path: WorkerFolders.root, content: .directory, mode: 0o755),
        PlannedFile(path: folder, content: .directory, mode: WorkerFolders.mode(of: folder)),
      ], to: .program, owner: "the program's folder")
    for artifacts in programs.map(\.artifacts) {
      let path = artifacts.executable
      let source = try SourceFile(
        path, stripped: stripped, searchPath: ImageSearchPath.edits(of: path, isProgram: true))
      try planner.add(
        PlannedFile(path: "\(folder)/\(artifacts.product)", content: .file(source), mode: 0o755), to: .program,
        owner: "the program \(artifacts.product)")
    }
    var seen: Set<String> = []
    let bundles = programs.flatMap(\.artifacts.resourceBundles).map { FileTree.absolute($0) }
    for bundle in bundles where seen.insert(bundle).inserted {
      let place = "\(folder)/\(FileTree.name(of: bundle))"
      // Two folders at one place would be one.
      if let present = planner.owner(of: place) {
        throw ImagePlanError(.collision(path: place, first: present, second: "the resource bundle \(bundle)"))
      }
      let files = try FolderFiles.list(bundle, at: place)
      try planner.add(files, to: .resources, owner: "the resource bundle \(bundle)")
    }
  }

  /// Adds what the image starts with.
  /// - Returns: the entrypoint.
  static func addEntrypoint(
    _ launch: ImageLaunch, in workingDirectory: String, aboveBase: Bool, to planner: inout LayerPlanner
  ) throws -> [String] {
    func add(_ script: String, at path: String, mode: UInt16 = 0o755) throws {
      let file = PlannedFile(path: path, content: .bytes(Array(script.utf8)), mode: mode)
      try planner.add(file, to: .program, owner: "the entrypoint")
    }
    switch launch {
    case .program(let program, let script):
      let path = "/\(WorkerFolders.programs)/\(program.artifacts.product)"
      guard aboveBase else { return [path] }
      try add(script, at: WorkerFolders.entrypoint)
      return ["/" + WorkerFolders.entrypoint, path]
    case .worker(_, let worker):
      try add(worker.startScript, at: WorkerFolders.start)
      try add(worker.entrypoint, at: WorkerFolders.entrypoint)
      if worker.needsSite { try add(worker.siteScript, at: WorkerFolders.site + "/sitecustomize.py", mode: 0o644) }
      for source in worker.sources {
        let owner = "the source \(source.destination)"
        let path = try Destination.path(of: source, in: workingDirectory, aboveBase: aboveBase, owner: owner)
        try planner.add(
          PlannedFile(path: path, content: .file(try SourceFile(source.source))), to: .program, owner: owner)
      }
      return ["/" + WorkerFolders.entrypoint]
    }
  }

  static func addData(
    _ settings: ImageSettings, in workingDirectory: String, aboveBase: Bool, to planner: inout LayerPlanner
  ) throws {
    for item in settings.data {
      let owner = Destination.name(of: item)
      let path = try Destination.path(of: item, in: workingDirectory, aboveBase: aboveBase, owner: owner)
      if item.isEmptyFolder {
        let folder = PlannedFile(path: path, content: .directory, mode: WorkerFolders.mode(of: path))
        try planner.add(folder, to: .data, owner: owner)
        continue
      }
      let isFolder = try FileStatus(of: item.source).kind == .directory
      let files =
        isFolder
        ? try FolderFiles.list(item.source, at: path)
        : [PlannedFile(path: path, content: .file(try SourceFile(item.source)))]
      try planner.add(files, to: .data, owner: owner)
    }
  }

  static func environment(
    _ settings: ImageSettings, _ base: ImageConfiguration?, _ launch: ImageLaunch, in workingDirectory: String,
    libraries: [ImageLibraries], hasBacktracer: Bool
  ) -> [String] {
    var result = base ?? ImageConfiguration(platform: Platform(architecture: ""))
    for (name, value) in settings.environment.sorted(by: { $0.key < $1.key }) { result.setEnvironment(name, value) }
    let path = result.environmentValue("PATH").flatMap { $0.isEmpty ? nil : $0 }
    func ofPackages(_ path: String) -> String? {
      settings.pythonPackages.flatMap { FileTree.isDirectory($0 + path) ? WorkerFolders.packages + path : nil }
    }
    let packages = ofPackages("")
    let commands = ofPackages("/bin")
    result.setEnvironment(
      "PATH", leading([WorkerFolders.programs, commands], path ?? WorkerFolders.defaultPath))
    if libraries.contains(where: { !$0.closure.isFoundBesideExecutable($0.brought) }) {
      let others = result.environmentValue("LD_LIBRARY_PATH") ?? ""
      result.setEnvironment("LD_LIBRARY_PATH", leading([WorkerFolders.programs], others))
    }
    var modules = [packages].compactMap { $0 }
    if case .worker(_, let worker) = launch {
      modules = worker.importRoots.map { String(FileTree.absolute($0, from: workingDirectory).dropFirst()) } + modules
      if worker.needsSite { modules.insert(WorkerFolders.site, at: 0) }
    }
    // Its sitecustomize goes on with the next one's.
    if let site = ofPackages("/" + WorkerFolders.packagesSite) { modules.insert(site, at: 0) }
    if !modules.isEmpty {
      result.setEnvironment("PYTHONPATH", leading(modules, result.environmentValue("PYTHONPATH") ?? ""))
    }
    if hasBacktracer {
      let tracer = "swift-backtrace=/\(WorkerFolders.backtracer)"
      let written = result.environmentValue("SWIFT_BACKTRACE") ?? "enable=yes"
      // Settings that come later win.
      if !written.isEmpty, !written.contains("swift-backtrace=") {
        result.setEnvironment("SWIFT_BACKTRACE", "\(tracer),\(written)")
      }
    }
    // No script can look for a usable home there, and the user may be any number: /tmp is writable for all.
    if base == nil, result.environmentValue("HOME") == nil { result.setEnvironment("HOME", "/tmp") }
    return result.environment
  }

  /// A list of folders with ours in front, once. Empty parts, which mean the current folder, are dropped.
  private static func leading(_ folders: [String?], _ list: String) -> String {
    let own = folders.compactMap { $0 }.map { "/" + $0 }
    let others = list.split(separator: ":").map(String.init)
      .filter { !own.contains($0.hasSuffix("/") ? String($0.dropLast()) : $0) }
    return (own + others).joined(separator: ":")
  }
}
