import SematicFiles
import SematicSystem

/// The folder of everything that the tool keeps: `.build/swift-sematic` of the package.
///
/// The only place that names what lies in it.
struct StateFolder: Sendable {
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
  /// What bases have of what programs need.
  var baseFiles: String { listings + "/bases" }
  /// Which layers were loaded into a container runtime last.
  var loaded: String { listings + "/loaded" }
  /// SwiftPM's scratch folder for programs that must run on this machine, where the image is for another.
  var host: String { path + "/host" }
  /// SwiftPM's scratch folder for programs for other platforms.
  var platforms: String { path + "/platforms" }
  /// Installed Python packages.
  var python: String { path + "/python" }
  /// Which Python a base has.
  var pythonBases: String { python + "/bases" }

  /// A link to the tool that a plugin has started, so that people can type its path.
  var tool: String { path + "/ImageTool" }
  /// Locked by everybody who uses the folder.
  var lock: String { path + "/lock" }

  init(_ path: String) { self.path = path }

  /// The folder of a package; where no package was named, the one that holds the link by which the tool was started: with
  /// `--scratch-path`, or with the plugins in a package of their own, it is another one.
  /// - Throws: `NoCacheFolder`.
  init(package: String?, isNamed: Bool) throws(NoCacheFolder) {
    if !isNamed, let link = Self.ofLink {
      self = link
    } else if let package {
      self.init(package + "/.build/swift-sematic")
    } else {
      try self.init()
    }
  }

  static let ofLink: StateFolder? = CommandLine.arguments.first.flatMap { name in
    let path = FileTree.absolute(name)
    let state = StateFolder(FileTree.parent(of: path))
    guard name.contains("/"), FileTree.name(of: state.path) == "swift-sematic", path == state.tool,
      (try? FileTree.destination(ofLink: path)) != nil
    else { return nil }
    return state
  }

  /// The folder of a user, for work without a package.
  /// - Throws: `NoCacheFolder`: a folder that other users share, such as /tmp, will not do.
  init(environment: [String: String] = ProcessInfo.processInfo.environment) throws(NoCacheFolder) {
    func folder(_ name: String) -> String? { environment[name].flatMap { $0.hasPrefix("/") ? $0 : nil } }
    guard let caches = folder("XDG_CACHE_HOME") ?? (folder("HOME") ?? Self.userFolder).map({ $0 + "/.cache" }) else {
      throw NoCacheFolder()
    }
    path = caches + "/swift-sematic"
  }

  /// The user's folder by the system's list of users.
  static var userFolder: String? {
    guard let entry = getpwuid(geteuid()), let folder = entry.pointee.pw_dir else { return nil }
    let path = String(cString: folder)
    return path.hasPrefix("/") && path != "/" && FileTree.isDirectory(path) ? path : nil
  }

  /// The folder that all verbs of a package share; where SwiftPM's sandbox forbids that, the plugin's own.
  /// - Throws: `FileError`.
  init(pluginWorkDirectory: String) throws {
    if let shared = Self.shared(of: pluginWorkDirectory), (try? Self(shared).create()) != nil,
      FileTree.isWritable(shared)
    {
      path = shared
      return
    }
    path = pluginWorkDirectory + "/swift-sematic"
    try create()
  }

  /// Creates the folder for its owner alone: it has what was fetched with the user's credentials, and the images of a
  /// registry that may require a login. Permissions that somebody changed stay.
  /// - Throws: `FileError`.
  func create() throws { try FileTree.createDirectory(path, mode: 0o700) }

  /// `<scratch>/plugins/<plugin>/outputs` -> `<scratch>/swift-sematic`
  static func shared(of workDirectory: String) -> String? {
    let parts = workDirectory.split(separator: "/", omittingEmptySubsequences: false)
    guard let plugins = parts.lastIndex(of: "plugins"), plugins > 1 else { return nil }
    return parts[..<plugins].joined(separator: "/") + "/swift-sematic"
  }
}

/// A user without a folder for caches.
struct NoCacheFolder: ExplainedError {
  var description: String { "cannot find a folder for caches: HOME is not set, and the user has no folder" }
  var hint: String? { "set HOME or XDG_CACHE_HOME to a folder that only you can write to" }
}
