import SematicFiles
import SematicOCI
import SematicSystem

extension RegistryService {
  static let referrersPage = 100

  func tags(_ name: RepositoryName, _ request: ServerRequest) throws -> ServerResponse {
    let repository = store.repository(name)
    guard try repository.exists else { throw RegistryFault(.notFound, .nameUnknown, "the repository does not exist") }
    var tags = try repository.tags()
    if let last = request.target["last"] {
      guard let last = TagName(last) else { throw RegistryFault(.badRequest, .unsupported, "'last' is not a tag") }
      tags.removeAll { $0 <= last }
    }
    return try page(tags.map(\.text), in: request) { .object(["name": .string(name.text), "tags": .strings($0)]) }
  }

  /// The names of all repositories: no longer in the specification, but people and tools use it.
  func catalog(_ request: ServerRequest) throws -> ServerResponse {
    var names = try store.repositories().map(\.text)
    if let last = request.target["last"] { names.removeAll { $0 <= last } }
    return try page(names, in: request) { .object(["repositories": .strings($0)]) }
  }

  /// The first `n` names, with a link to the rest.
  private func page(
    _ all: [String], in request: ServerRequest, _ json: ([String]) -> JSONValue
  ) throws -> ServerResponse {
    guard let text = request.target["n"] else { return try .json(.ok, json(all)) }
    guard let limit = ServerRequest.decimal(text) else {
      throw RegistryFault(.badRequest, .paginationNumberInvalid, "'n' is not a number")
    }
    let some = Array(all.prefix(Int(clamping: limit)))
    var response = try ServerResponse.json(.ok, json(some))
    // An empty page has no last name to continue from.
    if some.count < all.count, let last = some.last {
      response.headers.append(("Link", "<\(request.target.rawPath)?n=\(limit)&last=\(last)>; rel=\"next\""))
    }
    return response
  }

  /// An index of the manifests with that subject; empty when there are none, or no such subject.
  func referrers(_ name: RepositoryName, _ text: String, _ request: ServerRequest) throws -> ServerResponse {
    let subject = try Self.digest(text)
    let repository = store.repository(name)
    let wanted = request.target["artifactType"]
    let last = try request.target["last"].map { try Self.digest($0) }
    var index = ImageIndex(manifests: [])
    var (size, next): (Int, Digest?) = (0, nil)
    for digest in try repository.referrerDigests(of: subject).sorted() where last.map({ digest > $0 }) ?? true {
      guard let one = try repository.referrerDescriptor(digest, of: subject),
        wanted == nil || one.descriptor.artifactType == wanted
      else { continue }
      size += one.size
      // The response is an index: clients need not accept one beyond the size limit of manifests.
      if let before = index.manifests.last, index.manifests.count == Self.referrersPage || size > Self.manifestLimit / 2
      {
        next = before.digest
        break
      }
      index.manifests.append(one.descriptor)
    }
    var response = ServerResponse(
      .ok, [("Content-Type", MediaType.index.rawValue)], body: .bytes(Array(try canonicalJSON(index))))
    if wanted != nil { response.headers.append(("OCI-Filters-Applied", "artifactType")) }
    if let next {
      let filter = wanted.map { "&artifactType=\(Self.percentEncoded($0))" } ?? ""
      response.headers.append(("Link", "<\(request.target.rawPath)?last=\(next)\(filter)>; rel=\"next\""))
    }
    return response
  }

  /// https://www.rfc-editor.org/rfc/rfc3986#section-2.3
  private static func percentEncoded(_ text: String) -> String {
    let unreserved = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)
    return text.utf8.map { byte in
      if unreserved.contains(byte) { return String(UnicodeScalar(byte)) }
      let hex = String(byte, radix: 16, uppercase: true)
      return "%" + (byte < 16 ? "0" : "") + hex
    }.joined()
  }
}
