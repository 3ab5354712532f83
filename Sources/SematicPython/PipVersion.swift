import SematicFiles
import SematicSystem

/// The pip that `python3` would run, as its files show it.
///
/// Starting it would cost more than all other checks of an unchanged requirements file together.
package enum PipVersion {
  /// The paths of pip's `pip-23.0.1.dist-info` folders, in all places where `python3` may look for it.
  package static func installed(environment: [String: String] = ProcessInfo.processInfo.environment) -> [String] {
    let path = (environment["PATH"] ?? "").split(separator: ":").map(String.init)
    guard let folder = path.first(where: { FileTree.exists($0 + "/python3") }) else { return [] }
    var roots = [FileTree.parent(of: folder)]
    // A virtual environment links to a Python elsewhere, and need not have a pip of its own.
    if let python = try? FileTree.resolved(folder + "/python3") {
      roots.append(FileTree.parent(of: FileTree.parent(of: python)))
    }
    if let home = environment["HOME"] { roots.append(home + "/.local") }
    let libraries = roots.flatMap { root in
      paths(in: root + "/lib") { $0.hasPrefix("python3") }
    }
    let frameworks = environment["HOME"].map { paths(in: $0 + "/Library/Python") { $0.hasPrefix("3.") } } ?? []
    let packages = (libraries + frameworks.map { $0 + "/lib/python" }).flatMap {
      ["\($0)/site-packages", "\($0)/dist-packages"]
    }
    let found = packages.flatMap { folder in
      paths(in: folder) { $0.hasPrefix("pip-") && $0.hasSuffix(".dist-info") }
    }
    return Set(found).sorted()
  }

  /// Paths of matching entries; none if there is no such folder.
  private static func paths(in folder: String, where isMeant: (String) -> Bool) -> [String] {
    ((try? FileTree.names(in: folder)) ?? []).filter(isMeant).map { folder + "/" + $0 }
  }
}
