import SematicFiles
import SematicSystem

/// The folder of everything that the tool keeps: `.build/swift-sematic` of the package.
///
/// The only place that names what lies in it.
struct StateFolder: Hashable, Sendable {
  let path: String

  /// Layers and other blobs by their digests, of bases and our own.
  var blobs: String { path + "/blobs" }
  /// The images that `build` writes where no other place is given.
  var images: String { path + "/images" }
  /// The folder that the embedded registry serves.
  var registry: String { path + "/registry" }
  /// The names of files that programs look for at run time.
  var searches: String { path + "/searches" }
  /// What `check` has read of layers.
  var listings: String { path + "/listings" }
  /// SwiftPM's scratch folder for programs that must run on this machine, where the image is for another.
  var host: String { path + "/host" }
  /// Installed Python packages.
  var python: String { path + "/python" }
  /// Which Python a base has.
  var pythonBases: String { python + "/bases" }

  init(_ path: String) { self.path = path }

  /// The folder of a package; without one, in the user's cache folder.
  init(package: String?) {
    if let package {
      path = package + "/.build/swift-sematic"
      return
    }
    let environment = ProcessInfo.processInfo.environment
    let caches = environment["XDG_CACHE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
    path = (caches ?? (environment["HOME"] ?? "/tmp") + "/.cache") + "/swift-sematic"
  }

  /// The folder that all verbs of a package share; where SwiftPM's sandbox forbids that, the plugin's own.
  /// - Throws: `FileError`.
  init(pluginWorkDirectory: String) throws {
    if let shared = Self.shared(of: pluginWorkDirectory), (try? FileTree.createDirectory(shared)) != nil,
      FileTree.isWritable(shared)
    {
      path = shared
      return
    }
    path = pluginWorkDirectory + "/swift-sematic"
    try FileTree.createDirectory(path)
  }

  /// `<scratch>/plugins/<plugin>/outputs` -> `<scratch>/swift-sematic`
  static func shared(of workDirectory: String) -> String? {
    let parts = workDirectory.split(separator: "/", omittingEmptySubsequences: false)
    guard let plugins = parts.lastIndex(of: "plugins"), plugins > 1 else { return nil }
    return parts[..<plugins].joined(separator: "/") + "/swift-sematic"
  }
}
