import FileSystem
import Foundation
import OCI

/// One blob on its way to a registry: begun by a POST, sent by one PUT, from the start again where that breaks.
final class BlobUpload {
  private let registry: Registry
  private let descriptor: Descriptor
  private let operation: String
  private let progress: (Int64) throws -> Void
  /// In bytes: of the try that got furthest.
  private var told: Int64 = 0
  private var sent: Int64 = 0

  init(_ descriptor: Descriptor, to registry: Registry, _ progress: @escaping (Int64) throws -> Void) {
    self.registry = registry
    self.descriptor = descriptor
    self.progress = progress
    operation = "upload the blob \(descriptor.digest) to"
  }

  func run(_ content: BlobContent) throws {
    var number = 1
    var hasRenewed = false
    var begun = registry.begunUploads.take(descriptor.digest)
    while true {
      let given = begun
      begun = nil
      do {
        try send(content, to: try given ?? begin())
        return
      } catch let renewed as RegistryConnection.Renewed {
        if hasRenewed { throw renewed.error }
        hasRenewed = true
      } catch let error as RegistryError where error.operation == operation {
        // An upload that was begun long ago may have been forgotten.
        if given != nil, error.status == 404 { continue }
        try registry.pause(after: error, try: number)
        number += 1
        // The answer may be all that was lost.
        if (try? registry.hasBlob(descriptor)) == true { return try finish() }
      }
    }
  }

  /// https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#post-then-put
  private func begin() throws -> WebAddress {
    var call = Registry.Call(operation, .post, path: "\(registry.repository)/blobs/uploads/")
    call.scopes = registry.pushScopes
    call.accepted = [202]
    return try registry.connection.location(of: registry.connection.send(call), operation: operation)
  }

  private func send(_ content: BlobContent, to location: WebAddress) throws {
    switch content {
    case .bytes(let bytes): try sendBytes(bytes, to: location)
    case .file(let path): try sendFile(path, to: location)
    case .source(let source):
      // A cache is used where it has the blob; it does not fetch it first: streaming needs no file.
      if let path = try (source as? CachedSource)?.cache.file(for: descriptor) {
        return try sendFile(path, to: location)
      }
      if let path = try source.origin.localFile(for: descriptor, progress: { _ in }) {
        return try sendFile(path, to: location)
      }
      try sendPiped(source.origin, to: location)
    }
  }

  private func sendBytes(_ bytes: Data, to location: WebAddress) throws {
    guard Int64(bytes.count) == descriptor.size else {
      throw registry.error(operation, .malformedRequest("there are \(bytes.count) bytes, not \(descriptor.size)"))
    }
    var position = bytes.startIndex
    try put(
      to: location,
      read: { room in
        let end = min(bytes.endIndex, position + room.count)
        bytes.copyBytes(to: room, from: position..<end)
        defer { position = end }
        return end - position
      }, rewind: { position = bytes.startIndex })
  }

  private func sendFile(_ path: String, to location: WebAddress) throws {
    let file = try InputFile(path)
    let status = try file.status()
    guard status.kind == .file, status.size == descriptor.size else {
      throw FileError("upload", path, reason: "it has \(status.size) bytes, not \(descriptor.size)")
    }
    try put(to: location, read: file.read(into:)) { try file.seek(to: 0) }
  }

  /// One thread reads from the source while this one sends.
  private func sendPiped(_ source: any ImageSource, to location: WebAddress) throws {
    let pipe = BlobPipe()
    let descriptor = descriptor
    Thread.detachNewThread {
      do {
        let isClosed: () -> Bool = { pipe.isClosed }
        if let registry = source as? Registry {
          try registry.readBlob(descriptor, isCancelled: isClosed, pipe.write)
        } else {
          try source.readBlob(descriptor, pipe.write)
        }
        pipe.finish()
      } catch {
        pipe.finish(error)
      }
    }
    do {
      try put(to: location, read: pipe.read(into:), rewind: nil)
    } catch {
      // What failed first on the other side came through the pipe, and is this error. The thread ends before we do.
      pipe.close()
      _ = pipe.wait()
      throw error
    }
    pipe.close()
    if let error = pipe.wait(), !(error is BlobPipe.Closed) { throw error }
  }

  private func put(
    to location: WebAddress, read: @escaping (UnsafeMutableRawBufferPointer) throws -> Int,
    rewind: (() throws -> Void)?
  ) throws {
    sent = 0
    var call = Registry.Call(operation, .put)
    call.address = location.appendingQuery("digest", descriptor.digest.description)
    call.headers = [("Content-Type", "application/octet-stream")]
    call.scopes = registry.pushScopes
    call.accepted = [201, 204]
    call.body = .stream(
      size: descriptor.size,
      read: { [self] room in
        let count = try read(room)
        try tell(count)
        return count
      },
      rewind: rewind.map { rewind in
        { [self] in
          try rewind()
          sent = 0
        }
      })
    try registry.checkStored(registry.connection.send(call), descriptor, operation)
  }

  private func tell(_ count: Int) throws {
    sent += Int64(count)
    // What is sent again is not counted again.
    guard sent > told else { return }
    let more = sent - told
    told = sent
    try progress(more)
  }

  private func finish() throws {
    guard told < descriptor.size else { return }
    try progress(descriptor.size - told)
  }
}
