import ArgumentParser
import SematicConfiguration
import SematicFiles
import SematicSystem

/// The files that the tool brings along: base descriptors, the entrypoint, the starter pipeline file.
enum Templates {
  /// - Throws: `MissingTemplate`.
  static func file(_ name: String) throws -> String {
    let path = folder + "/" + name
    guard FileTree.exists(path) else { throw MissingTemplate(path) }
    return path
  }

  /// - Throws: `MissingTemplate`, `FileError`.
  static func text(_ name: String) throws -> String { String(decoding: try FileTree.read(file(name)), as: UTF8.self) }

  /// The `sitecustomize` of Python packages, and that of a worker; both end by running the next one.
  static var packagesSite: String {
    get throws { try text("sitecustomize.py") + "\n" + text("next-sitecustomize.py") }
  }
  static var workerSite: String {
    get throws { try text("worker-sitecustomize.py") + text("next-sitecustomize.py") }
  }

  /// The folder of a starter package, in the sources: what users copy is not copied into their builds.
  /// - Throws: `MissingTemplate`, or a `ValidationError` when there is none by that name.
  static func starter(_ name: String) throws -> String {
    let names = try starters()
    guard names.contains(name) else {
      throw ValidationError("--template: there is no '\(name)', only \(names.joined(separator: ", "))")
    }
    return folder + "/" + name
  }

  static func starters() throws -> [String] {
    guard FileTree.isDirectory(folder) else { throw MissingTemplate(folder) }
    return try FileTree.names(in: folder).filter {
      $0.hasPrefix("starter") && FileTree.exists("\(folder)/\($0)/Package.swift")
    }
  }

  /// `Templates` beside the executable, where there is one; else that of the checkout which it was built from.
  static let folder: String = {
    let beside = (POSIX.executablePath.map(FileTree.parent) ?? ".") + "/Templates"
    #if ARTIFACT_BUNDLE  // by .github/release/bundle: no path of the machine that built it is in the file
      return beside
    #else
      if FileTree.isDirectory(beside) { return beside }
      // Sources/ImageTool/Pipeline/Templates.swift
      return (0..<4).reduce(#filePath) { path, _ in FileTree.parent(of: path) } + "/Templates"
    #endif
  }()
}
