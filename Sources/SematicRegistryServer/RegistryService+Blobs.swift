import SematicFiles
import SematicOCI
import SematicSystem

extension RegistryService {
  func blob(_ name: RepositoryName, _ text: String, _ request: ServerRequest) throws -> ServerResponse {
    let digest = try Self.digest(text)
    let unknown = RegistryFault(
      .notFound, .blobUnknown, "the blob is not in this repository", digests: [digest])
    let repository = store.repository(name)
    let isThere =
      if request.method == "HEAD", !readOnly {
        // A push that is told that the blob is there relies on it.
        try store.locked(.serving) { try repository.renew(digest) }
      } else {
        try repository.size(ofBlob: digest) != nil
      }
    guard isThere else { throw unknown }
    return try content(digest, type: "application/octet-stream", request) ?? { throw unknown }()
  }

  /// The content of a digest: all of it, a range, or `304` when the client has it already. Nil when it is gone.
  func content(_ digest: Digest, type: String, _ request: ServerRequest) throws -> ServerResponse? {
    let file: StoredFile
    do {
      file = try store.folder.open(store.path(ofBlob: digest))
    } catch let error as FileError where error.isMissing {
      return nil
    }
    let size = file.size
    let tag = "\"\(digest)\""
    var headers = [
      ("Content-Type", type), ("Docker-Content-Digest", digest.description), ("ETag", tag), ("Accept-Ranges", "bytes"),
    ]
    let known = request.headers.list("if-none-match").map { $0.hasPrefix("W/") ? String($0.dropFirst(2)) : $0 }
    if known.contains(tag) || known == ["*"] { return ServerResponse(.notModified, headers) }

    let condition = request.headers["if-range"]
    guard request.method == "GET", let text = request.headers["range"], condition == nil || condition == tag,
      let range = ByteRange(text, size: size)
    else { return ServerResponse(.ok, headers, body: .file(file, offset: 0, count: size)) }
    guard case .part(let first, let last) = range else {
      throw RegistryFault(
        .rangeNotSatisfiable, .sizeInvalid, "the range is outside the blob of \(size) bytes",
        headers: [("Content-Range", "bytes */\(size)")])
    }
    headers.append(("Content-Range", "bytes \(first)-\(last)/\(size)"))
    return ServerResponse(.partialContent, headers, body: .file(file, offset: first, count: last - first + 1))
  }

  func deleteBlob(_ name: RepositoryName, _ text: String) throws -> ServerResponse {
    let digest = try Self.digest(text)
    let repository = store.repository(name)
    guard try repository.size(ofBlob: digest) != nil else {
      throw RegistryFault(.notFound, .blobUnknown, "the blob is not in this repository", digests: [digest])
    }
    try repository.removeBlob(digest)
    return ServerResponse(.accepted)
  }
}

/// The range of bytes that a request asks for.
///
/// https://www.rfc-editor.org/rfc/rfc9110#section-14.1.2
enum ByteRange: Equatable {
  case part(first: Int64, last: Int64)
  case unsatisfiable

  /// Nil for what must be ignored: another unit, several ranges, a malformed range.
  init?(_ text: String, size: Int64) {
    guard text.lowercased().hasPrefix("bytes=") else { return nil }
    let bounds = text.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false).map {
      HeaderFields.trimmed(String($0))
    }
    guard bounds.count == 2 else { return nil }
    let (first, last) = (ServerRequest.decimal(bounds[0]), ServerRequest.decimal(bounds[1]))
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
