import SematicFiles
import SematicSystem

/// Where a verb finds the package and keeps what it makes.
///
/// All verbs share one folder below the package's scratch folder, so that a layer is built once for all of them; where
/// that may not be written to (in the sandbox of macOS), the plugin's own folder has to do.
struct Workspace: Sendable {
  /// The package's folder; nil when the tool is used on an executable without one.
  let package: String?
  let state: String

  var blobs: String { state + "/blobs" }
  var images: String { state + "/images" }
  var registry: String { state + "/registry" }
  var searches: String { state + "/searches" }
  var listings: String { state + "/listings" }

  init(options: PipelineOptions, context: PluginContext?) throws {
    if let context {
      package = context.package.directory
      state = try Self.writable(Self.shared(of: context.workDirectory), else: context.workDirectory + "/swift-sematic")
      return
    }
    let folder = FileTree.absolute(options.packagePath ?? ".")
    if FileTree.exists(folder + "/Package.swift") {
      package = folder
    } else if options.executable != nil, options.packagePath == nil {
      // No package: the pipeline file beside the caller still counts, and the results go where caches go.
      package = nil
    } else {
      throw NoPackage(folder: folder)
    }
    state = Self.state(of: package)
  }

  /// Below the package, or where caches go.
  static func state(of package: String?) -> String {
    if let package { return package + "/.build/swift-sematic" }
    let environment = ProcessInfo.processInfo.environment
    let caches = environment["XDG_CACHE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
    return (caches ?? (environment["HOME"] ?? "/tmp") + "/.cache") + "/swift-sematic"
  }

  /// `<scratch>/plugins/<plugin>/outputs` -> `<scratch>/swift-sematic`
  static func shared(of workDirectory: String) -> String? {
    let parts = workDirectory.split(separator: "/", omittingEmptySubsequences: false)
    guard let plugins = parts.lastIndex(of: "plugins"), plugins > 1 else { return nil }
    return parts[..<plugins].joined(separator: "/") + "/swift-sematic"
  }

  private static func writable(_ folder: String?, else other: String) throws -> String {
    if let folder, (try? FileTree.createDirectory(folder)) != nil, FileTree.isWritable(folder) { return folder }
    try FileTree.createDirectory(other)
    return other
  }
}

/// A folder in which a package was expected.
struct NoPackage: ExplainedError, Hashable {
  let folder: String

  var description: String { "cannot find Package.swift in \(folder)" }
  var hint: String? { "run this in a package's folder, or give --package-path" }
}
