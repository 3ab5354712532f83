import SematicArchive
import SematicFiles
import SematicOCI
import SematicSystem

/// A tar archive that images are read from: oci-archive or docker-archive.
///
/// Nothing is unpacked: a blob is a part of the archive's file.
package struct ImageArchive: ImageSource {
  package let path: String
  private let blobs: [Digest: Part]
  private let documents: [Digest: ManifestDocument]
  /// The images with their names; one can have several names, or none.
  private let images: [(digest: Digest, names: [String])]

  private struct Part {
    let offset: Int64
    let size: Int64
  }

  package var name: String { path }

  /// - Throws: `ImageArchiveError`, `ArchiveError`, `FileError`.
  package init(_ path: String, format: ImageFormat) throws {
    self.path = FileTree.absolute(path)
    let parts = try Self.parts(self.path)
    let forDocker = format == .dockerArchive
    guard let index = parts[forDocker ? "manifest.json" : "index.json"] else {
      let reason = forDocker ? "it has no manifest.json" : "it has no index.json"
      throw ImageArchiveError.malformed(self.path, "\(reason), as \(format.rawValue) requires")
    }
    let bytes = try Self.read(index, of: self.path, limit: ManifestDocument.sizeLimit)
    var blobs: [Digest: Part] = [:]
    if forDocker {
      var documents: [Digest: ManifestDocument] = [:]
      var images: [(Digest, [String])] = []
      for image in try DockerArchiveManifest.decoded(bytes, of: self.path) {
        let (document, found) = try Self.document(of: image, parts, path: self.path)
        blobs.merge(found) { first, _ in first }
        documents[document.descriptor.digest] = document
        images.append((document.descriptor.digest, image.names))
      }
      (self.documents, self.images) = (documents, images)
    } else {
      guard case .index(let index) = try ManifestDocument(bytes: bytes, mediaType: .index).content else {
        throw ImageArchiveError.malformed(self.path, "its index.json is not an image index")
      }
      for (name, part) in parts {
        let words = name.split(separator: "/")
        guard words.count == 3, words[0] == "blobs", let digest = try? Digest("\(words[1]):\(words[2])") else {
          continue
        }
        blobs[digest] = part
      }
      documents = [:]
      images = index.manifests.filter { !$0.isArtifact }.map {
        ($0.digest, $0.annotations?[ImageLayout.tagAnnotation].map { [$0] } ?? [])
      }
    }
    self.blobs = blobs
  }

  /// The identifier of the image with a name or tag, or of the only image.
  package func identifier(tag: String?) throws -> ManifestIdentifier {
    let found =
      tag.map { tag in
        let reference = try? ImageReference(tag)
        return images.filter { image in
          // `app:v1` is docker.io/library/app:v1.
          image.names.contains { $0 == tag || $0.hasSuffix(":" + tag) || reference == (try? ImageReference($0)) }
        }
      } ?? images
    let names = images.flatMap(\.names)
    let digests = Set(found.map(\.digest))
    guard let only = digests.first, digests.count == 1 else {
      if let tag, digests.isEmpty { throw ManifestNotFound(.tag(tag), in: path, names: names) }
      throw ImageArchiveError.ambiguous(path, names: names)
    }
    return .digest(only)
  }

  package func manifest(_ identifier: ManifestIdentifier) throws -> ManifestDocument {
    guard case .digest(let digest) = identifier else {
      guard case .tag(let tag) = identifier else { throw ManifestNotFound(identifier, in: name) }
      return try manifest(self.identifier(tag: tag))
    }
    if let document = documents[digest] { return document }
    guard let part = blobs[digest] else { throw ManifestNotFound(identifier, in: name, names: images.flatMap(\.names)) }
    let bytes = try Self.read(part, of: path, limit: ManifestDocument.sizeLimit)
    return try ManifestDocument(bytes: bytes, mediaType: nil, as: identifier, from: name)
  }

  package func readBlob(_ descriptor: Descriptor, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    guard let part = blobs[descriptor.digest] else {
      throw ImageArchiveError.malformed(path, "it does not have the blob \(descriptor.digest)")
    }
    let verifier = try BlobVerifier(descriptor, from: name)
    try Self.forEachPiece(of: part, in: path) { piece in
      try verifier.update(piece)
      try body(piece)
    }
    try verifier.finish()
  }

  package func localContent(of descriptor: Descriptor) throws -> ByteSource? {
    try readBlob(descriptor) { _ in }
    guard let part = blobs[descriptor.digest] else { return nil }
    return try Self.source(part, of: path)
  }

  // MARK: The archive

  private static func parts(_ path: String) throws -> [String: Part] {
    let reader = try TarReader(ByteSource(try InputFile(path)), compression: .none)
    var parts: [String: Part] = [:]
    var links: [(name: String, target: String)] = []
    var isFirst = true
    while true {
      let entry: TarEntry?
      do {
        entry = try reader.next()
      } catch let error as ArchiveError where isFirst {
        throw ImageArchiveError.malformed(path, "\(error.reason) (a compressed archive must be decompressed first)")
      }
      isFirst = false
      guard let entry else { break }
      guard parts.count + links.count < 100_000 else {
        throw ImageArchiveError.malformed(path, "it has too many entries")
      }
      let name = String(FileTree.absolute("/" + entry.path).dropFirst())
      switch entry.kind {
      case .file: parts[name] = Part(offset: reader.contentOffset, size: entry.size)
      case .hardLink(let target): links.append((name, "/" + target))
      // Older versions of `docker save` write a link for a layer that they have written already.
      case .symbolicLink(let target): links.append((name, "/\(FileTree.parent(of: name))/\(target)"))
      default: break
      }
    }
    for (name, target) in links where parts[name] == nil {
      parts[name] = parts[String(FileTree.absolute(target).dropFirst())]
    }
    return parts
  }

  private static func document(
    of image: DockerArchiveManifest.SavedImage, _ parts: [String: Part], path: String
  ) throws -> (ManifestDocument, [Digest: Part]) {
    func part(_ name: String) throws -> Part {
      guard let part = parts[String(FileTree.absolute("/" + name).dropFirst())] else {
        throw ImageArchiveError.malformed(path, "it does not have \(name), which its manifest.json names")
      }
      return part
    }
    var blobs: [Digest: Part] = [:]
    func descriptor(_ name: String, _ type: MediaType) throws -> Descriptor {
      let part = try part(name)
      let hasher = try DigestHasher(.sha256)
      var start: [UInt8] = []
      try forEachPiece(of: part, in: path) { piece in
        if start.isEmpty { start = Array(piece.prefix(4)) }
        hasher.update(piece)
      }
      let digest = try hasher.digest()
      blobs[digest] = part
      var type = type
      if type == .layer, start.starts(with: [0x1F, 0x8B]) { type = .layerGzip }
      if type == .layer, start == [0x28, 0xB5, 0x2F, 0xFD] { type = .layerZstd }
      return Descriptor(mediaType: type, digest: digest, size: part.size)
    }
    let manifest = Manifest(
      config: try descriptor(image.configuration, .configuration),
      layers: try image.layers.map { try descriptor($0, .layer) })
    return (try ManifestDocument(bytes: canonicalJSON(manifest), mediaType: .manifest), blobs)
  }

  private static func read(_ part: Part, of path: String, limit: Int64) throws -> Data {
    guard part.size <= limit else {
      throw ImageArchiveError.malformed(path, "a document of \(part.size) bytes, more than the limit of \(limit)")
    }
    var bytes = Data()
    try forEachPiece(of: part, in: path) { bytes.append(contentsOf: $0) }
    guard Int64(bytes.count) == part.size else { throw ImageArchiveError.malformed(path, "it is truncated") }
    return bytes
  }

  private static func forEachPiece(
    of part: Part, in path: String, _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    let source = try source(part, of: path)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
    defer { buffer.deallocate() }
    while case let count = try source.read(buffer), count > 0 {
      try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
  }

  private static func source(_ part: Part, of path: String) throws -> ByteSource {
    let file = try InputFile(path)
    try file.seek(to: part.offset)
    var rest = part.size
    return ByteSource { buffer in
      let count = min(Int64(buffer.count), rest)
      guard count > 0 else { return 0 }
      let read = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<Int(count)]))
      rest -= Int64(read)
      return read
    }
  }
}
