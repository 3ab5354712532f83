import SematicFiles
import SematicSystem

/// The way from the patterns of `data` to its files.
enum DataFiles {
  /// Finds the files of patterns, sorted by the bytes of their paths in the package, then of their destinations.
  /// - Throws: `ConfigurationError`, `FileError`.
  static func expand(
    _ patterns: [Located<DataPattern>], in package: PackageFolder, workingDirectory: String?, setting: String = "data"
  ) throws -> [DataFile] {
    var files: [DataFile] = []
    var taken: [[UInt8]: Located<String>] = [:]
    for pattern in patterns {
      for file in try expand(pattern, in: package, setting) {
        guard !file.isEmptyFolder else {
          files.append(file)
          continue
        }
        let destination = file.destination ?? file.relativePath
        let key = Array(whole(destination, workingDirectory).utf8)
        if let first = taken[key] {
          if first.value.utf8.elementsEqual(file.relativePath.utf8) { continue }
          throw ConfigurationError(
            pattern.location,
            "data: '\(file.relativePath)' and '\(first.value)' (\(first.location)) would both be '\(destination)' in the image"
          )
        }
        taken[key] = Located(file.relativePath, pattern.location)
        files.append(file)
      }
    }
    try rejectFilesAsFolders(taken)
    // Collections compared byte by byte are slow in a debug build, which is what users get.
    return files.sorted { left, right in
      let order = strcmp(left.relativePath, right.relativePath)
      return order == 0 ? strcmp(left.destination ?? "", right.destination ?? "") < 0 : order < 0
    }
  }

  private static func expand(_ pattern: Located<DataPattern>, in package: PackageFolder, _ setting: String) throws
    -> [DataFile]
  {
    let glob = pattern.value.glob
    if pattern.value.isOfSystem {
      let destination = pattern.value.destination
      return [DataFile(source: glob, destination: destination, relativePath: glob, isOfSystem: true)]
    }
    let found: Glob.Found
    do {
      found = try Glob(glob).files(in: package)
    } catch let error as MalformedSetting {
      throw ConfigurationError(pattern.location, "\(setting): \(error.reason)", hint: error.hint)
    } catch let error as FileError {
      throw ConfigurationError(pattern.location, "\(setting): \(error)")
    }
    // Python imports nothing from an empty folder.
    let folders = setting == "data" ? found.emptyFolders : []
    guard !found.files.isEmpty || !folders.isEmpty else {
      throw ConfigurationError(
        pattern.location, "\(setting): '\(glob)' matches no file of the \(found.folder.kind)",
        hint: "hidden files need a pattern that names the dot; '.build' and '.git' are never searched")
    }
    let isInRepository = glob.hasPrefix(PackageFolder.repositoryMark)
    return (found.files.map { ($0, false) } + folders.map { ($0, true) }).map { path, isEmptyFolder in
      DataFile(
        source: found.folder.path + "/" + path,
        destination: destination(of: path, pattern.value, found) ?? (isInRepository ? path : nil),
        relativePath: isInRepository ? PackageFolder.repositoryMark + path : path, isEmptyFolder: isEmptyFolder)
    }
  }

  /// The path in the image: the destination itself for one named file, a path in that folder for anything else.
  private static func destination(of path: String, _ pattern: DataPattern, _ found: Glob.Found) -> String? {
    guard let folder = pattern.destination else { return nil }
    let parts = path.split(separator: "/")
    let isFolder = folder.hasSuffix("/") || FileTree.name(of: folder) == "."
    let inside = found.isFile ? (isFolder ? parts.suffix(1) : []) : parts.dropFirst(found.fixedParts)
    let joined = folder.split(separator: "/").filter { $0 != "." } + inside
    return (folder.hasPrefix("/") ? "/" : "") + joined.joined(separator: "/")
  }

  /// The absolute path in the image, as far as it is known before the base is.
  private static func whole(_ destination: String, _ workingDirectory: String?) -> String {
    guard let workingDirectory, !destination.hasPrefix("/") else { return destination }
    return FileTree.absolute(destination, from: workingDirectory)
  }

  private static func rejectFilesAsFolders(_ taken: [[UInt8]: Located<String>]) throws {
    func fileAbove(_ path: [UInt8]) -> [UInt8]? {
      var parent = path[...]
      while let slash = parent.lastIndex(of: UInt8(ascii: "/")) {
        parent = parent[..<slash]
        if taken[Array(parent)] != nil { return Array(parent) }
      }
      return nil
    }
    let inFiles = taken.keys.filter { fileAbove($0) != nil }
    guard let path = inFiles.min(by: { $0.lexicographicallyPrecedes($1) }), let file = taken[path],
      let above = fileAbove(path), let other = taken[above]
    else { return }
    let folder = String(decoding: above, as: UTF8.self)
    throw ConfigurationError(
      file.location,
      "data: '\(file.value)' cannot be in '\(folder)': that is the file '\(other.value)' (\(other.location))")
  }
}
