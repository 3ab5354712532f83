import SematicELF
import SematicFiles

extension ImagePlan {
  /// Adds what programs load at run time and may lack: https, for a program that links the library `Sematic`.
  ///
  /// Nobody knows a base's files before its layers are downloaded, so this is added to every base. On Debian 12 it is
  /// libcurl, 28 libraries and the certificates: 16.6 MB in the image and 7.5 MB in the registry, in layers that all
  /// images of a toolchain share. They ask for GLIBC_2.34, less than what Swift asks for.
  static func addRuntimeLoaded(
    _ closures: [LibraryClosure], _ system: MachineSystem, aboveBase: Bool, to planner: inout LayerPlanner,
    notes: inout [String]
  ) throws {
    let folder = WorkerFolders.runtimeLoaded
    for loaded in closures.flatMap(\.runtimeLoaded) {
      // What every base has comes from there: two C libraries do not get along.
      let libraries = loaded.libraries.filter { !ImageLibraries.isInEveryBase($0.name) }
      guard let name = loaded.name, !planner.holds("\(folder)/\(name).needs") else { continue }
      for library in libraries where !planner.holds("\(folder)/\(library.name)") {
        try planner.add(
          PlannedFile(path: "\(folder)/\(library.name)", content: .file(SourceFile(library.file.path))),
          to: .runtimeLoaded, owner: "the library \(library.file.path)")
      }
      let order = libraries.map { $0.name + "\n" }.joined()
      try planner.add(
        PlannedFile(path: "\(folder)/\(name).needs", content: .bytes(Array(order.utf8))), to: .runtimeLoaded,
        owner: "what \(name) needs")
      if loaded.note.feature == "https", aboveBase {
        try system.addCertificates(beside: folder, to: &planner, notes: &notes)
      }
    }
  }

  static func warningsAboutRuntimeLoaded(_ closure: LibraryClosure) -> [String] {
    let program = FileTree.name(of: closure.executable.path)
    func words(_ note: DlopenNote) -> (names: String, use: String) {
      (note.names.joined(separator: " or "), note.feature.map { " for \($0)" } ?? "")
    }
    if closure.executable.isStatic {
      return closure.executable.dlopenNotes.filter { $0.priority != "suggested" }.map(words).map {
        "\(program) is a static program and cannot load \($0.names)\($0.use) when it runs"
      }
    }
    return closure.runtimeLoaded.filter(\.libraries.isEmpty).map { words($0.note) }.map {
      "\($0.names), which \(program) loads\($0.use) when it runs, is not on this machine"
    }
  }
}
