import SematicELF
import SematicFiles

extension ImagePlan {
  /// Adds what the settings name of this machine's system: files, programs, and libraries that a program loads by name.
  /// Programs and libraries bring what they need; above a base, programs use the base's libraries.
  static func addSystemItems(
    _ items: [ImageSettings.DataItem], in workingDirectory: String, architecture: String,
    aboveBase: Bool, _ system: MachineSystem, to planner: inout LayerPlanner
  ) throws {
    guard !items.isEmpty else { return }
    let machine = ElfMachine(architecture: architecture)
    let folders = try machine.map { try LibraryFolders.here(for: $0, root: system.otherRoot) } ?? LibraryFolders()
    func program(_ path: String) -> ElfFile? { (try? ElfFile(path)).flatMap { $0.kind.isProgram ? $0 : nil } }
    for item in items {
      let owner = "the system's \(item.source)"
      var path = item.source
      if !path.contains("/") {
        let found = folders.system.lazy.compactMap { program("\($0)/\(path)") }
        guard let file = found.first(where: { $0.machine == machine }) else {
          throw ImagePlanError(.notInSystem(path))
        }
        try addLibrary(file.path, as: path, to: &planner)
        try addNeeds(of: LibraryResolver(folders).resolve(file), to: &planner)
        continue
      }
      var item = item
      if item.destination.isEmpty { item.destination = path }
      if let root = system.otherRoot, FileTree.exists(root + path) { path = root + path }
      guard let status = try FileStatus.ifPresent(path) else { throw ImagePlanError(.notInSystem(path)) }
      let place = try Destination.path(of: item, in: workingDirectory, aboveBase: aboveBase, owner: owner)
      guard status.kind == .file else {
        try planner.add(
          FolderFiles.list(path, at: place, leavingLinks: .leftOut), to: .systemLibraries, owner: owner)
        continue
      }
      try planner.add(
        PlannedFile(path: place, content: .file(SourceFile(path, status: status))), to: .systemLibraries, owner: owner)
      guard let file = program(path) else { continue }
      guard file.machine == machine else { throw ImagePlanError(.notInSystem(path)) }
      let closure = try LibraryResolver(folders).resolve(file)
      if file.interpreter == nil {
        try addNeeds(of: closure, to: &planner)
      } else if !aboveBase {
        try system.add(closure, to: &planner)
        // It has no RPATH: its libraries lie where the loader looks.
        for library in closure.libraries where !ImageLibraries.isInEveryBase(library.name) {
          let place = String((FileTree.parent(of: system.inside(library.file.path)) + "/" + library.name).dropFirst())
          guard !planner.holds(place) else { continue }
          try planner.add(
            PlannedFile(path: place, content: .file(SourceFile(library.file.path))), to: .systemLibraries,
            owner: "the library \(library.file.path)")
        }
      }
    }
  }

  private static func addNeeds(of closure: LibraryClosure, to planner: inout LayerPlanner) throws {
    for library in closure.libraries where !ImageLibraries.isInEveryBase(library.name) {
      try addLibrary(library.file.path, as: library.name, to: &planner)
    }
  }

  /// Beside the programs: their RPATH leads there.
  private static func addLibrary(_ path: String, as name: String, to planner: inout LayerPlanner) throws {
    let place = "\(WorkerFolders.programs)/\(FileTree.name(of: name))"
    guard !planner.holds(place) else { return }
    let source = try SourceFile(path, searchPath: ImageSearchPath.edits(of: path, isProgram: false))
    try planner.add(
      PlannedFile(path: place, content: .file(source)), to: .systemLibraries, owner: "the library \(path)")
  }
}
