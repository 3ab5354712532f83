import SematicOCI

/// A refusal with one of the specification's error codes.
///
/// https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#error-codes
struct RegistryFault: Error {
  enum Code: String {
    case blobUnknown = "BLOB_UNKNOWN"
    case blobUploadInvalid = "BLOB_UPLOAD_INVALID"
    case blobUploadUnknown = "BLOB_UPLOAD_UNKNOWN"
    case digestInvalid = "DIGEST_INVALID"
    case manifestBlobUnknown = "MANIFEST_BLOB_UNKNOWN"
    case manifestInvalid = "MANIFEST_INVALID"
    case manifestUnknown = "MANIFEST_UNKNOWN"
    case nameInvalid = "NAME_INVALID"
    case nameUnknown = "NAME_UNKNOWN"
    case sizeInvalid = "SIZE_INVALID"
    case unauthorized = "UNAUTHORIZED"
    case denied = "DENIED"
    case unsupported = "UNSUPPORTED"
    // Not in the specification's table, but used by docker-registry.
    case paginationNumberInvalid = "PAGINATION_NUMBER_INVALID"
    case unknown = "UNKNOWN"
  }

  let status: ResponseStatus
  let code: Code
  let message: String
  /// The blobs or manifests that it is about; the response has one error for each.
  var digests: [Digest] = []
  var headers: [(name: String, value: String)] = []

  init(
    _ status: ResponseStatus, _ code: Code, _ message: String, digests: [Digest] = [],
    headers: [(name: String, value: String)] = []
  ) {
    self.status = status
    self.code = code
    self.message = message
    self.digests = digests
    self.headers = headers
  }

  init(_ error: InvalidRequest) {
    self.init(error.status, error.status == .contentTooLarge ? .sizeInvalid : .unsupported, error.message)
  }

  var response: ServerResponse {
    let one: [String: JSONValue] = ["code": .string(code.rawValue), "message": .string(message)]
    let all =
      digests.isEmpty
      ? [JSONValue.object(one)]
      : digests.map { digest in
        .object(one.merging(["detail": .object(["digest": .string(digest.description)])]) { first, _ in first })
      }
    let answer = try? ServerResponse.json(status, .object(["errors": .array(all)]))
    var response = answer ?? ServerResponse(status)
    response.headers += headers
    return response
  }
}
