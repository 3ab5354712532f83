import SematicFiles
import SematicOCI
import SematicSystem

/// A repository in a registry's folder, for the folder's owner: who pushes to it needs no server and no socket.
package struct StoredRepository: Sendable {
  private let repository: Repository
  private let uploads: Uploads
  private var store: Store { repository.store }

  package var name: String { "\(store.folder.root)/\(repository.path)" }

  /// - Parameters:
  ///   - root: the folder of the registry; made if it is not there.
  ///   - name: a valid name of a repository.
  /// - Throws: `FileError`.
  package init(root: String, name: String) throws {
    let store = Store(root: FileTree.absolute(root))
    try store.prepare()
    repository = store.repository(try RepositoryName(name))
    uploads = Uploads(store)
  }

  /// Whether the blob is in the folder. Then this repository has it, too.
  package func hasBlob(_ digest: Digest, size: Int64) throws -> Bool {
    try serving {
      guard try store.size(ofBlob: digest) == size else { return false }
      try repository.addBlob(digest)
      return true
    }
  }

  /// - Parameter content: calls its argument with each piece, and throws where they are not the blob.
  package func writeBlob(
    _ digest: Digest, _ content: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void
  ) throws {
    let path = try uploads.begin(in: repository.name, algorithm: nil).path
    guard let file = try UploadFile(path, in: store.folder) else { throw Uploads.unknown }
    do {
      try content { try file.append($0) }
      try serving {
        try file.become(digest, in: store)
        try repository.addBlob(digest)
      }
    } catch {
      try? file.remove()
      throw error
    }
  }

  /// Writes a manifest whose blobs are there, and its tags.
  /// - Throws: `RegistryFault` for a manifest that a server would refuse, `FileError`.
  package func putManifest(_ bytes: Data, _ descriptor: Descriptor, tags: [String]) throws {
    let manifest = try ReceivedManifest(
      bytes, digest: descriptor.digest, contentType: descriptor.mediaType.rawValue)
    try serving { try repository.put(manifest, Array(bytes), tags: tags.map(RegistryService.tag)) }
  }

  /// Nil where the repository has no such manifest.
  package func manifest(_ digest: Digest) throws -> (bytes: Data, type: MediaType)? {
    guard let type = try repository.mediaType(ofManifest: digest), let bytes = try store.read(digest) else {
      return nil
    }
    return (Data(bytes), type)
  }

  package func digest(ofTag name: String) throws -> Digest? { try TagName(name).flatMap(repository.digest) }

  /// Waits for a garbage collection to end.
  private func serving<Result>(_ body: () throws -> Result) throws -> Result {
    while true {
      do {
        return try store.locked(.serving, body)
      } catch Pause.lock {
        MonotonicClock.sleep(seconds: 0.05)
      }
    }
  }
}

extension RegistryFault: ExplainedError {
  var description: String {
    message + (digests.isEmpty ? "" : ": " + digests.map(\.description).joined(separator: ", "))
  }

  var hint: String? { nil }
}
