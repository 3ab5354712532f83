import SematicELF
import SematicFiles
import SematicOCI

extension ImagePlan {
  /// Adds the programs with their libraries and bundles.
  static func addPrograms(_ programs: [ImageProgram], stripped: Bool, to planner: inout LayerPlanner) throws {
    let folder = WorkerFolders.programs
    try planner.add(
      [
        PlannedFile(path: WorkerFolders.root, content: .directory, mode: 0o755),
        PlannedFile(path: folder, content: .directory, mode: WorkerFolders.mode(of: folder)),
      ], to: .program, owner: "the program's folder")
    func built(_ path: String) throws -> PlannedFile.Content { .file(try SourceFile(path, stripped: stripped)) }
    for artifacts in programs.map(\.artifacts) {
      try planner.add(
        PlannedFile(path: "\(folder)/\(artifacts.product)", content: try built(artifacts.executable), mode: 0o755),
        to: .program, owner: "the program \(artifacts.product)")
    }
    // Programs of one package share most of these.
    for library in programs.flatMap(\.libraries.libraries) where library.origin != .system {
      let path = library.file.path
      let place = "\(folder)/\(FileTree.name(of: library.name))"
      try planner.add(
        PlannedFile(path: place, content: library.origin == .package ? built(path) : .file(SourceFile(path))),
        to: library.origin == .toolchain ? .runtime : .libraries, owner: "the library \(path)")
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
      let isFolder = try FileStatus(of: item.source).kind == .directory
      let files =
        isFolder
        ? try FolderFiles.list(item.source, at: path)
        : [PlannedFile(path: path, content: .file(try SourceFile(item.source)))]
      try planner.add(files, to: .data, owner: owner)
    }
  }

  static func environment(
    _ settings: ImageSettings, _ base: ImageConfiguration?, _ launch: ImageLaunch, in workingDirectory: String
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
    if launch.programs.contains(where: { !$0.libraries.isFoundBesideExecutable }) {
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

  /// Warnings about libraries that neither we bring nor every base has, for an image above a base.
  static func warnings(about closure: LibraryClosure) -> [String] {
    let own = Set(
      [FileTree.name(of: closure.executable.path)] + closure.libraries.filter { $0.origin != .system }.map(\.name))
    var warnings = closure.missing.compactMap { library -> String? in
      let users = library.neededBy.filter(own.contains)
      guard !users.isEmpty, !isInEveryBase(library.name) else { return nil }
      return
        "\(library.name), which \(list(users)), is nowhere on this machine: the program starts only if the base has it"
    }
    // What a library of the system needs comes with it.
    for library in closure.libraries where library.origin == .system && !isInEveryBase(library.name) {
      let users = library.neededBy.filter(own.contains)
      guard !users.isEmpty else { continue }
      warnings.append(
        "\(library.name), which \(list(users)), is neither in the package nor in the toolchain: the program starts "
          + "only if the base has it")
    }
    return warnings
  }

  static func list(_ users: [String]) -> String {
    users.joined(separator: ", ") + (users.count == 1 ? " needs" : " need")
  }

  /// Whether a library is the loader, or part of the C or C++ runtime.
  static func isInEveryBase(_ library: String) -> Bool {
    [
      "ld-linux", "ld64.so", "ld.so", "ld-musl", "libc.so", "libc.musl", "libm.so", "libdl.so", "libpthread.so",
      "librt.so",
      "libutil.so", "libresolv.so", "libanl.so", "libgcc_s.so", "libstdc++.so", "linux-vdso", "linux-gate",
    ].contains { library.hasPrefix($0) }
  }
}
