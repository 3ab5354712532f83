import Foundation
import SematicImages
import SematicOCI

/// A place in memory, to read from and write to, that counts its calls and can be made to fail or to lie.
package final class MemoryStore: ImageSource, ImageDestination, @unchecked Sendable {  // the lock guards the variables
  package enum Call: Hashable, Sendable {
    case manifest, readBlob, hasBlob, mountBlob, stream, writeBlob, putManifest, finish, discard
  }

  package let name: String
  /// Whose blobs it takes over.
  private let neighbour: MemoryStore?
  /// Whether it takes blobs that are not whole.
  private let streams: Bool
  private let lock = NSLock()
  private var blobs: [Digest: Data] = [:]
  private var manifests: [Digest: ManifestDocument] = [:]
  private var tags: [String: Digest] = [:]
  private var calls: [Call: Int] = [:]
  private var behaviour: @Sendable (Call, Descriptor?) throws -> Void = { _, _ in }

  package init(_ name: String = "memory", mountingFrom neighbour: MemoryStore? = nil, streams: Bool = false) {
    self.name = name
    self.neighbour = neighbour
    self.streams = streams
  }

  package func count(_ call: Call) -> Int { lock.withLock { calls[call, default: 0] } }

  package func resetCounts() { lock.withLock { calls = [:] } }

  /// Called before every operation: what it throws, the operation throws.
  package func before(_ behaviour: @escaping @Sendable (Call, Descriptor?) throws -> Void) {
    lock.withLock { self.behaviour = behaviour }
  }

  package var digests: Set<Digest> { lock.withLock { Set(blobs.keys) } }

  package func blob(_ digest: Digest) -> Data? { lock.withLock { blobs[digest] } }

  /// Keeps bytes under a digest, whether they have it or not.
  package func put(_ bytes: Data, as digest: Digest) { lock.withLock { blobs[digest] = bytes } }

  /// Keeps a document under its digest and a tag.
  package func put(_ document: ManifestDocument, tag: String? = nil) {
    lock.withLock {
      manifests[document.descriptor.digest] = document
      if let tag { tags[tag] = document.descriptor.digest }
    }
  }

  private func note(_ call: Call, _ descriptor: Descriptor? = nil) throws {
    let behaviour = lock.withLock {
      calls[call, default: 0] += 1
      return self.behaviour
    }
    try behaviour(call, descriptor)
  }

  // MARK: Reading

  package func manifest(_ identifier: ManifestIdentifier) throws -> ManifestDocument {
    try note(.manifest)
    let document = lock.withLock { () -> ManifestDocument? in
      switch identifier {
      case .digest(let digest): manifests[digest]
      case .tag(let tag): tags[tag].flatMap { manifests[$0] }
      }
    }
    guard let document else { throw ManifestNotFound(identifier, in: name) }
    return document
  }

  package func readBlob(_ descriptor: Descriptor, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    try note(.readBlob, descriptor)
    guard let bytes = blob(descriptor.digest) else {
      throw ManifestNotFound(.digest(descriptor.digest), in: name)
    }
    let verifier = try BlobVerifier(descriptor, from: name)
    try bytes.withUnsafeBytes { all in
      for start in stride(from: 0, to: all.count, by: 1 << 16) {
        let piece = UnsafeRawBufferPointer(rebasing: all[start..<min(start + 1 << 16, all.count)])
        try verifier.update(piece)
        try body(piece)
      }
    }
    try verifier.finish()
  }

  // MARK: Writing

  package func hasBlob(_ descriptor: Descriptor) throws -> Bool {
    try note(.hasBlob, descriptor)
    return blob(descriptor.digest).map { Int64($0.count) == descriptor.size } ?? false
  }

  package func mountBlob(_ descriptor: Descriptor, from source: any ImageSource) throws -> Bool {
    try note(.mountBlob, descriptor)
    guard let neighbour, source as? MemoryStore === neighbour, let bytes = neighbour.blob(descriptor.digest) else {
      return false
    }
    put(bytes, as: descriptor.digest)
    return true
  }

  package func stream(_ blob: GrowingBlob, progress: (Int64) throws -> Void) -> Bool {
    guard streams else { return false }
    do {
      try note(.stream)
      let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 10, alignment: 16)
      defer { buffer.deallocate() }
      while case let count = try blob.read(into: buffer), count > 0 { try progress(Int64(count)) }
      return true
    } catch {
      return false
    }
  }

  package func writeBlob(
    _ descriptor: Descriptor, from content: BlobContent, progress: (Int64) throws -> Void
  ) throws {
    try note(.writeBlob, descriptor)
    var bytes = Data()
    try content.read(descriptor) { piece in
      bytes.append(contentsOf: piece)
      try progress(Int64(piece.count))
    }
    put(bytes, as: descriptor.digest)
  }

  package func putManifest(_ bytes: Data, _ descriptor: Descriptor, tags: [String]) throws {
    try note(.putManifest, descriptor)
    let document = try ManifestDocument(bytes: bytes, mediaType: descriptor.mediaType)
    put(document)
    for tag in tags { put(document, tag: tag) }
  }

  package func finish() throws { try note(.finish) }

  package func discard() { try? note(.discard) }
}
