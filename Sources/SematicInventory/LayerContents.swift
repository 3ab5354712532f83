import SematicArchive
import SematicFiles
import SematicOCI
import SematicSystem

/// The files of a layer with their checksums, read from the very bytes that are pushed.
package struct LayerContents: Sendable {
  package private(set) var files: [InventoryFile] = []
  /// The content of the files that were asked for, by path.
  package private(set) var texts: [String: [UInt8]] = [:]

  /// How much is read of all layers of an image: in an image of others, files are as many and as large as it likes.
  package struct Room: Sendable {
    /// More than any real image has.
    var files = 1_000_000
    /// The bytes of files whose content is kept.
    var texts: Int64 = 64 << 20

    package init() {}
  }

  /// A file whose content is asked for has at most this many bytes: the RECORD of a large package has two million.
  private static let textLimit: Int64 = 16 << 20
  private static let header = "layer contents 1"

  /// Reads a layer, uncompressed, gzip or zstd.
  /// - Throws: `ArchiveError`, `MissingLibrary`.
  package init(_ source: ByteSource) throws {
    var room = Room()
    try self.init(source, within: &room) { _ in false }
  }

  /// Reads one of several layers.
  /// - Parameter isWanted: the paths whose content is kept, as far as there is room for it.
  /// - Throws: `ArchiveError`, `MissingLibrary`.
  package init(_ source: ByteSource, within room: inout Room, keeping isWanted: (String) -> Bool) throws {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 4096)
    defer { buffer.deallocate() }
    try TarReader.forEachEntry(in: source) { entry, reader in
      guard entry.kind == .file else { return }
      guard room.files > 0 else {
        throw ArchiveError("read the layer", reason: "the image has more than \(Room().files) files")
      }
      room.files -= 1
      let path = String(FileTree.absolute("/" + entry.path).dropFirst())
      let isKept = isWanted(path) && entry.size <= min(Self.textLimit, room.texts)
      if isKept { room.texts -= entry.size }
      let (old, new) = (try SHA1Hasher(), try DigestHasher())
      var text: [UInt8] = []
      while case let count = try reader.read(into: buffer), count > 0 {
        let piece = UnsafeRawBufferPointer(rebasing: buffer[..<count])
        old.update(piece)
        new.update(piece)
        if isKept { text += piece }
      }
      if isKept { texts[path] = text }
      files.append(InventoryFile(path: path, sha1: old.finish(), sha256: try new.digest().hex))
    }
  }

  /// Reads a layer of this machine, or what is remembered of it.
  /// - Parameter folder: the folder that remembers; it need not exist yet.
  /// - Throws: `ArchiveError`, `FileError`, `MissingLibrary`.
  package static func files(
    ofLayer digest: Digest, at path: String, remembering folder: String
  ) throws -> [InventoryFile] {
    let record = "\(folder)/\(digest.hex).contents"
    if let files = remembered(record) {
      utimes(record, nil)
      return files
    }
    let files = try LayerContents(ByteSource(InputFile(path))).files
    // With a line end in its path, a record could be read as another one: it is not kept.
    if !files.contains(where: { $0.path.utf8.contains(10) }) {
      let lines = [header] + files.map { "\($0.sha1) \($0.sha256) \($0.path)" }
      try AtomicFile.write((lines.joined(separator: "\n") + "\n").utf8, to: record)
    }
    return files
  }

  private static func remembered(_ record: String) -> [InventoryFile]? {
    guard let bytes = try? FileTree.read(record, limit: 512 << 20) else { return nil }
    let lines = bytes.split(separator: 10)
    guard bytes.last == 10, lines.first.map({ $0.elementsEqual(header.utf8) }) == true else { return nil }
    var files: [InventoryFile] = []
    for line in lines.dropFirst() {
      guard line.count > 106 else { return nil }
      let start = line.startIndex
      func text(_ from: Int, _ to: Int) -> String {
        String(decoding: line[(start + from)..<(start + to)], as: UTF8.self)
      }
      files.append(InventoryFile(path: text(106, line.count), sha1: text(0, 40), sha256: text(41, 105)))
    }
    return files
  }
}
