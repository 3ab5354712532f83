import SematicFiles
import SematicSystem

/// Decides the paths of an image's layers: which layer holds what, in which order, with which folders above it.
///
/// It is the only place that does so. It reads nothing from disk.
struct LayerPlanner {
  struct Placed {
    let file: PlannedFile
    /// Several where layers that are shared between images have the same library.
    var kinds: [LayerPlan.Kind]
    /// The thing it comes from, for messages: "the data config.json".
    let owner: String
  }

  private var placed: [PathKey: Placed] = [:]

  func holds(_ path: String) -> Bool { owner(of: path) != nil }

  func owner(of path: String) -> String? { placed[PathKey(path)]?.owner }

  /// Two folders at one place are one, which keeps the first one's mode; so are two equal files.
  /// - Throws: `ImagePlanError` for a path that cannot be in a layer, or that something else has.
  mutating func add(_ file: PlannedFile, to kind: LayerPlan.Kind, owner: String) throws {
    // The Finder of macOS leaves one in every folder that somebody looks at.
    if file.path == ".DS_Store" || file.path.hasSuffix("/.DS_Store") { return }
    if let problem = Self.problem(file) {
      throw ImagePlanError(.place(path: "/" + file.path, item: owner, problem: problem))
    }
    let key = PathKey(file.path)
    if let present = placed[key] {
      if present.file.content == .directory && file.content == .directory { return }
      if present.file == file {
        if kind.isShared, !present.kinds.contains(kind) { placed[key]?.kinds.append(kind) }
        return
      }
      throw ImagePlanError(.collision(path: file.path, first: present.owner, second: owner))
    }
    placed[key] = Placed(file: file, kinds: [kind], owner: owner)
  }

  mutating func add(_ files: [PlannedFile], to kind: LayerPlan.Kind, owner: String) throws {
    for file in files { try add(file, to: kind, owner: owner) }
  }

  /// The layers that hold something, lowest first.
  /// - Parameters:
  ///   - isWhole: whether the image is ours alone. Then a layer names all folders above what it holds. In a base's
  ///     folders it does not: an entry for a folder that the base has would replace its owner and mode, or a symbolic
  ///     link such as /lib. Programs that unpack layers create folders that no layer has.
  ///   - limit: the size of the files of one layer, in bytes: see `LayerCut`.
  ///   - baseLayers: how many layers the base has.
  /// - Throws: `ImagePlanError` when something lies below a file or link.
  func layers(isWhole: Bool, limit: Int64? = nil, above baseLayers: Int = 0) throws -> [LayerPlan] {
    var kinds: [LayerPlan.Kind: [(key: PathKey, value: Placed)]] = [:]
    for item in placed { for kind in item.value.kinds { kinds[kind, default: []].append(item) } }
    let contents = try LayerPlan.Kind.allCases.compactMap { kind in
      try kinds[kind].map { (kind, files: try innermost($0)) }
    }
    return LayerCut.groups(of: contents, limit: limit ?? LayerCut.defaultLimit, above: baseLayers).map { kind, files in
      LayerPlan(kind: kind, files: withFolders(files, all: isWhole))
    }
  }

  /// Everything but folders that are named anyway since something is in them, in the order of the archive.
  private func innermost(_ items: [(key: PathKey, value: Placed)]) throws -> [PlannedFile] {
    var filled: Set<PathKey> = []
    for (_, item) in items {
      for parent in Self.parents(of: item.file.path) {
        let key = PathKey(parent)
        // Its own parents were seen with it.
        guard filled.insert(key).inserted else { break }
        if let present = placed[key], present.file.content != .directory {
          throw ImagePlanError(.collision(path: parent, first: present.owner, second: "a folder for \(item.owner)"))
        }
      }
    }
    return items.filter { !filled.contains($0.key) }.sorted { $0.key < $1.key }.map(\.value.file)
  }

  private func withFolders(_ files: [PlannedFile], all: Bool) -> [PlannedFile] {
    var named: [PathKey: PlannedFile] = [:]
    named.reserveCapacity(files.count * 2)
    for file in files {
      named[PathKey(file.path)] = file
      for parent in Self.parents(of: file.path) where all || Self.isOurs(parent) {
        let key = PathKey(parent)
        guard named[key] == nil else { break }
        named[key] =
          placed[key]?.file ?? PlannedFile(path: parent, content: .directory, mode: WorkerFolders.mode(of: parent))
      }
    }
    return named.sorted { $0.key < $1.key }.map(\.value)
  }

  /// The folders above a path, the innermost first.
  private static func parents(of path: String) -> some Sequence<String> {
    sequence(first: FileTree.parent(of: path)) { FileTree.parent(of: $0) }.lazy.prefix { $0 != "." && $0 != "/" }
  }

  private static func isOurs(_ path: String) -> Bool {
    path == WorkerFolders.root || path.hasPrefix(WorkerFolders.root + "/")
  }

  /// Why a layer cannot hold this.
  private static func problem(_ file: PlannedFile) -> String? {
    if case .symbolicLink(let destination) = file.content, destination.isEmpty || destination.utf8.contains(0) {
      return "the destination of the link is empty or has a zero byte"
    }
    let path = file.path.utf8
    // Nearly all are plain, and looking at the parts of thousands of paths takes time.
    let isPlain =
      path.first.map { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: ".") } ?? false
      && path.last != UInt8(ascii: "/") && strstr(file.path, "//") == nil && strstr(file.path, "/.") == nil
      && strlen(file.path) == path.count
    if isPlain { return nil }
    if path.isEmpty { return "its path is empty" }
    if path.contains(0) { return "it has a zero byte" }
    if path.first == UInt8(ascii: "/") { return "its path starts with a slash" }
    for part in path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
      if part.isEmpty { return "its path has an empty part" }
      if part.elementsEqual(".".utf8) || part.elementsEqual("..".utf8) {
        return "its path has a part '\(String(part) ?? "")'"
      }
      // https://github.com/opencontainers/image-spec/blob/v1.1.0/layer.md#whiteouts
      if part.starts(with: ".wh.".utf8) { return "a name that begins with .wh. deletes files in a layer" }
    }
    return nil
  }
}
