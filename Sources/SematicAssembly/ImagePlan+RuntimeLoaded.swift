import SematicELF
import SematicFiles

extension ImagePlan {
  /// Adds what programs load at run time, for a base that lacks it: https, for a program that links the library `Sematic`.
  ///
  /// Nobody knows a base's files before its layers are downloaded, so this is added to every base. On Debian 12 it is
  /// libcurl, 28 libraries and the certificates: 16.6 MB in the image and 7.5 MB in the registry, in the layer that all
  /// images of a toolchain share. They ask for GLIBC_2.34, less than what Swift asks for.
  static func addRuntimeLoaded(_ closures: [LibraryClosure], _ system: ScratchSystem, to planner: inout LayerPlanner)
    throws
  {
    let folder = WorkerFolders.runtimeLoaded
    for loaded in closures.flatMap(\.runtimeLoaded) {
      // What every base has comes from there: two C libraries do not get along.
      let libraries = loaded.libraries.filter { !isInEveryBase($0.name) }
      guard let name = loaded.name, !planner.holds("\(folder)/\(name).needs") else { continue }
      for library in libraries where !planner.holds("\(folder)/\(library.name)") {
        try planner.add(
          PlannedFile(path: "\(folder)/\(library.name)", content: .file(SourceFile(library.file.path))), to: .runtime,
          owner: "the library \(library.file.path)")
      }
      let order = libraries.map { $0.name + "\n" }.joined()
      try planner.add(
        PlannedFile(path: "\(folder)/\(name).needs", content: .bytes(Array(order.utf8))), to: .runtime,
        owner: "what \(name) needs")
      let place = "\(folder)/\(authoritiesName)"
      guard loaded.note.feature == "https", let authorities = system.authorities, !planner.holds(place) else {
        continue
      }
      try planner.add(
        PlannedFile(path: place, content: .file(SourceFile(authorities)), mode: 0o644), to: .runtime, owner: authorities
      )
    }
  }

  /// As Sources/Sematic/CurlTransport.swift knows it.
  private static let authoritiesName = "ca-certificates.crt"

  static func warningsAboutRuntimeLoaded(_ closure: LibraryClosure) -> [String] {
    closure.runtimeLoaded.filter(\.libraries.isEmpty).map { loaded in
      let program = FileTree.name(of: closure.executable.path)
      let names = loaded.note.names.joined(separator: " or ")
      let use = loaded.note.feature.map { " for \($0)" } ?? ""
      return "\(names), which \(program) loads\(use) when it runs, is not on this machine"
    }
  }
}
