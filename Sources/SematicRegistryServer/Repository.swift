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

  var exists: Bool {
    get throws { try store.folder.exists("\(path)/_blobs") || store.folder.exists("\(path)/_manifests") }
  }

  // MARK: Blobs

  /// The size of a blob in bytes; nil when this repository has no such blob.
  func size(ofBlob digest: Digest) throws -> Int64? {
    try store.folder.exists(link("_blobs", digest)) ? try store.size(ofBlob: digest) : nil
  }

  /// Adds the link, or renews it: its age tells the garbage collection that the blob is wanted.
  func addBlob(_ digest: Digest) throws { try store.folder.write([], to: link("_blobs", digest)) }

  /// Makes the link to a blob young again.
  /// - Returns: false when this repository has no such blob.
  func renew(_ digest: Digest) throws -> Bool {
    guard try size(ofBlob: digest) != nil else { return false }
    try store.folder.touch(link("_blobs", digest))
    return true
  }

  func removeBlob(_ digest: Digest) throws { try store.folder.remove(link("_blobs", digest)) }

  /// The links to its blobs, as paths and digests.
  func blobs() throws -> [(path: String, digest: Digest)] { try links("_blobs") }

  // MARK: Manifests

  /// Nil when this repository has no such manifest.
  func mediaType(ofManifest digest: Digest) throws -> MediaType? {
    guard let bytes = try store.folder.read(link("_manifests", digest)), try store.size(ofBlob: digest) != nil else {
      return nil
    }
    return MediaType(rawValue: String(decoding: bytes, as: UTF8.self))
  }

  /// Adds a manifest whose parts are there, with its tags.
  /// - Throws: `RegistryFault` that names what is missing; `FileError`.
  func put(_ manifest: ReceivedManifest, _ bytes: [UInt8], tags: [TagName]) throws {
    let digest = manifest.descriptor.digest
    try manifest.checkReferences(in: self)
    try store.write(bytes, as: digest)
    if let subject = manifest.subject { try addReferrer(manifest.descriptor, to: subject) }
    try addManifest(digest, manifest.mediaType)
    for tag in tags { try set(tag, to: digest) }
  }

  func addManifest(_ digest: Digest, _ mediaType: MediaType) throws {
    try store.folder.write(Array(mediaType.rawValue.utf8), to: link("_manifests", digest))
  }

  /// Removes a manifest with its tags.
  func removeManifest(_ digest: Digest) throws {
    for tag in try tags() where try self.digest(of: tag) == digest { try remove(tag) }
    try store.folder.remove(link("_manifests", digest))
  }

  func manifests() throws -> [Digest] { try manifestLinks().map(\.digest) }

  /// The links to its manifests, as paths and digests.
  func manifestLinks() throws -> [(path: String, digest: Digest)] { try links("_manifests") }

  /// Makes the link to a manifest young again.
  func renew(manifest digest: Digest) throws { try store.folder.touch(link("_manifests", digest)) }

  // MARK: Tags

  func digest(of tag: TagName) throws -> Digest? {
    guard let bytes = try store.folder.read("\(path)/_tags/\(tag.fileName)") else { return nil }
    return try? Digest(String(decoding: bytes, as: UTF8.self))
  }

  func set(_ tag: TagName, to digest: Digest) throws {
    try store.folder.write(Array(digest.description.utf8), to: "\(path)/_tags/\(tag.fileName)")
  }

  func remove(_ tag: TagName) throws { try store.folder.remove("\(path)/_tags/\(tag.fileName)") }

  /// All tags, in the specification's order.
  func tags() throws -> [TagName] {
    try store.folder.names("\(path)/_tags").compactMap { TagName(fileName: $0) }.sorted()
  }

  // MARK: Referrers

  private func referrers(of subject: Digest) -> String { link("_referrers", subject) }

  private func referrer(_ digest: Digest, of subject: Digest) -> String {
    "\(referrers(of: subject))/\(digest.algorithm.rawValue)-\(digest.hex)"
  }

  func addReferrer(_ descriptor: Descriptor, to subject: Digest) throws {
    try store.folder.write(Array(try canonicalJSON(descriptor)), to: referrer(descriptor.digest, of: subject))
  }

  func removeReferrer(_ digest: Digest, of subject: Digest) throws {
    try store.folder.remove(referrer(digest, of: subject))
  }

  /// The digests of the manifests with that subject.
  func referrerDigests(of subject: Digest) throws -> [Digest] {
    try store.folder.names(referrers(of: subject)).compactMap { name in
      guard let dash = name.firstIndex(of: "-") else { return nil }
      return try? Digest("\(name[..<dash]):\(name[name.index(after: dash)...])")
    }
  }

  /// A referrer's descriptor and its size as JSON; nil once the manifest is gone.
  func referrerDescriptor(_ digest: Digest, of subject: Digest) throws -> (descriptor: Descriptor, size: Int)? {
    guard let bytes = try store.folder.read(referrer(digest, of: subject)), try mediaType(ofManifest: digest) != nil,
      let descriptor = try? decodeJSON(Descriptor.self, from: Data(bytes))
    else { return nil }
    return (descriptor, bytes.count)
  }

  // MARK: Files

  private func links(_ kind: String) throws -> [(path: String, digest: Digest)] {
    var found: [(path: String, digest: Digest)] = []
    for algorithm in ["sha256", "sha512"] {
      let folder = "\(path)/\(kind)/\(algorithm)"
      for name in try store.folder.names(folder) {
        if let digest = try? Digest("\(algorithm):\(name)") { found.append(("\(folder)/\(name)", digest)) }
      }
    }
    return found
  }
}
