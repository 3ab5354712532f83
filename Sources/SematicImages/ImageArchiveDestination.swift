import SematicArchive
import SematicFiles
import SematicOCI
import SematicSystem

/// A tar archive of a layout that images are written to.
///
/// Until `finish`, it only records where the blobs are; then they are streamed into the archive, and checked.
package final class ImageArchiveDestination: ImageDestination, @unchecked Sendable {  // the lock guards the variables
  package let path: String
  private let forDocker: Bool
  private let lock = Lock()
  private var blobs: [Digest: (descriptor: Descriptor, content: BlobContent)] = [:]
  private var index: ImageLayoutIndex

  package var name: String { "\((forDocker ? ImageFormat.dockerArchive : .ociArchive).rawValue):\(path)" }

  /// - Throws: `ImageLayoutError.occupied` where a folder exists, or a file that is not an archive.
  package init(_ path: String, forDocker: Bool, repository: String? = nil) throws {
    self.path = try AtomicFile.target(given: path)
    self.forDocker = forDocker
    index = ImageLayoutIndex(repository: repository)
    switch try FileStatus.ifPresent(self.path) {
    case let status? where status.kind == .directory:
      throw ImageLayoutError.occupied(self.path, "it exists and is a folder")
    case let status? where status.kind == .file && status.size > 0:
      guard try TarReader.isArchive(self.path) else {
        throw ImageLayoutError.occupied(self.path, "it exists and is not an archive")
      }
    default: break
    }
  }

  package func hasBlob(_ descriptor: Descriptor) throws -> Bool {
    lock.withLock { blobs[descriptor.digest]?.descriptor.size == descriptor.size }
  }

  package func writeBlob(
    _ descriptor: Descriptor, from content: BlobContent, progress: (Int64) throws -> Void
  ) throws {
    var content = content
    switch content {
    case .bytes: try content.read(descriptor) { _ in }
    case .file(let file): _ = try FileStatus(of: file)
    case .source(let source):
      if let file = try source.localFile(for: descriptor, progress: progress) { content = .file(file) }
    }
    lock.withLock { blobs[descriptor.digest] = (descriptor, content) }
  }

  package func putManifest(_ bytes: Data, _ descriptor: Descriptor, tags: [String]) throws {
    try writeBlob(descriptor, from: .bytes(bytes)) { _ in }
    try lock.withLock { try index.put(bytes, descriptor, tags: tags) }
  }

  package func manifest(_ identifier: ManifestIdentifier) throws -> ManifestDocument {
    try lock.withLock { try index.manifest(identifier, in: name) }
  }

  package func finish() throws {
    let (blobs, index) = lock.withLock { (self.blobs, self.index) }
    let file = try AtomicFile(given: path)
    let tar = TarWriter { try file.write($0) }
    func add(_ name: String, _ bytes: Data) throws {
      try tar.add(.file(name, size: Int64(bytes.count)), content: Array(bytes))
    }
    try add("oci-layout", ImageLayoutIndex.versionFile)
    try add("index.json", index.encoded())
    if forDocker {
      try add("manifest.json", DockerArchiveManifest.encoded(index, blobs: Set(blobs.keys)))
    }
    try tar.add(.directory("blobs"))
    var folder = ""
    for digest in blobs.keys.sorted() {
      guard let (descriptor, content) = blobs[digest] else { continue }
      if folder != "blobs/\(digest.algorithm.rawValue)" {
        folder = "blobs/\(digest.algorithm.rawValue)"
        try tar.add(.directory(folder))
      }
      try tar.begin(.file("\(folder)/\(digest.hex)", size: descriptor.size))
      try content.read(descriptor) { try tar.write($0) }
    }
    try tar.finish()
    try file.commit()
    discard()
  }

  package func discard() {
    lock.withLock {
      blobs = [:]
      index = ImageLayoutIndex(repository: index.repository)
    }
  }
}
