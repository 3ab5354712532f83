import SematicELF
import SematicFiles

extension ImagePlan {
  /// Adds the libraries that come with a program, beside it: its RPATH leads there.
  static func addLibraries(_ libraries: ImageLibraries, stripped: Bool, to planner: inout LayerPlanner) throws {
    let folder = WorkerFolders.programs
    func add(_ library: LibraryClosure.Library, to kind: LayerPlan.Kind) throws {
      let path = library.file.path
      // A name with a slash is a path, at which the loader opens it.
      let place =
        library.name.hasPrefix("/") && library.origin == .system
        ? String(FileTree.absolute(library.name).dropFirst()) : "\(folder)/\(FileTree.name(of: library.name))"
      let source = try SourceFile(
        path, stripped: stripped && library.origin == .package,
        searchPath: ImageSearchPath.edits(of: path, isProgram: false))
      try planner.add(PlannedFile(path: place, content: .file(source)), to: kind, owner: "the library \(path)")
    }
    var inGroups: Set<String> = []
    var kinds: Set<LayerPlan.Kind> = []
    let system = Set(libraries.brought.filter { $0.origin == .system }.map(\.name))
    for library in libraries.brought where library.origin == .toolchain {
      let kind = RuntimeGroup.kind(of: FileTree.name(of: library.file.path))
      if kind == .otherRuntime {
        try add(library, to: kind)
      } else if kinds.insert(kind).inserted {
        let source = FileTree.parent(of: library.file.path)
        for name in try RuntimeGroup.members(of: kind, in: source) {
          let path = source + "/" + name
          let file = PlannedFile(path: "\(folder)/\(name)", content: .file(try SourceFile(path)))
          try planner.add(file, to: kind, owner: "the library \(path)")
        }
      }
      // The system's libraries that a group needs lie with it.
      for name in library.file.needed where system.contains(name) {
        for need in libraries.closure.needs(of: name) where system.contains(need.name) {
          inGroups.insert(need.name)
          try add(need, to: ImageLibraries.isInEveryBase(need.name) ? .systemLibraries : kind)
        }
      }
    }
    for library in libraries.brought where library.origin == .package { try add(library, to: .libraries) }
    for library in libraries.brought where library.origin == .system && !inGroups.contains(library.name) {
      try add(library, to: .systemLibraries)
    }
  }
}
