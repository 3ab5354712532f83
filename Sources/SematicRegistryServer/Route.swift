import SematicOCI

/// The endpoint of the specification that a path leads to.
///
/// https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#endpoints
enum Route {
  case base
  case catalog
  /// This server's own, for `ServingRecord`.
  case serving
  case manifest(RepositoryName, reference: String)
  case blob(RepositoryName, digest: String)
  case uploads(RepositoryName)
  case upload(RepositoryName, id: String)
  case tags(RepositoryName)
  case referrers(RepositoryName, subject: String)

  /// Nil for a path outside the specification. Matched from its end, because a name may contain any word.
  /// - Throws: `RegistryFault` for an invalid name.
  init?(_ path: [String]) throws {
    guard path.first == "v2" else { return nil }
    let parts = path.dropFirst()
    if parts.isEmpty || parts.elementsEqual([""]) {
      self = .base
      return
    }
    if parts.elementsEqual(["_catalog"]) {
      self = .catalog
      return
    }
    if parts.elementsEqual(["_serving"]) {
      self = .serving
      return
    }
    guard parts.count >= 3, let last = parts.last else { return nil }
    let before = parts.dropLast()
    func name(_ dropping: Int) throws -> RepositoryName {
      try RepositoryName(parts: parts.dropLast(dropping))
    }
    switch before.last {
    case "manifests": self = .manifest(try name(2), reference: last)
    case "blobs" where last == "uploads": self = .uploads(try name(2))
    case "blobs": self = .blob(try name(2), digest: last)
    case "tags" where last == "list": self = .tags(try name(2))
    case "referrers": self = .referrers(try name(2), subject: last)
    case "uploads" where before.dropLast().last == "blobs":
      self = last.isEmpty ? .uploads(try name(3)) : .upload(try name(3), id: last)
    default: return nil
    }
  }

  var methods: [String] {
    switch self {
    case .base, .catalog, .serving, .tags, .referrers: ["GET", "HEAD"]
    case .manifest: ["GET", "HEAD", "PUT", "DELETE"]
    case .blob: ["GET", "HEAD", "DELETE"]
    case .uploads: ["POST"]
    case .upload: ["GET", "HEAD", "PATCH", "PUT", "DELETE"]
    }
  }
}
