import SematicFiles

/// The package's folder, which has everything that a pipeline takes from this machine.
struct PackageFolder: Hashable, Sendable {
  let path: String
  /// The path without symbolic links; it ends in a slash.
  private let root: String

  /// - Throws: `FileError`.
  init(_ path: String) throws {
    self.path = FileTree.absolute(path)
    let resolved = try FileTree.resolved(self.path)
    root = resolved == "/" ? resolved : resolved + "/"
  }

  /// The parts of a path as a person writes it, without `.` and doubled slashes.
  /// - Throws: `MalformedSetting`.
  static func parts(of text: String) throws -> [String] {
    guard !text.hasPrefix("/") else {
      throw MalformedSetting("'\(text)' is an absolute path: write it from the package's folder on")
    }
    let parts = text.split(separator: "/").map(String.init).filter { $0 != "." }
    guard !parts.contains("..") else {
      throw MalformedSetting("'\(text)' leaves the package: write a path in the package's folder, without '..'")
    }
    guard !text.unicodeScalars.contains("\0") else { throw MalformedSetting("'\(text)' has a zero byte") }
    return parts
  }

  /// The file or folder that a path leads to: its path in the package, without symbolic links.
  /// - Throws: `MalformedSetting` where it is elsewhere or missing.
  func target(of relativePath: String) throws -> String {
    let whole = path + "/" + relativePath
    let resolved: String
    do {
      resolved = try FileTree.resolved(whole)
    } catch let error as FileError {
      if try error.isMissing && FileStatus.ifPresent(whole, followingLinks: false) != nil {
        throw MalformedSetting("'\(relativePath)' is a symbolic link that leads to nothing")
      }
      throw MalformedSetting("'\(relativePath)' cannot be read: \(error.reason)")
    }
    guard resolved + "/" == root || resolved.utf8.starts(with: root.utf8) else {
      throw MalformedSetting("'\(relativePath)' leaves the package by a symbolic link, to \(resolved)")
    }
    return String(decoding: resolved.utf8.dropFirst(root.utf8.count), as: UTF8.self)
  }
}
