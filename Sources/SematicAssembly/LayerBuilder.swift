import SematicArchive
import SematicFiles
import SematicOCI
import SematicSystem

/// Turns plans into layers: in one pass, each file is read once, and nothing but one buffer is held in memory.
///
/// The same plan and content give the same bytes, whatever the folder, the umask, the clock, the user and the number of
/// processors.
package struct LayerBuilder: Sendable {
  /// The folder that has blobs as `sha256/HEX`.
  package let folder: String
  package let compressor: Compressor

  package init(folder: String, compressor: Compressor) {
    self.folder = FileTree.absolute(folder)
    self.compressor = compressor
  }

  /// Called with the path of the file that the layer is written to, and its size, each time that it grew; near the end also
  /// with the bytes that are still likely to come, if what follows compresses as what came before.
  package typealias Growth = (_ path: String, _ size: Int64, _ rest: Int64?) throws -> Void

  /// - Throws: `ChangedFile`, `FileError`, `MissingLibrary`, what `growth` throws.
  package func build(_ plan: LayerPlan, growth: Growth? = nil) throws -> Layer {
    let blobs = folder + "/sha256"
    let file = try AtomicFile(blobs + "/layer", mode: 0o444)
    let digest = try DigestHasher()
    let diffID = try DigestHasher()
    weak var writer: CompressedWriter?
    let end = growth == nil ? nil : try plan.end(of: Self.foreseen)
    var size: Int64?
    let compressed = try CompressedWriter(compressor) { bytes in
      digest.update(bytes)
      try file.write(bytes)
      let rest = writer.flatMap { Self.expected(after: $0.done, of: size, written: file.size) }
      try growth?(file.writtenPath, file.size, rest)
    }
    writer = compressed
    let tar = TarWriter { bytes in
      diffID.update(bytes)
      try compressed.write(bytes)
    }
    // What was read is hashed and copied while the processor's own cache still has it.
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 4096)
    defer { buffer.deallocate() }
    for (index, planned) in plan.files.enumerated() {
      if let end, index == end.index { size = tar.size.addingClamped(end.size) }
      try tar.add(planned, through: buffer)
    }
    try tar.finish()
    try compressed.finish()

    let descriptor = Descriptor(
      mediaType: compressor.compression.mediaType, digest: try digest.digest(), size: file.size)
    try file.commit(as: descriptor.digest.hex, sealed: true)
    return Layer(
      descriptor: descriptor, diffID: try diffID.digest(), content: .file(blobs + "/" + descriptor.digest.hex),
      createdBy: plan.createdBy)
  }

  /// The compressed bytes that are likely to follow; nil where more of the content follows than can be foreseen.
  private static func expected(after done: Int64, of size: Int64?, written: Int64) -> Int64? {
    guard let size, done > 0, case let rest = max(0, size - done), rest <= foreseen else { return nil }
    return Int64(Double(rest) / Double(done) * Double(written))
  }

  /// Two processors compress it in the time in which a registry stores the beginning.
  private static let foreseen: Int64 = 8 << 20
}

extension LayerPlan {
  /// The last files that together take more than `count` bytes of the archive, or all files: the first one's index, and
  /// what they take. Where there are many files, few of them are looked at.
  fileprivate func end(of count: Int64) throws -> (index: Int, size: Int64) {
    var size: Int64 = 0
    for (index, file) in files.enumerated().reversed() {
      size = size.addingClamped(try TarWriter.size(of: file.entry))
      if size > count { return (index, size) }
    }
    return (0, size)
  }
}

extension PlannedFile {
  /// Times stay 0, as owner and group of all but folders that are made for the image's user: they would make equal content
  /// differ.
  fileprivate var entry: TarEntry {
    switch content {
    case .directory:
      var entry = TarEntry.directory(path, mode: mode)
      (entry.owner, entry.group) = (Int64(owner.user), Int64(owner.group))
      return entry
    case .symbolicLink(let destination): return .symbolicLink(path, to: destination)
    case .bytes, .file: return .file(path, size: size ?? 0, mode: mode)
    }
  }
}

extension TarWriter {
  fileprivate func add(_ planned: PlannedFile, through buffer: UnsafeMutableRawBufferPointer) throws {
    switch planned.content {
    case .directory, .symbolicLink: try add(planned.entry)
    case .bytes(let bytes): try add(planned.entry, content: bytes)
    case .file(let source):
      try begin(planned.entry)
      try write(source, through: buffer)
    }
  }

  private func write(_ source: SourceFile, through buffer: UnsafeMutableRawBufferPointer) throws {
    // What must be a regular file now, as it was then: opening a pipe would wait for its writer.
    let now = try SourceFile(source.path, stripped: source.isStripped, searchPath: source.searchPath)
    if let change = source.status.change(to: now.status) { throw ChangedFile(source.path, reason: change) }
    guard now.pieces == source.pieces else { throw ChangedFile(source.path, reason: "it was written to") }
    let file = try InputFile(source.path)
    for piece in source.pieces {
      switch piece {
      case .bytes(let bytes): try bytes.withUnsafeBytes { try write($0) }
      case .range(let offset, var rest):
        try file.seek(to: offset)
        while rest > 0 {
          let room = UnsafeMutableRawBufferPointer(rebasing: buffer[..<Int(min(rest, Int64(buffer.count)))])
          let count = try file.read(into: room)
          guard count > 0 else { throw ChangedFile(source.path, reason: "it shrank") }
          try write(UnsafeRawBufferPointer(rebasing: room[..<count]))
          rest -= Int64(count)
        }
      }
    }
    if let change = try source.status.change(to: file.status()) {
      throw ChangedFile(source.path, reason: change)
    }
  }
}

extension FileStatus {
  /// How the content has changed since; nil where it has not.
  fileprivate func change(to now: FileStatus) -> String? {
    if now.size < size { return "it shrank" }
    if now.size > size { return "it grew" }
    return now.modified == modified ? nil : "it was written to"
  }
}
