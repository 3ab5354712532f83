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

  /// What the configuration gets, whatever the base's has.
  static func overlay(
    _ settings: ImageSettings, _ launch: ImageLaunch, in workingDirectory: String, libraries: [ImageLibraries],
    hasBacktracer: Bool
  ) -> ImageOverlay {
    func ofPackages(_ path: String) -> String? {
      settings.pythonPackages.flatMap { FileTree.isDirectory($0 + path) ? WorkerFolders.packages + path : nil }
    }
    var overlay = ImageOverlay()
    overlay.environment = settings.environment
    overlay.labels = settings.labels
    overlay.user = settings.user
    overlay.python = settings.pythonPackages.flatMap { _ in settings.python }
    func lead(_ name: String, _ folders: [String?]) {
      overlay.leading[name] = folders.compactMap { $0.map { "/" + $0 } }
    }
    lead("PATH", [WorkerFolders.programs, ofPackages("/bin")])
    if libraries.contains(where: { !$0.closure.isFoundBesideExecutable($0.brought) }) {
      lead("LD_LIBRARY_PATH", [WorkerFolders.programs])
    }
    var modules = [ofPackages("")].compactMap { $0 }
    if case .worker(_, let worker) = launch {
      modules = worker.importRoots.map { String(FileTree.absolute($0, from: workingDirectory).dropFirst()) } + modules
      if worker.needsSite { modules.insert(WorkerFolders.site, at: 0) }
    }
    // Its sitecustomize goes on with the next one's.
    if let site = ofPackages("/" + WorkerFolders.packagesSite) { modules.insert(site, at: 0) }
    if !modules.isEmpty { lead("PYTHONPATH", modules) }
    if hasBacktracer { overlay.backtracer = "/" + WorkerFolders.backtracer }
    return overlay
  }
}
