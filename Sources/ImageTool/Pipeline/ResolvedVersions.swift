import SematicFiles
import SematicOCI
import SematicSystem

/// The versions of dependencies that SwiftPM has chosen for a package, as its Package.resolved has them.
struct ResolvedVersions {
  private let pins: [(identity: String, state: JSONValue)]

  /// - Returns: nil if there is no such file, or one of a format that is not known.
  init?(package: String) {
    guard let bytes = try? FileTree.read(package + "/Package.resolved", limit: 16 << 20),
      let pins = (try? decodeJSON(JSONValue.self, from: Data(bytes)))?["pins"]?.array
    else { return nil }
    self.pins = pins.compactMap { pin in
      guard let identity = pin["identity"]?.string, let state = pin["state"] else { return nil }
      return (identity, state)
    }
  }

  /// What differs from the versions of another package, as `swift-log 1.6.2 (1.5.0)`.
  func differences(from other: ResolvedVersions) -> [String] {
    let others = Dictionary(other.pins.map { ($0.identity, $0.state) }) { first, _ in first }
    return pins.compactMap { pin in
      guard let there = others[pin.identity],
        there["revision"] != pin.state["revision"] || there["version"] != pin.state["version"]
      else { return nil }
      func name(_ state: JSONValue) -> String {
        state["version"]?.string ?? state["revision"]?.string.map { String($0.prefix(12)) } ?? "?"
      }
      return "\(pin.identity) \(name(pin.state)) (\(name(there)))"
    }
  }
}

extension PluginContext {
  /// A warning where a package is built with other versions of its dependencies than its own Package.resolved has: SwiftPM
  /// follows that of the package that it was started for.
  func versionWarning(for package: Package) -> String? {
    guard let root = packages.first?.directory, root != package.directory,
      let used = ResolvedVersions(package: root), let own = ResolvedVersions(package: package.directory)
    else { return nil }
    let differences = used.differences(from: own)
    guard !differences.isEmpty else { return nil }
    let copy = LaunchEnvironment.shellLine(["cp", package.directory + "/Package.resolved", root])
    return "'\(package.name)' is built with versions of \(root)/Package.resolved that are not those of its own: "
      + "\(differences.joined(separator: ", ")); `\(copy)` makes them the same"
  }
}
