import SematicFiles
import Foundation

/// The files that the tool brings along: base descriptors, the entrypoint, the starter pipeline file.
package enum Templates {
  /// - Throws: `FileError` when the tool was moved away from its files.
  package static func file(_ name: String) throws -> String {
    let path = folder + "/" + name
    guard FileTree.exists(path) else {
      throw FileError("find the template", path, reason: "ImageTool was moved away from its package's build folder")
    }
    return path
  }

  /// The folder of a starter package, in the sources: what users copy is not copied into their builds.
  /// - Throws: `FileError` when there is none by that name.
  package static func starter(_ name: String) throws -> String {
    let path = FileTree.parent(of: #filePath) + "/" + name
    guard try starters().contains(name) else {
      throw FileError("find the template", path, reason: "there are \(try starters().joined(separator: ", "))")
    }
    return path
  }

  package static func starters() throws -> [String] {
    let sources = FileTree.parent(of: #filePath)
    return try FileTree.names(in: sources).filter {
      $0.hasPrefix("starter") && FileTree.exists("\(sources)/\($0)/Package.swift")
    }
  }

  /// SwiftPM puts a bundle beside the executable ('.bundle' by its newer build system); else the sources serve.
  /// `Bundle.module` is not used, because it traps where there is none.
  package static let folder: String = {
    let executable =
      (try? FileTree.resolved("/proc/self/exe")) ?? Bundle.main.executablePath ?? CommandLine.arguments[0]
    let beside = FileTree.parent(of: FileTree.absolute(executable)) + "/swift-sematic_SematicTemplates"
    return [beside + ".resources", beside + ".bundle"].first { FileTree.isDirectory($0) }
      ?? FileTree.parent(of: #filePath)
  }()
}
