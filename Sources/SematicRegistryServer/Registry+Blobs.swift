import SematicFiles
import SematicOCI
import SematicSystem

extension Registry {
  func blob(_ name: RepositoryName, _ text: String, _ request: HTTPRequest) throws -> HTTPResponse {
    let digest = try Self.digest(text)
    let unknown = RegistryFault(
      404, .blobUnknown, "this repository does not have the blob", digests: [digest])
    guard try store.repository(name).size(ofBlob: digest) != nil else { throw unknown }
    return try content(digest, type: "application/octet-stream", request) ?? { throw unknown }()
  }

  /// Bytes by digest: whole, a range of them, or the news that the client has them already. Nil when they are gone.
  func content(_ digest: Digest, type: String, _ request: HTTPRequest) throws -> HTTPResponse? {
    let file: InputFile
    do {
      file = try InputFile(store.path(ofBlob: digest))
    } catch let error as FileError where error.isMissing {
      return nil
    }
    let size = try file.status().size
    let tag = "\"\(digest)\""
    var headers = [
      ("Content-Type", type), ("Docker-Content-Digest", digest.description), ("ETag", tag), ("Accept-Ranges", "bytes"),
    ]
    let known = request.headers.list("if-none-match").map { $0.hasPrefix("W/") ? String($0.dropFirst(2)) : $0 }
    if known.contains(tag) || known == ["*"] { return HTTPResponse(304, headers) }

    let condition = request.headers["if-range"]
    guard request.method == "GET", let text = request.headers["range"], condition == nil || condition == tag,
      let range = ByteRange(text, size: size)
    else { return HTTPResponse(200, headers, body: .file(file, offset: 0, count: size)) }
    guard case .part(let first, let last) = range else {
      throw RegistryFault(
        416, .sizeInvalid, "the range is outside of the blob's \(size) bytes",
        headers: [("Content-Range", "bytes */\(size)")])
    }
    headers.append(("Content-Range", "bytes \(first)-\(last)/\(size)"))
    return HTTPResponse(206, headers, body: .file(file, offset: first, count: last - first + 1))
  }

  func deleteBlob(_ name: RepositoryName, _ text: String) throws -> HTTPResponse {
    let digest = try Self.digest(text)
    let repository = store.repository(name)
    guard try repository.size(ofBlob: digest) != nil else {
      throw RegistryFault(404, .blobUnknown, "this repository does not have the blob", digests: [digest])
    }
    try repository.removeBlob(digest)
    return HTTPResponse(202)
  }
}

/// The one range of bytes that a request asks for.
///
/// https://www.rfc-editor.org/rfc/rfc9110#section-14.1.2
enum ByteRange: Equatable {
  case part(first: Int64, last: Int64)
  case unsatisfiable

  /// Nil for what is to be ignored: another unit, several ranges, no range at all.
  init?(_ text: String, size: Int64) {
    guard text.lowercased().hasPrefix("bytes=") else { return nil }
    let bounds = text.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false).map {
      HTTPHeaders.trimmed(String($0))
    }
    guard bounds.count == 2 else { return nil }
    let (first, last) = (HTTPRequest.decimal(bounds[0]), HTTPRequest.decimal(bounds[1]))
    switch (first, last) {
    case (nil, let count?) where bounds[0].isEmpty:
      self = count == 0 || size == 0 ? .unsatisfiable : .part(first: max(0, size - count), last: size - 1)
    case (let first?, nil) where bounds[1].isEmpty:
      self = first < size ? .part(first: first, last: size - 1) : .unsatisfiable
    case (let first?, let last?):
      guard first <= last else { return nil }
      self = first < size ? .part(first: first, last: min(last, size - 1)) : .unsatisfiable
    default: return nil
    }
  }
}
