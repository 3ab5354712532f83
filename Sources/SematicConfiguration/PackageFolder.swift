import SematicFiles

/// The package's folder, or that of the git repository that it is in. They have everything that a pipeline takes from this
/// machine.
struct PackageFolder: Equatable, Sendable {
  let path: String
  /// What people call it: `package` or `repository`.
  let kind: String
  /// The path without symbolic links; it ends in a slash.
  private let root: String

  /// - Throws: `FileError`.
  init(_ path: String) throws { try self.init(path, "package") }

  private init(_ path: String, _ kind: String) throws {
    self.path = FileTree.absolute(path)
    self.kind = kind
    let resolved = try FileTree.resolved(self.path)
    root = resolved == "/" ? resolved : resolved + "/"
  }

  /// The start of a path from the repository's root.
  static let repositoryMark = "//"

  /// The folder that a path is to be found in: the package, or the repository for `//path`.
  /// - Throws: `MalformedSetting` where there is no repository.
  func folder(of text: String) throws -> PackageFolder {
    guard text.hasPrefix(Self.repositoryMark) else { return self }
    var folder = path
    // A file in a worktree and in a submodule.
    while !FileTree.exists(folder + "/.git") {
      guard folder != "/" else {
        throw MalformedSetting(
          "'\(text)' is a path from the root of a git repository, and the package is in none: write it without '//'")
      }
      folder = FileTree.parent(of: folder)
    }
    return try PackageFolder(folder, "repository")
  }

  /// The file that a path names.
  /// - Throws: `MalformedSetting`, `FileError`.
  func file(_ text: String) throws -> PackageFile {
    let folder = try folder(of: text)
    let path = try Self.parts(of: text).joined(separator: "/")
    let whole = folder.path + "/" + path
    guard try FileStatus.ifPresent(whole, followingLinks: false) != nil else {
      throw MalformedSetting("there is no file '\(path)' in the \(folder.kind)")
    }
    _ = try folder.target(of: path)
    guard try FileStatus(of: whole).kind == .file else { throw MalformedSetting("'\(path)' is not a file") }
    let isOther = text.hasPrefix(Self.repositoryMark)
    return PackageFile(path: whole, relativePath: isOther ? Self.repositoryMark + path : path)
  }

  /// The parts of a path as a person writes it, without `.` and doubled slashes.
  /// - Throws: `MalformedSetting`.
  static func parts(of text: String) throws -> [String] {
    let isInRepository = text.hasPrefix(repositoryMark)
    guard isInRepository || !text.hasPrefix("/") else {
      throw MalformedSetting("'\(text)' is an absolute path: write it from the package's folder on")
    }
    let parts = text.split(separator: "/").filter { $0 != "." }.map { String($0) }
    guard !parts.contains("..") else {
      throw MalformedSetting(
        isInRepository
          ? "'\(text)' must not have '..'"
          : "'\(text)' leaves the package: write a path in the package's folder, without '..'")
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
      throw MalformedSetting("'\(relativePath)' leaves the \(kind) by a symbolic link, to \(resolved)")
    }
    return String(decoding: resolved.utf8.dropFirst(root.utf8.count), as: UTF8.self)
  }
}
