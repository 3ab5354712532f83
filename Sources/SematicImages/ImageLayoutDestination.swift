import SematicFiles
import SematicOCI
import SematicSystem

/// A layout folder that images are written to.
///
/// It is written beside its place first, and then put there as a whole. Images with other tags stay; blobs that no image needs any more are removed.
package final class ImageLayoutDestination: ImageDestination, @unchecked Sendable {  // the lock guards the variables
  package let path: String
  private let lock = Lock()
  private var staging: String?
  private var index: ImageLayoutIndex

  package var name: String { "oci:\(path)" }

  /// - Throws: `ImageLayoutError.occupied` where something other than a layout exists.
  package init(_ path: String, repository: String? = nil) throws {
    let path = FileTree.absolute(path)
    self.path = FileTree.exists(path) ? try FileTree.resolved(path) : path
    index = ImageLayoutIndex(repository: repository)
    try Self.checkReplaceable(self.path)
  }

  deinit { discard() }

  package func hasBlob(_ descriptor: Descriptor) throws -> Bool {
    let place = try blobPath(descriptor)
    if try SealedFile.exists(place, size: descriptor.size) { return true }
    let old = ImageLayout.blobPath(descriptor.digest, in: path)
    return try SealedFile.exists(old, size: descriptor.size) && SealedFile.link(old, to: place)
  }

  package func writeBlob(
    _ descriptor: Descriptor, from content: BlobContent, progress: (Int64) throws -> Void
  ) throws {
    let place = try blobPath(descriptor)
    var file: String?
    switch content {
    case .bytes: break
    case .file(let path): file = path
    case .source(let source): file = try source.localFile(for: descriptor, progress: progress)
    }
    if let file, try SealedFile.exists(file, size: descriptor.size), try SealedFile.link(file, to: place) { return }
    let output = try AtomicFile(place, mode: 0o444)
    try (file.map(BlobContent.file) ?? content).read(descriptor) { piece in
      try output.write(piece)
      try progress(Int64(piece.count))
    }
    try output.commit(sealed: true)
  }

  package func putManifest(_ bytes: Data, _ descriptor: Descriptor, tags: [String]) throws {
    try writeBlob(descriptor, from: .bytes(bytes)) { _ in }
    try lock.withLock { try index.put(bytes, descriptor, tags: tags) }
  }

  package func manifest(_ identifier: ManifestIdentifier) throws -> ManifestDocument {
    let digest = try lock.withLock { try index.manifest(identifier, in: name).descriptor.digest }
    let file = ImageLayout.blobPath(digest, in: try stagingFolder())
    let bytes = Data(try FileTree.read(file, limit: ManifestDocument.sizeLimit))
    return try ManifestDocument(bytes: bytes, mediaType: nil, as: .digest(digest), from: name)
  }

  /// Puts the layout into its place. An equal and complete layout is left as it is.
  package func finish() throws {
    let staging = try stagingFolder()
    // Whoever writes to the same layout at the same time waits, or the images of one of them would be lost. Where a file
    // system has no such locks, nobody waits.
    let parent = open(FileTree.parent(of: path), O_RDONLY | O_CLOEXEC)
    defer { close(parent) }
    flock(parent, LOCK_EX)
    try Self.checkReplaceable(path)
    let kept = try keepOthers(in: staging)
    let bytes = try lock.withLock {
      index.keep(kept)
      return try index.encoded()
    }
    try AtomicFile.write(bytes, to: staging + "/index.json")
    try AtomicFile.write(ImageLayoutIndex.versionFile, to: staging + "/oci-layout")
    if try !isSame(staging) { try FileTree.replaceDirectory(path, with: staging) }
    discard()
  }

  package func discard() {
    lock.withLock {
      if let staging { try? FileTree.remove(staging) }
      staging = nil
      index = ImageLayoutIndex(repository: index.repository)
    }
  }

  /// Links the blobs of the images that stay.
  /// - Returns: their entries in the index. A damaged image does not stay.
  private func keepOthers(in staging: String) throws -> [Descriptor] {
    guard let layout = try? ImageLayout(path) else { return [] }
    return try lock.withLock { index.remaining(of: layout.index.manifests, in: layout) }.filter { entry in
      guard let blobs = layout.blobs(of: entry.digest) else { return false }
      for digest in blobs {
        let file = ImageLayout.blobPath(digest, in: path)
        let place = ImageLayout.blobPath(digest, in: staging)
        // A thin layout has some of them only.
        guard try FileStatus.ifPresent(file, followingLinks: false)?.kind == .file else { continue }
        guard !FileTree.exists(place), try !SealedFile.link(file, to: place) else { continue }
        let copy = try AtomicFile(place, mode: 0o444)
        try InputFile(file).forEachChunk { try copy.write($0) }
        try copy.commit(sealed: false)
      }
      return true
    }
  }

  private func stagingFolder() throws -> String {
    try lock.withLock {
      if let staging { return staging }
      let parent = FileTree.parent(of: path)
      try FileTree.createDirectory(parent)
      Leftovers.remove(in: parent)
      let folder = (parent == "/" ? "" : parent) + "/" + Leftovers.newName()
      try FileTree.createDirectory(folder)
      staging = folder
      return folder
    }
  }

  private func blobPath(_ descriptor: Descriptor) throws -> String {
    ImageLayout.blobPath(descriptor.digest, in: try stagingFolder())
  }

  /// Whether the layout has the same index and blobs, all still sealed.
  private func isSame(_ staging: String) throws -> Bool {
    guard try FileStatus.ifPresent(path + "/index.json") != nil, try FileStatus.ifPresent(path + "/oci-layout") != nil,
      try FileTree.read(path + "/index.json") == FileTree.read(staging + "/index.json"),
      try FileTree.read(path + "/oci-layout") == FileTree.read(staging + "/oci-layout"),
      FileTree.isDirectory(path + "/blobs")
    else { return false }
    let algorithms = try FileTree.names(in: staging + "/blobs")
    guard try FileTree.names(in: path + "/blobs") == algorithms else { return false }
    for folder in algorithms.map({ "/blobs/" + $0 }) {
      let names = try FileTree.names(in: staging + folder)
      guard try FileTree.names(in: path + folder) == names else { return false }
      for name in names.map({ folder + "/" + $0 }) {
        guard try SealedFile.exists(path + name, size: FileStatus(of: staging + name).size) else { return false }
      }
    }
    return true
  }

  private static func checkReplaceable(_ path: String) throws {
    guard let status = try FileStatus.ifPresent(path, followingLinks: false) else { return }
    guard path != "/", status.kind == .directory else {
      throw ImageLayoutError.occupied(path, "it exists and is not a folder")
    }
    let names = try FileTree.names(in: path)
    if names.isEmpty { return }
    let foreign = names.first {
      !["oci-layout", "index.json", "blobs", ".DS_Store"].contains($0) && !$0.hasPrefix(".partial-")
    }
    if let foreign {
      throw ImageLayoutError.occupied(path, "the folder contains '\(foreign)', so it is more than an image layout")
    }
    guard names.contains("oci-layout") else {
      throw ImageLayoutError.occupied(path, "the folder is not an image layout")
    }
  }
}
