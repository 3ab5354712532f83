import SematicArchive
import SematicFiles
import SematicOCI
import SematicSystem

/// Layers that were built before: an unchanged plan is neither read nor compressed again.
///
/// Like `make` and git, it believes what the file system says of a file (size, times, inode), not its content. The time
/// of the last change to attributes cannot be set by a program, so that an edit shows even where it keeps the size and
/// restores the modification time.
package struct LayerCache: Sendable {
  /// A plan, and what was built of it unless something has changed since.
  package struct Entry: Sendable {
    package let plan: LayerPlan
    package let layer: Layer?
    /// Where it is recorded what is built of the plan.
    fileprivate let record: String
  }

  package let builder: LayerBuilder
  /// False: builds anew, and records what it built.
  private let isUsed: Bool
  private let now: @Sendable () -> Int64

  /// - Parameters:
  ///   - folder: blobs lie in it as `sha256/HEX`, and what was built as `layers/KEY.json`.
  ///   - now: nanoseconds since 1970.
  package init(
    folder: String, compressor: Compressor, useCache: Bool = true,
    now: @escaping @Sendable () -> Int64 = { Int64(Date().timeIntervalSince1970 * 1_000_000_000) }
  ) {
    builder = LayerBuilder(folder: folder, compressor: compressor)
    isUsed = useCache
    self.now = now
  }

  /// - Throws: `FileError`.
  package func entry(for plan: LayerPlan) throws -> Entry {
    let record = builder.folder + "/layers/" + (try key(plan)) + ".json"
    guard isUsed, let known = try LayerRecord.read(record) else { return Entry(plan: plan, layer: nil, record: record) }
    let blob = builder.folder + "/sha256/" + known.digest.hex
    guard try SealedFile.exists(blob, size: known.size) else { return Entry(plan: plan, layer: nil, record: record) }
    // The times of both tell that they are in use.
    try? SealedFile.seal(blob)
    utimes(record, nil)
    let descriptor = Descriptor(
      mediaType: builder.compressor.compression.mediaType, digest: known.digest, size: known.size)
    let layer = Layer(descriptor: descriptor, diffID: known.diffID, content: .file(blob), createdBy: plan.createdBy)
    return Entry(plan: plan, layer: layer, record: record)
  }

  /// Builds the layer of a plan, and records it.
  /// - Throws: `ChangedFile`, `ImagePlanError`, `FileError`, `MissingLibrary`, what `growth` throws.
  package func build(_ entry: Entry, growth: LayerBuilder.Growth? = nil) throws -> Layer {
    Leftovers.remove(in: builder.folder + "/sha256")
    let sources = entry.plan.files.compactMap(\.source)
    let start = settled(sources)
    let layer = try builder.build(entry.plan, growth: growth)
    // What was read must be what the key says; and what was read within a tick of its last change could have changed
    // again without showing it.
    if try sources.allSatisfy({ try $0.status.settles <= start && FileStatus(of: $0.path) == $0.status }) {
      try LayerRecord(layer).write(entry.record)
    }
    return layer
  }

  /// The time from which the files are read: now, or a moment later when one of them was written just now.
  private func settled(_ sources: [SourceFile]) -> Int64 {
    let time = now()
    let wait = sources.reduce(0) { max($0, $1.status.settles &- time) }
    guard wait > 0, wait <= FileStatus.tick else { return time }
    usleep(UInt32(wait / 1000) + 1)
    return now()
  }

  /// The digest of everything that decides the blob's bytes.
  private func key(_ plan: LayerPlan) throws -> String {
    let hasher = try DigestHasher()
    var text = "layer 4\n\(builder.compressor.identity)\n"
    // Lengths before what varies, so that no two plans are one text.
    func add(_ kind: String, _ value: String) { text += "\(kind) \(value.utf8.count):\(value)\n" }
    for file in plan.files {
      add("path", file.path)
      text += "mode \(String(file.mode, radix: 8))\n"
      switch file.content {
      case .directory: text += "directory \(file.owner.user) \(file.owner.group)\n"
      case .symbolicLink(let destination): add("link", destination)
      case .bytes(let bytes): add("bytes", try Digest.of(bytes).description)
      case .file(let source):
        add(source.isStripped ? "stripped" : "file", source.path)
        for edit in source.searchPath { add("edit \(edit.offset)", try Digest.of(edit.bytes).description) }
        let status = source.status
        text += "\(status.size) \(status.modified) \(status.changed) \(status.inode) \(status.device)\n"
      }
      text.withUTF8 { hasher.update(UnsafeRawBufferPointer($0)) }
      text = ""
    }
    text.withUTF8 { hasher.update(UnsafeRawBufferPointer($0)) }
    return try hasher.digest().hex
  }
}

/// What is remembered of a layer that was built.
private struct LayerRecord: Codable {
  var digest: Digest
  var diffID: Digest
  var size: Int64

  init(_ layer: Layer) {
    digest = layer.descriptor.digest
    diffID = layer.diffID
    size = layer.descriptor.size
  }

  /// Nil when there is none, or none that can be read: then the layer is built again.
  static func read(_ path: String) throws -> LayerRecord? {
    guard try FileStatus.ifPresent(path)?.kind == .file else { return nil }
    return try? decodeJSON(from: Data(FileTree.read(path, limit: 4096)))
  }

  func write(_ path: String) throws { try AtomicFile.write(canonicalJSON(self), to: path) }
}
