import SematicArchive
import SematicELF
import SematicFiles
import SematicOCI
import SematicSystem

/// A file's content, as far as a check needs it.
package enum FileFact: Equatable, Sendable, Codable {
  /// `mentions` are those of `ImageFiles.texts` that a program contains.
  case elf(ElfFile, mentions: [String])
  case text(String)
  case other(String)
}

/// The contents of an image's files. Each is read once: what was found is kept by its layer's digest.
package final class ImageFiles {
  package let tree: ImageTree
  private let cache: ListingCache?
  private var facts: [String: [String: FileFact]] = [:]

  /// Programs that are linked statically, or that load a library when they run, name no library.
  static let texts = ["/etc/ssl/certs", "/etc/pki/tls/certs", "libcurl.so.4", "libcurl-gnutls.so.4"]

  private static let textLimit: Int64 = 256 << 10
  private static let programLimit: Int64 = 2 << 30

  package init(_ tree: ImageTree, cache: ListingCache? = nil) {
    self.tree = tree
    self.cache = cache
  }

  /// Facts about files, in their order. Each layer is read at most once for all of them.
  func facts(of files: [FoundFile]) throws -> [FileFact] {
    let unknown = try files.filter { try fact($0) == nil }
    var changed: Set<String> = []
    try tree.read(unknown) { file, reader in
      let layer = layerName(file)
      facts[layer, default: [:]][String(file.entry.position)] = try Self.fact(file, reader)
      changed.insert(layer)
    }
    for layer in changed { cache?.store(facts[layer] ?? [:], named: layer) }
    return try files.map { try fact($0) ?? .other("unreadable") }
  }

  func fact(of file: FoundFile) throws -> FileFact { try facts(of: [file])[0] }

  /// The text of a file; nil where there is none.
  func text(_ path: String) throws -> String? { try texts(at: [path])[0] }

  private func fact(_ file: FoundFile) throws -> FileFact? {
    guard file.entry.kind == .file else {
      return .other(file.entry.kind == .directory ? "a folder" : "no regular file")
    }
    let layer = layerName(file)
    if facts[layer] == nil { facts[layer] = cache?.facts(named: layer) ?? [:] }
    return facts[layer]?[String(file.entry.position)]
  }

  private func layerName(_ file: FoundFile) -> String { tree.layers[file.layer].digest.description }

  private static func fact(_ file: FoundFile, _ reader: TarReader) throws -> FileFact {
    var start = [UInt8](repeating: 0, count: 4)
    var count = 0
    while count < 4, file.entry.size > Int64(count) {
      let read = try start.withUnsafeMutableBytes {
        try reader.read(into: UnsafeMutableRawBufferPointer(rebasing: $0[count...]))
      }
      guard read > 0 else { break }
      count += read
    }
    let isElf = start == [0x7f, 0x45, 0x4c, 0x46]
    if !isElf {
      guard file.entry.size <= textLimit else { return .other("a file of \(file.entry.size) bytes") }
      let bytes = start.prefix(count) + (try reader.content(limit: textLimit))
      return String(exactly: bytes).map { .text($0) } ?? .other("not text")
    }
    guard file.entry.size <= programLimit else { return .other("a program of \(file.entry.size) bytes") }
    let place = FileManager.default.temporaryDirectory.path + "/swift-sematic-check-" + UUID().uuidString
    let output = try AtomicFile(place, mode: 0o600)
    defer { try? FileTree.remove(place) }
    try output.write(start)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
    defer { buffer.deallocate() }
    while case let count = try reader.read(into: buffer), count > 0 {
      try output.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
    try output.commit()
    do {
      var elf = try ElfFile(place)
      // The same content may lie at several paths.
      elf.path = ""
      let isProgram = elf.interpreter != nil || elf.isStatic
      return .elf(elf, mentions: isProgram ? try FileSearch.occurring(texts, in: place) : [])
    } catch let error as ElfError {
      guard case .malformed(let detail) = error.reason else { return .other("no program for Linux") }
      return .other("a damaged program (\(detail))")
    }
  }
}

extension ListingCache {
  /// Nil where there is nothing, or nothing that can be read.
  fileprivate func facts(named layer: String) -> [String: FileFact]? {
    guard let bytes = try? FileTree.read(path(layer), limit: 64 << 20) else { return nil }
    return try? decodeJSON([String: FileFact].self, from: Data(bytes))
  }

  /// What cannot be kept is found again.
  fileprivate func store(_ facts: [String: FileFact], named layer: String) {
    guard let bytes = try? canonicalJSON(facts) else { return }
    try? AtomicFile.write(bytes, to: path(layer))
  }

  private func path(_ layer: String) -> String {
    "\(folder)/facts-4/\(layer.replacing(":", with: "-")).json"
  }
}
