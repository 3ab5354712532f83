import SematicFiles
import SematicSystem

/// Where a verb finds the package and keeps what it makes.
struct Workspace: Sendable {
  /// The package's folder; nil when the tool is used on an executable without one.
  let package: String?
  let state: StateFolder

  /// - Throws: `NoPackage`, `FileError`.
  init(options: PipelineOptions, context: PluginContext?) throws {
    if let context {
      package = context.package.directory
      state = try StateFolder(pluginWorkDirectory: context.workDirectory)
      return
    }
    let folder = FileTree.absolute(options.packagePath ?? ".")
    if FileTree.exists(folder + "/Package.swift") {
      package = folder
    } else if options.executable != nil, options.packagePath == nil {
      // The pipeline file in the current folder still counts.
      package = nil
    } else {
      throw NoPackage(folder: folder)
    }
    state = StateFolder(package: package)
  }
}

/// A folder in which a package was expected.
struct NoPackage: ExplainedError, Hashable {
  let folder: String

  var description: String { "cannot find Package.swift in \(folder)" }
  var hint: String? { "run this in a package's folder, or give --package-path" }
}
