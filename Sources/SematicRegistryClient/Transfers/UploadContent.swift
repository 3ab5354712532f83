import SematicFiles
import SematicImages
import SematicOCI
import SematicSystem

/// The bytes of a blob to send, from any offset.
struct UploadContent {
  /// Reads the next bytes; 0 at the end.
  typealias Reader = (UnsafeMutableRawBufferPointer) throws -> Int

  /// An error of the source, not of the registry that the blob is sent to.
  struct SourceFailure: Error {
    let error: any Error
  }

  private enum Origin {
    case bytes(Data)
    case file(String)
    case source(any ImageSource, BlobTrail)
  }

  private let descriptor: Descriptor
  private let origin: Origin

  init(_ content: BlobContent, _ descriptor: Descriptor) throws {
    self.descriptor = descriptor
    switch content {
    case .bytes(let bytes): origin = .bytes(bytes)
    case .file(let path): origin = .file(path)
    case .source(let source):
      // A cache is used where it has the blob, and does not fetch it first: streaming needs no file.
      if let path = try (source as? CachedSource)?.cache.file(for: descriptor) {
        origin = .file(path)
      } else if let path = try source.origin.localFile(for: descriptor, progress: { _ in }) {
        origin = .file(path)
      } else {
        origin = .source(source.origin, try BlobTrail(descriptor))
      }
    }
  }

  /// - Parameter offset: the offset of the first byte.
  /// - Throws: `SourceFailure`; errors of files; whatever `body` throws.
  func withReader(from offset: Int64, _ body: (@escaping Reader) throws -> Void) throws {
    switch origin {
    case .bytes(let bytes): try withBytes(bytes, offset, body)
    case .file(let path):
      let file = try InputFile(path)
      let status = try file.status()
      guard status.kind == .file, status.size == descriptor.size else {
        throw FileError("upload", path, reason: "it has \(status.size) bytes, not \(descriptor.size)")
      }
      try file.seek(to: offset)
      try body(file.read(into:))
    case .source(let source, let trail): try withPipe(from: source, trail, offset, body)
    }
  }

  private func withBytes(_ bytes: Data, _ offset: Int64, _ body: (@escaping Reader) throws -> Void) throws {
    guard Int64(bytes.count) == descriptor.size else {
      throw FileError(
        "upload", "\(descriptor.digest)", reason: "there are \(bytes.count) bytes, not \(descriptor.size)")
    }
    var position = bytes.startIndex + Int(offset)
    try body { room in
      let end = min(bytes.endIndex, position + room.count)
      bytes.copyBytes(to: room, from: position..<end)
      defer { position = end }
      return end - position
    }
  }

  /// One thread reads from the source while this one sends.
  ///
  /// Where an upload is resumed, a registry is read from about there; other sources from their beginning.
  private func withPipe(
    from source: any ImageSource, _ trail: BlobTrail, _ offset: Int64, _ body: (@escaping Reader) throws -> Void
  ) throws {
    let pipe = BlobPipe()
    let descriptor = descriptor
    let cancellable = source as? any CancellableSource
    if cancellable != nil { try trail.rewind(to: offset) }
    let start = trail.position
    SystemThread.start {
      do {
        var known = offset - start
        let take: (UnsafeRawBufferPointer) throws -> Void = { bytes in
          let skipped = min(known, Int64(bytes.count))
          known -= skipped
          try pipe.write(UnsafeRawBufferPointer(rebasing: bytes[Int(skipped)...]))
        }
        if let cancellable {
          try cancellable.readBlob(trail, isCancelled: { pipe.isClosed }, take)
        } else {
          try source.readBlob(descriptor, take)
        }
        pipe.finish()
      } catch let closed as BlobPipe.Closed {
        pipe.finish(closed)
      } catch {
        pipe.finish(SourceFailure(error: error))
      }
    }
    do {
      try body(pipe.read(into:))
    } catch {
      // An error of the source came through the pipe, and is this one. The thread ends first.
      pipe.close()
      _ = pipe.wait()
      throw error
    }
    pipe.close()
    if let error = pipe.wait(), !(error is BlobPipe.Closed) { throw error }
  }
}

/// A source whose transfers can be cancelled and continued.
protocol CancellableSource: ImageSource {
  /// - Parameter isCancelled: called about once a second; true ends the transfer with an error.
  func readBlob(
    _ trail: BlobTrail, isCancelled: (() -> Bool)?, _ body: (UnsafeRawBufferPointer) throws -> Void) throws
}
