import SematicFiles
import SematicOCI
import SematicSystem

/// One repository: links to blobs and manifests, tags, referrers.
struct Repository {
  let store: Store
  let name: RepositoryName
  let path: String

  private func link(_ kind: String, _ digest: Digest) -> String {
    "\(path)/\(kind)/\(digest.algorithm.rawValue)/\(digest.hex)"
  }

  var exists: Bool { FileTree.isDirectory("\(path)/_blobs") || FileTree.isDirectory("\(path)/_manifests") }

  // MARK: Blobs

  /// The size of a blob in bytes; nil when this repository has no such blob.
  func size(ofBlob digest: Digest) throws -> Int64? {
    FileTree.exists(link("_blobs", digest)) ? try store.size(ofBlob: digest) : nil
  }

  /// Adds the link, or renews it: its age tells the garbage collection that the blob is wanted.
  func addBlob(_ digest: Digest) throws { try AtomicFile.write([], to: link("_blobs", digest)) }

  func removeBlob(_ digest: Digest) throws { try FileTree.remove(link("_blobs", digest)) }

  /// The links to its blobs, as paths and digests.
  func blobs() throws -> [(path: String, digest: Digest)] { try links("_blobs") }

  // MARK: Manifests

  /// Nil when this repository has no such manifest.
  func mediaType(ofManifest digest: Digest) throws -> MediaType? {
    guard let bytes = try contents(link("_manifests", digest)), FileTree.exists(store.path(ofBlob: digest)) else {
      return nil
    }
    return MediaType(rawValue: String(decoding: bytes, as: UTF8.self))
  }

  func addManifest(_ digest: Digest, _ mediaType: MediaType) throws {
    try AtomicFile.write(Array(mediaType.rawValue.utf8), to: link("_manifests", digest))
  }

  /// Removes a manifest with its tags.
  func removeManifest(_ digest: Digest) throws {
    for tag in try tags() where try self.digest(of: tag) == digest { try remove(tag) }
    try FileTree.remove(link("_manifests", digest))
  }

  func manifests() throws -> [Digest] { try links("_manifests").map(\.digest) }

  // MARK: Tags

  func digest(of tag: TagName) throws -> Digest? {
    guard let bytes = try contents("\(path)/_tags/\(tag.fileName)") else { return nil }
    return try? Digest(String(decoding: bytes, as: UTF8.self))
  }

  func set(_ tag: TagName, to digest: Digest) throws {
    try AtomicFile.write(Array(digest.description.utf8), to: "\(path)/_tags/\(tag.fileName)")
  }

  func remove(_ tag: TagName) throws { try FileTree.remove("\(path)/_tags/\(tag.fileName)") }

  /// All tags, in the specification's order.
  func tags() throws -> [TagName] {
    try FileTree.names(ifPresent: "\(path)/_tags").compactMap { TagName(fileName: $0) }.sorted()
  }

  // MARK: Referrers

  private func referrers(of subject: Digest) -> String { link("_referrers", subject) }

  private func referrer(_ digest: Digest, of subject: Digest) -> String {
    "\(referrers(of: subject))/\(digest.algorithm.rawValue)-\(digest.hex)"
  }

  func addReferrer(_ descriptor: Descriptor, to subject: Digest) throws {
    try AtomicFile.write(try canonicalJSON(descriptor), to: referrer(descriptor.digest, of: subject))
  }

  func removeReferrer(_ digest: Digest, of subject: Digest) throws {
    try FileTree.remove(referrer(digest, of: subject))
  }

  /// The digests of the manifests with that subject.
  func referrerDigests(of subject: Digest) throws -> [Digest] {
    try FileTree.names(ifPresent: referrers(of: subject)).compactMap { name in
      guard let dash = name.firstIndex(of: "-") else { return nil }
      return try? Digest("\(name[..<dash]):\(name[name.index(after: dash)...])")
    }
  }

  /// A referrer's descriptor and its size as JSON; nil once the manifest is gone.
  func referrerDescriptor(_ digest: Digest, of subject: Digest) throws -> (descriptor: Descriptor, size: Int)? {
    guard let bytes = try contents(referrer(digest, of: subject)), try mediaType(ofManifest: digest) != nil,
      let descriptor = try? JSONDecoder().decode(Descriptor.self, from: Data(bytes))
    else { return nil }
    return (descriptor, bytes.count)
  }

  // MARK: Files

  private func contents(_ path: String) throws -> [UInt8]? {
    do {
      return try FileTree.read(path, limit: 8 << 20)
    } catch let error as FileError where error.isMissing {
      return nil
    }
  }

  private func links(_ kind: String) throws -> [(path: String, digest: Digest)] {
    var found: [(path: String, digest: Digest)] = []
    for algorithm in ["sha256", "sha512"] {
      let folder = "\(path)/\(kind)/\(algorithm)"
      for name in try FileTree.names(ifPresent: folder) {
        if let digest = try? Digest("\(algorithm):\(name)") { found.append(("\(folder)/\(name)", digest)) }
      }
    }
    return found
  }
}
