import SematicArchive
import SematicFiles
import SematicOCI

/// Turns recipes into layers: in one pass, each file is read once, and nothing but one buffer is held in memory.
///
/// The same recipe and content give the same bytes, whatever the folder, the umask, the clock, the user and the number
/// of processors.
package struct LayerBuilder: Sendable {
  /// Blobs lie in it as `sha256/HEX`.
  package let folder: String
  package let compressor: Compressor

  package init(folder: String, compressor: Compressor) {
    self.folder = FileTree.absolute(folder)
    self.compressor = compressor
  }

  /// - Parameter progress: is told how many bytes of the archive were made since its last call; it may throw to stop.
  /// - Throws: `LayerError`, `FileError`, `MissingLibrary`.
  package func build(
    _ recipe: LayerRecipe, parents: ParentFolders = .onBase, createdBy: String,
    progress: @escaping (Int64) throws -> Void = { _ in }
  ) throws -> Layer {
    try build(LayerPlan(recipe, parents: parents), createdBy: createdBy, progress: progress).layer
  }

  /// The layer, and what the file system said of its files when they were read.
  func build(
    _ plan: LayerPlan, createdBy: String, progress: @escaping (Int64) throws -> Void
  ) throws -> (layer: Layer, statuses: [FileStatus?]) {
    let blobs = folder + "/sha256"
    let file = try AtomicFile(blobs + "/layer", mode: 0o444)
    let digest = try DigestHasher()
    let diffID = try DigestHasher()
    let compressed = try CompressedWriter(compressor) { bytes in
      digest.update(bytes)
      try file.write(bytes)
    }
    let tar = TarWriter { bytes in
      diffID.update(bytes)
      try compressed.write(bytes)
      try progress(Int64(bytes.count))
    }
    // What was read is hashed and copied while the processor's own cache still has it.
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 4096)
    defer { buffer.deallocate() }
    var statuses: [FileStatus?] = []
    for entry in plan.entries { statuses.append(try add(entry, to: tar, buffer)) }
    try tar.finish()
    try compressed.finish()

    let descriptor = Descriptor(
      mediaType: compressor.compression.mediaType, digest: try digest.digest(), size: file.size)
    try file.commit(as: descriptor.digest.hex, sealed: true)
    let path = blobs + "/" + descriptor.digest.hex
    let layer = Layer(
      descriptor: descriptor, diffID: try diffID.digest(), content: .file(path), createdBy: createdBy)
    return (layer, statuses)
  }

  private func add(
    _ entry: LayerEntry, to tar: TarWriter, _ buffer: UnsafeMutableRawBufferPointer
  ) throws -> FileStatus? {
    guard let path = entry.source else {
      var content: [UInt8] = []
      if case .bytes(let bytes) = entry.content { content = bytes }
      try tar.add(TarEntry(entry, status: nil), content: content)
      return nil
    }
    let file = try entry.open(path)
    let status = try file.status()
    let pieces = try entry.pieces(status)
    try tar.begin(TarEntry(entry, status: status, size: pieces.reduce(0) { $0 + $1.size }))
    try tar.write(pieces, of: file, through: buffer)
    let after = try file.status()
    guard after.size <= status.size else { throw LayerError.changed(path, reason: "it grew") }
    guard after.modified == status.modified else { throw LayerError.changed(path, reason: "it was written to") }
    return status
  }
}

extension LayerRecipe {
  /// Of the archive before its compression, by what the file system says of its files.
  package func uncompressedSize(parents: ParentFolders = .onBase) throws -> Int64 {
    try LayerPlan(self, parents: parents).entries.reduce(TarEntry.endSize) { sum, entry in
      let status = try entry.status()
      let size = try entry.pieces(status).reduce(0) { $0 + $1.size }
      return sum + (try TarEntry(entry, status: status, size: size).archivedSize())
    }
  }
}

extension LayerEntry {
  /// Of the file on disk; nil where there is none.
  /// - Throws: `LayerError` for what is not a file, `FileError`.
  func status() throws -> FileStatus? {
    guard let file = source else { return nil }
    let status = try FileStatus(of: file)
    guard status.kind == .file else { throw LayerError.notAFile(file, path: path) }
    return status
  }

  /// Examined first: opening a pipe would wait for its writer.
  fileprivate func open(_ file: String) throws -> InputFile {
    _ = try status()
    return try InputFile(file)
  }
}

extension TarEntry {
  /// Owner, group and times stay 0: they would make equal content differ.
  fileprivate init(_ entry: LayerEntry, status: FileStatus?, size: Int64 = 0) {
    switch entry.content {
    case .directory:
      self = .directory(entry.path, mode: entry.mode ?? 0o755)
    case .file, .stripped:
      let isExecutable = (status?.mode ?? 0) & 0o100 != 0
      self = .file(entry.path, size: size, mode: entry.mode ?? (isExecutable ? 0o755 : 0o644))
    case .bytes(let bytes):
      self = .file(entry.path, size: Int64(bytes.count), mode: entry.mode ?? 0o644)
    case .symbolicLink(let destination):
      self = .symbolicLink(entry.path, to: destination)
    }
  }
}
