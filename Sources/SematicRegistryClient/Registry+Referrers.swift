import SematicImages
import SematicOCI
import SematicSystem

/// https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#listing-referrers
extension Registry {
  /// The tag that lists the referrers of an image in a registry that does not do so itself.
  ///
  /// https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#referrers-tag-schema
  static func referrersTag(of image: Digest) -> String {
    // As tags have at most 128 characters, a longer digest is cut.
    "\(image.algorithm.rawValue)-\(image.hex.prefix(64))"
  }

  /// More pages than this are not read.
  private static let pageLimit = 100

  package func referrers(of image: Digest, type: MediaType) throws -> [Descriptor] {
    try listedReferrers(of: image, scopes: pullScopes).filter { $0.artifactType == type.rawValue }
  }

  package func hasReferrer(_ descriptor: Descriptor, of image: Descriptor) throws -> Bool {
    try listedReferrers(of: image.digest, scopes: pushScopes).contains { $0.digest == descriptor.digest }
      && hasManifest(descriptor, tags: [])
  }

  package func putReferrer(_ bytes: Data, _ descriptor: Descriptor, of image: Descriptor) throws {
    let response = try put(bytes, descriptor, as: descriptor.digest.description)
    // A registry that lists referrers says so here.
    guard response.headers["OCI-Subject"] == nil, try apiReferrers(of: image.digest, scopes: pushScopes) == nil else {
      return
    }
    let others = try taggedReferrers(of: image.digest).filter { $0.digest != descriptor.digest }
    let index = try canonicalJSON(ImageIndex(manifests: others + [descriptor]))
    try putManifest(
      index, Descriptor(of: index, mediaType: .index), tags: [Self.referrersTag(of: image.digest)])
  }

  private func listedReferrers(of image: Digest, scopes: TokenScopes) throws -> [Descriptor] {
    try apiReferrers(of: image, scopes: scopes) ?? taggedReferrers(of: image)
  }

  /// The registry's own list; nil where it has none.
  private func apiReferrers(of image: Digest, scopes: TokenScopes) throws -> [Descriptor]? {
    let operation = "list the referrers of \(image) in"
    var all: [Descriptor] = []
    var next: String?
    for _ in 0..<Self.pageLimit {
      var call = RegistryCall(operation, .get, path: "\(repository)/referrers/\(image)")
      if let next { call.path += "?" + next }
      call.headers = [("Accept", MediaType.index.rawValue)]
      call.scopes = scopes
      call.limit = Int(ManifestDocument.sizeLimit)
      // A registry that does not know the request may answer it with any of these.
      call.accepted = [200, 400, 403, 404, 405, 501]
      let response = try send(call)
      guard response.status == 200 else { return nil }
      // Some answer any address, with a page for people.
      guard let document = try? ManifestDocument(bytes: response.body, mediaType: nil),
        case .index(let index) = document.content
      else { return nil }
      all += index.manifests
      next = response.headers["Link"].flatMap(Self.nextQuery)
      if next == nil { return all }
    }
    return all
  }

  /// The query of `</v2/...?query>; rel="next"`. The rest of the address is known.
  private static func nextQuery(_ link: String) -> String? {
    guard link.contains("rel=\"next\"") || link.contains("rel=next"), let start = link.firstIndex(of: "?"),
      let end = link[start...].firstIndex(of: ">")
    else { return nil }
    let query = link[link.index(after: start)..<end]
    return query.isEmpty || query.contains(where: \.isWhitespace) ? nil : String(query)
  }

  private func taggedReferrers(of image: Digest) throws -> [Descriptor] {
    do {
      let document = try manifest(.tag(Self.referrersTag(of: image)))
      if case .index(let index) = document.content { return index.manifests }
      return []
    } catch let error as RegistryError where error.status == 404 {
      return []
    }
  }
}
