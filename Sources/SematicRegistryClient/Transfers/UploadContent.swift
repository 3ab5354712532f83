import SematicFiles
import SematicImages
import SematicOCI
import SematicSystem

/// The bytes of a blob to send, from wherever on a registry wants them.
struct UploadContent {
  /// What reads them in their order; `seek` is nil where there is no way back.
  struct Reader {
    let read: (UnsafeMutableRawBufferPointer) throws -> Int
    let seek: ((Int64) throws -> Void)?
  }

  private enum Place {
    case bytes(Data)
    case file(String)
    case source(any ImageSource, BlobTrail)
  }

  private let descriptor: Descriptor
  private let place: Place

  init(_ content: BlobContent, _ descriptor: Descriptor) throws {
    self.descriptor = descriptor
    switch content {
    case .bytes(let bytes): place = .bytes(bytes)
    case .file(let path): place = .file(path)
    case .source(let source):
      // A cache is used where it has the blob; it does not fetch it first: streaming needs no file.
      if let path = try (source as? CachedSource)?.cache.file(for: descriptor) {
        place = .file(path)
      } else if let path = try source.origin.localFile(for: descriptor, progress: { _ in }) {
        place = .file(path)
      } else {
        place = .source(source.origin, try BlobTrail(descriptor))
      }
    }
  }

  /// - Parameter offset: of the first byte that is wanted.
  func withReader(from offset: Int64, _ body: (Reader) throws -> Void) throws {
    switch place {
    case .bytes(let bytes): try withBytes(bytes, offset, body)
    case .file(let path):
      let file = try InputFile(path)
      let status = try file.status()
      guard status.kind == .file, status.size == descriptor.size else {
        throw FileError("upload", path, reason: "it has \(status.size) bytes, not \(descriptor.size)")
      }
      try file.seek(to: offset)
      try body(Reader(read: file.read(into:), seek: file.seek(to:)))
    case .source(let source, let trail): try withPipe(from: source, trail, offset, body)
    }
  }

  private func withBytes(_ bytes: Data, _ offset: Int64, _ body: (Reader) throws -> Void) throws {
    guard Int64(bytes.count) == descriptor.size else {
      throw FileError(
        "upload", "\(descriptor.digest)", reason: "there are \(bytes.count) bytes, not \(descriptor.size)")
    }
    var position = bytes.startIndex + Int(offset)
    try withoutActuallyEscaping(body) { body in
      try body(
        Reader(
          read: { room in
            let end = min(bytes.endIndex, position + room.count)
            bytes.copyBytes(to: room, from: position..<end)
            defer { position = end }
            return end - position
          }, seek: { position = bytes.startIndex + Int($0) }))
    }
  }

  /// One thread reads from the source while this one sends.
  ///
  /// Where an upload goes on in its middle, a registry is read from about there; other places from their beginning.
  private func withPipe(
    from source: any ImageSource, _ trail: BlobTrail, _ offset: Int64, _ body: (Reader) throws -> Void
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
      } catch {
        pipe.finish(error)
      }
    }
    do {
      try body(Reader(read: pipe.read(into:), seek: nil))
    } catch {
      // What failed first on the other side came through the pipe, and is this error. The thread ends before we do.
      pipe.close()
      _ = pipe.wait()
      throw error
    }
    pipe.close()
    if let error = pipe.wait(), !(error is BlobPipe.Closed) { throw error }
  }
}

/// A place whose transfers can be ended from another thread, and begin where others ended.
protocol CancellableSource: ImageSource {
  /// - Parameter isCancelled: asked about once a second; true ends the transfer with an error.
  func readBlob(
    _ trail: BlobTrail, isCancelled: (() -> Bool)?, _ body: (UnsafeRawBufferPointer) throws -> Void) throws
}
