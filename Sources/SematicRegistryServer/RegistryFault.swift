import SematicOCI

/// A request that the registry refuses, as the specification has it told.
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
    // Not in the table; both are docker-registry's.
    case paginationNumberInvalid = "PAGINATION_NUMBER_INVALID"
    case unknown = "UNKNOWN"
  }

  let status: Int
  let code: Code
  let message: String
  /// What it is about, one error for each; most have one and say it in the message.
  var digests: [Digest] = []
  var headers: [(name: String, value: String)] = []

  init(
    _ status: Int, _ code: Code, _ message: String, digests: [Digest] = [],
    headers: [(name: String, value: String)] = []
  ) {
    self.status = status
    self.code = code
    self.message = message
    self.digests = digests
    self.headers = headers
  }

  init(_ error: HTTPError) {
    self.init(error.status, error.status == 413 ? .sizeInvalid : .unsupported, error.message)
  }

  var response: HTTPResponse {
    let one: [String: JSONValue] = ["code": .string(code.rawValue), "message": .string(message)]
    let all =
      digests.isEmpty
      ? [JSONValue.object(one)]
      : digests.map { digest in
        .object(one.merging(["detail": .object(["digest": .string(digest.description)])]) { first, _ in first })
      }
    let answer = try? HTTPResponse.json(status, .object(["errors": .array(all)]))
    var response = answer ?? HTTPResponse(status)
    response.headers += headers
    return response
  }
}
