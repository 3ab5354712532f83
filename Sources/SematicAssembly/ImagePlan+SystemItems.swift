import SematicELF
import SematicFiles
import SematicOCI

extension ImagePlan {
  /// Adds what the settings name of this machine's system: files, programs, and libraries that a program loads by name.
  /// Programs and libraries bring what they need; above a base, programs use the base's libraries.
  static func addSystemItems(
    _ items: [ImageSettings.DataItem], in workingDirectory: String, machine: ElfMachine?, for platform: Platform,
    aboveBase: Bool, _ system: MachineSystem, to planner: inout LayerPlanner
  ) throws {
    guard let first = items.first else { return }
    let own = try machine.map { ($0, platform) } ?? ElfFile.here
    // Without a program, only this machine's own processor is one whose files are known.
    guard own.1.architecture == platform.architecture else { throw ImagePlanError(.notInSystem(first.source)) }
    let machine = own.0
    let folders = try LibraryFolders.here(for: machine, root: system.otherRoot)
    for item in items {
      let owner = "the system's \(item.source)"
      func elf(_ path: String) -> ElfFile? {
        (try? ElfFile(path)).flatMap { $0.machine == machine && $0.kind.isProgram ? $0 : nil }
      }
      var path = item.source
      if !path.contains("/") {
        guard let file = folders.system.lazy.compactMap({ elf("\($0)/\(path)") }).first else {
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
      guard elf(path) != nil || (try? ElfFile(path))?.kind.isProgram != true else {
        throw ImagePlanError(.notInSystem(path))
      }
      try planner.add(
        PlannedFile(path: place, content: .file(SourceFile(path, status: status))), to: .systemLibraries, owner: owner)
      guard let file = elf(path) else { continue }
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

extension ElfFile {
  /// This process's processor and platform.
  fileprivate static var here: (ElfMachine, Platform) {
    get throws {
      let program = try ElfFile("/proc/self/exe")
      return (program.machine, try Platform(program.platformName))
    }
  }
}
