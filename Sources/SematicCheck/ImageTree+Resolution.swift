extension ImageTree {
  /// The end of a path, with all links followed.
  package enum PathTarget: Equatable, Sendable {
    case found(FoundFile)
    /// Nothing lies at this path, to which the one that was asked for leads.
    case missing(String)
    /// More links than the kernel follows.
    case loop(String)
    /// In the middle of the path is something that is not a folder.
    case notAFolder(String)

    /// Where it ends, without the leading slash.
    package var path: String {
      switch self {
      case .found(let found): found.path
      case .missing(let path), .loop(let path), .notAFolder(let path): path
      }
    }

    package var found: FoundFile? { if case .found(let found) = self { found } else { nil } }
  }

  /// As Linux does.
  private static let linkLimit = 40

  /// Follows a path and the links on its way, which never lead out of the image.
  /// - Throws: `ArchiveError`, `UnreadableLayer`, and what reading a layer throws.
  package func resolve(_ path: String) throws -> PathTarget { try resolve(path, below: layers.count) }

  func resolve(_ path: String, below count: Int) throws -> PathTarget {
    var rest = Self.parts(path)
    var place = ""
    var links = 0
    var length = path.utf8.count
    while let name = rest.popLast() {
      if name == ".." {
        place = ImagePath.split(place).folder
        continue
      }
      let next = ImagePath.join(place, name)
      try spend(1 + next.utf8.count / 64)
      let isWhole = count == layers.count
      guard let found = try isWhole ? entry(at: next) : lookup(next, below: count) else {
        return .missing(Self.joined(next, rest))
      }
      switch found.entry.kind {
      case .symbolicLink(let target):
        links += 1
        length += target.utf8.count
        guard links <= Self.linkLimit, length <= 16 * LayerListing.pathLimit else {
          return .loop(ImagePath.normalized(path) ?? path)
        }
        if ImagePath.isAbsolute(target) { place = "" }
        rest += Self.parts(target)
      case .directory: place = next
      default:
        guard rest.isEmpty else { return .notAFolder(next) }
        return .found(found)
      }
    }
    let found = count == layers.count ? try entry(at: place) : try lookup(place, below: count)
    return found.map(PathTarget.found) ?? .missing(place)
  }

  /// The last first, without `.`.
  private static func parts(_ path: String) -> [String] {
    ImagePath.parts(path).reversed()
  }

  private static func joined(_ path: String, _ rest: [String]) -> String {
    ([path] + rest.reversed()).joined(separator: "/")
  }

  /// `3.11` where /usr/bin/python3 is Python 3.11, by the name of the file that it leads to; nil when there is none.
  ///
  /// Where that does not tell: by the folder of its library.
  package func pythonVersion(of path: String = "/usr/bin/python3") throws -> String? {
    guard let python = try resolve(path).found, python.entry.kind == .file else { return nil }
    let (folder, name) = ImagePath.split(python.path)
    if let version = Self.version(name, after: "python") { return version }
    let library = ImagePath.join(ImagePath.split(folder).folder, "lib")
    guard let found = try resolve(library).found, found.entry.kind == .directory else { return nil }
    let versions = try names(in: found.path).compactMap { name -> String? in
      guard let version = Self.version(name, after: "python"),
        try resolve("\(found.path)/\(name)/os.py").found != nil
      else { return nil }
      return version
    }
    return versions.count == 1 ? versions.first : nil
  }

  private static func version(_ name: String, after prefix: String) -> String? {
    guard name.hasPrefix(prefix) else { return nil }
    let numbers = name.dropFirst(prefix.count).split(separator: ".", omittingEmptySubsequences: false)
    guard numbers.count == 2, numbers.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) } })
    else { return nil }
    return numbers.joined(separator: ".")
  }
}
