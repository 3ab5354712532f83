import SematicFiles

/// A path in the package, or with `//` in its repository, with wildcards, and the files that it finds there.
///
/// `*`, `?` and `[a-z]` stand within a name, `**` for any folders, none included. What matches a folder takes all that is
/// in it. Hidden files are found only where the pattern names their dot, `.build` and `.git` never.
struct Glob: Equatable, Sendable {
  private enum Part: Equatable, Sendable {
    case folders
    case name(GlobPattern)
  }

  private static let neverSearched: Set<String> = [".build", ".git"]

  private let parts: [Part]
  private let text: String

  /// - Throws: `MalformedSetting`.
  init(_ text: String) throws {
    guard !text.isEmpty else { throw MalformedSetting("a path is empty") }
    var parts: [Part] = []
    for part in try PackageFolder.parts(of: text) {
      if part != "**" {
        parts.append(.name(try GlobPattern(part)))
      } else if parts.last != .folders {
        parts.append(.folders)
      }
    }
    self.parts = parts
    self.text = text
  }

  /// The files that the pattern found.
  struct Found {
    /// The folder that the pattern starts from.
    let folder: PackageFolder
    /// The paths in that folder, in no order, each once.
    var files: [String] = []
    /// The folders among them that have nothing to take in them.
    var emptyFolders: [String] = []
    /// The number of a path's first parts that are the same for all of them: they are not part of a destination.
    let fixedParts: Int
    /// Whether the pattern is the name of one file.
    var isFile = false
  }

  /// - Throws: `MalformedSetting` for what cannot be taken, `FileError`.
  func files(in package: PackageFolder) throws -> Found {
    let package = try package.folder(of: text)
    let fixed = parts.prefix { if case .name(let pattern) = $0 { pattern.literal != nil } else { false } }.count
    var search = Search(package: package, found: Found(folder: package, fixedParts: fixed))
    try search.descend("", parts[...], through: [""])
    search.found.isFile = fixed == parts.count && search.found.files == [literalPath]
    return search.found
  }

  /// The name among others that differs from this one only in case, or in how letters with accents are written; nil where the
  /// name itself is there.
  static func otherSpelling(of name: String, among names: [String]) -> String? {
    if names.contains(where: { $0.utf8.elementsEqual(name.utf8) }) { return nil }
    let folded = name.lowercased()
    // Two strings are equal, however their accents are written.
    return names.first { $0.lowercased() == folded }
  }

  private var literalPath: String {
    parts.map { if case .name(let pattern) = $0 { pattern.literal ?? "" } else { "" } }.joined(separator: "/")
  }

  /// Whether the pattern matches a path of the package, or a folder that it is in.
  func covers(_ path: String) -> Bool { Self.covers(path.split(separator: "/").map(String.init)[...], parts[...]) }

  private static func covers(_ names: ArraySlice<String>, _ parts: ArraySlice<Part>) -> Bool {
    guard let part = parts.first else { return true }
    guard let name = names.first else { return part == .folders && parts.count == 1 }
    switch part {
    case .folders: return covers(names, parts.dropFirst()) || covers(names.dropFirst(), parts)
    case .name(let pattern):
      guard pattern.namesHidden || !name.hasPrefix(".") || pattern.literal != nil else { return false }
      return pattern.matches(name) && covers(names.dropFirst(), parts.dropFirst())
    }
  }

  /// One walk through the package.
  private struct Search {
    let package: PackageFolder
    var found: Found
    private var files: Set<[UInt8]> = []
    /// The folders that were searched already: `**` leads to one in many ways.
    private var visited: Set<Visit> = []

    private struct Visit: Hashable {
      let folder: [UInt8]
      let parts: Int
    }

    init(package: PackageFolder, found: Found) {
      self.package = package
      self.found = found
    }

    /// - Parameter folder: in the package; empty for the package itself.
    /// - Parameter trail: the folders on the way, without symbolic links.
    mutating func descend(_ folder: String, _ parts: ArraySlice<Part>, through trail: [String]) throws {
      guard visited.insert(Visit(folder: Array(folder.utf8), parts: parts.count)).inserted else { return }
      guard let part = parts.first else {
        let names = try names(in: folder).filter { !$0.hasPrefix(".") }
        for name in names { try take(name, in: folder, rest: [], through: trail) }
        if names.isEmpty, !folder.isEmpty { found.emptyFolders.append(folder) }
        return
      }
      let rest = parts.dropFirst()
      switch part {
      case .folders:
        if !rest.isEmpty { try descend(folder, rest, through: trail) }
        for name in try names(in: folder) where !name.hasPrefix(".") {
          try take(name, in: folder, rest: rest.isEmpty ? [] : parts, through: trail)
        }
      case .name(let pattern):
        if let name = pattern.literal {
          #if canImport(Darwin)
            // Its file systems open a file by any spelling of its name; an image has the one that is written here.
            if let other = Glob.otherSpelling(of: name, among: try names(in: folder)) {
              throw MalformedSetting("'\(name)' is '\(other)' on disk, and for Linux these are two names")
            }
          #endif
          try take(name, in: folder, rest: rest, through: trail)
        } else {
          for name in try names(in: folder) where pattern.namesHidden || !name.hasPrefix(".") {
            guard pattern.matches(name) else { continue }
            try take(name, in: folder, rest: rest, through: trail)
          }
        }
      }
    }

    private func names(in folder: String) throws -> [String] {
      try FileTree.names(in: package.path + "/" + folder).filter { !Glob.neverSearched.contains($0) }
    }

    /// Takes the file or folder with a name that matches, if there is one.
    private mutating func take(
      _ name: String, in folder: String, rest: ArraySlice<Part>, through trail: [String]
    ) throws {
      let path = folder.isEmpty ? name : folder + "/" + name
      guard !Glob.neverSearched.contains(name),
        let status = try FileStatus.ifPresent(package.path + "/" + path, followingLinks: false)
      else { return }
      var kind = status.kind
      var place = (trail.last.map { $0.isEmpty ? "" : $0 + "/" } ?? "") + name
      if kind == .symbolicLink {
        place = try package.target(of: path)
        guard !place.split(separator: "/").contains(where: { Glob.neverSearched.contains(String($0)) }) else {
          throw MalformedSetting("'\(path)' is a symbolic link into '\(place)', which is never taken")
        }
        kind = try FileStatus(of: package.path + "/" + path).kind
      }
      switch kind {
      case .directory:
        guard !trail.contains(place) else {
          throw MalformedSetting("'\(path)' is a symbolic link to a folder that it is in")
        }
        try descend(path, rest, through: trail + [place])
      case .file:
        if rest.isEmpty, files.insert(Array(path.utf8)).inserted { found.files.append(path) }
      case .symbolicLink, .other:
        guard rest.isEmpty else { return }
        throw MalformedSetting("'\(path)' is neither a file nor a folder")
      }
    }
  }
}
