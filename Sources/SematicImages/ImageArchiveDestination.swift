import SematicArchive
import SematicFiles
import SematicOCI
import SematicSystem

/// A tar archive of a layout that images are written to: a file, or a stream.
///
/// Until `finish`, it only records where the blobs are; then they are streamed into the archive, and checked.
package final class ImageArchiveDestination: ImageDestination, @unchecked Sendable {  // the lock guards the variables
  /// Gets a function that writes the archive, and brings it to its place.
  package typealias Delivery = @Sendable ((@escaping TarWriter.Sink) throws -> Void) throws -> Void

  package let name: String
  private let forDocker: Bool
  /// Blobs that the archive's reader has: they are left out.
  private let present: Set<Digest>
  private let deliver: Delivery
  private let lock = Lock()
  private var blobs: [Digest: (descriptor: Descriptor, content: BlobContent)] = [:]
  private var index: ImageLayoutIndex

  package init(
    name: String, forDocker: Bool, repository: String?, present: Set<Digest>, deliver: @escaping Delivery
  ) {
    (self.name, self.forDocker, self.present, self.deliver) = (name, forDocker, present, deliver)
    index = ImageLayoutIndex(repository: repository)
  }

  /// A file.
  /// - Throws: `ImageLayoutError.occupied` where a folder exists, or a file that is not an archive.
  package convenience init(_ path: String, forDocker: Bool, repository: String? = nil) throws {
    let path = try AtomicFile.target(given: path)
    let format = forDocker ? ImageFormat.dockerArchive : .ociArchive
    self.init(
      name: "\(format.rawValue):\(path)", forDocker: forDocker, repository: repository, present: [],
      deliver: { write in
        let file = try AtomicFile(given: path)
        try write { try file.write($0) }
        try file.commit()
      })
    switch try FileStatus.ifPresent(path) {
    case let status? where status.kind == .directory:
      throw ImageLayoutError.occupied(path, "it exists and is a folder")
    case let status? where status.kind == .file && status.size > 0:
      guard try TarReader.isArchive(path) else {
        throw ImageLayoutError.occupied(path, "it exists and is not an archive")
      }
    default: break
    }
  }

  package func hasBlob(_ descriptor: Descriptor) throws -> Bool {
    lock.withLock {
      present.contains(descriptor.digest) || blobs[descriptor.digest]?.descriptor.size == descriptor.size
    }
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
    try deliver { try write(to: $0) }
    discard()
  }

  private func write(to sink: @escaping TarWriter.Sink) throws {
    let (blobs, index) = lock.withLock { (self.blobs, self.index) }
    let tar = TarWriter(to: sink)
    func add(_ name: String, _ bytes: Data) throws {
      try tar.add(.file(name, size: Int64(bytes.count)), content: Array(bytes))
    }
    try add("oci-layout", ImageLayoutIndex.versionFile)
    try add("index.json", index.encoded())
    if forDocker {
      try add("manifest.json", DockerArchiveManifest.encoded(index, blobs: present.union(blobs.keys)))
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
  }

  package func discard() {
    lock.withLock {
      blobs = [:]
      index = ImageLayoutIndex(repository: index.repository)
    }
  }
}
