import SematicConfiguration
import SematicFiles
import SematicSystem

/// Where a verb finds the package and keeps what it makes.
struct Workspace: Sendable {
  /// The package's folder; nil when the tool is used on an executable without one.
  let package: String?
  /// The folder of the pipeline file, if there is one.
  let folder: String
  let state: StateFolder

  /// - Parameters:
  ///   - package: the package of the pipeline, where a plugin told it.
  ///   - workDirectory: the plugin's own folder.
  /// - Throws: `MisplacedPackage`, `NoCacheFolder`, `FileError`.
  init(options: VerbOptions, package chosen: PluginContext.Package?, workDirectory: String?) throws {
    if let chosen, let workDirectory {
      (folder, package) = (chosen.directory, chosen.directory)
      state = try StateFolder(pluginWorkDirectory: workDirectory)
      return
    }
    if let found = try Self.package(options.packagePath) {
      (package, folder) = (found, found)
      state = try StateFolder(package: found, isNamed: options.packagePath != nil)
    } else if !options.executables.isEmpty, options.packagePath == nil {
      (package, folder, state) = (nil, FileTree.currentDirectory(), try StateFolder(package: nil, isNamed: false))
    } else {
      throw MisplacedPackage(reason: .none(in: FileTree.absolute(options.packagePath ?? ".")))
    }
  }

  /// The package in a folder; without one, that in the current folder or the nearest one above.
  static func package(_ path: String?) throws -> String? {
    var folder = path.map { FileTree.absolute($0) } ?? FileTree.currentDirectory()
    while !isSwift(folder), !FileTree.exists(folder + "/" + PipelineFile.name) {
      if folder == "/" || path != nil { return nil }
      folder = FileTree.parent(of: folder)
    }
    return folder
  }

  /// Whether SwiftPM builds the folder's package; a project in Python alone has only a pipeline file.
  static func isSwift(_ folder: String) -> Bool { FileTree.exists(folder + "/Package.swift") }
}

/// A package that is not where the call says.
struct MisplacedPackage: ExplainedError {
  enum Reason: Sendable {
    case none(in: String)
    case optionBehindVerb(String)
    case several([String])
  }

  let reason: Reason

  var description: String {
    switch reason {
    case .none(let folder): "cannot find Package.swift or \(PipelineFile.name) in \(folder) or a folder above it"
    case .optionBehindVerb(let path):
      "--package-path behind the verb names \(path), which is neither the package that swift package was started for nor a "
        + "dependency of it"
    case .several(let folders): "there are \(folders.count) packages with pipelines: \(folders.joined(separator: ", "))"
    }
  }

  var hint: String? {
    switch reason {
    case .none: "run this in a package's folder, or give --package-path"
    case .optionBehindVerb(let path):
      "write it in front: `"
        + Invocation.command(Invocation.name).replacing("package ", with: "package --package-path \(path) ") + "`"
    case .several: "name one with --pipeline NAME, or with --package-path FOLDER behind the verb"
    }
  }

  var isMisuse: Bool { if case .none = reason { false } else { true } }
}
