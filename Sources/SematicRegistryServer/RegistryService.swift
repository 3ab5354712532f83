import SematicFiles
import SematicOCI
import SematicSystem

/// The registry's answers to requests: authorization, then the endpoint of the specification.
///
/// https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#api
final class RegistryService: Sendable {
  let store: Store
  let uploads: Uploads
  private let readOnly: Bool
  /// The digest of `user:password`: comparing digests reveals nothing about where two texts differ.
  private let credential: Digest?
  private let log: (@Sendable (String) -> Void)?

  init(
    store: Store, readOnly: Bool, basicAuth: (user: String, password: String)?, log: (@Sendable (String) -> Void)?
  ) throws {
    self.store = store
    self.readOnly = readOnly
    self.log = log
    uploads = Uploads(store)
    credential = try basicAuth.map { try Digest.of("\($0.user):\($0.password)".utf8) }
  }

  /// - Throws: `SocketError`, `InvalidRequest` when the body is cut off or malformed.
  @Sendable func respond(to request: ServerRequest, body: RequestBody) throws -> ServerResponse {
    do {
      return try answer(request, body)
    } catch let fault as RegistryFault {
      return fault.response
    } catch let error as SocketError {
      throw error
    } catch let error as InvalidRequest {
      throw error
    } catch let error as FileError {
      log?("\(error)")
      // The path is for the owner's eyes only, in the log.
      let status: ResponseStatus =
        [ENOSPC, EDQUOT, EFBIG].contains(error.code) ? .insufficientStorage : .internalServerError
      return RegistryFault(status, .unknown, "the registry cannot \(error.operation) a file: \(error.reason)").response
    } catch {
      log?("\(error)")
      return RegistryFault(.internalServerError, .unknown, "internal error").response
    }
  }

  private func answer(_ request: ServerRequest, _ body: RequestBody) throws -> ServerResponse {
    try authorize(request)
    guard let route = try Route(request.target.path) else {
      throw RegistryFault(.notFound, .unsupported, "there is nothing at this path")
    }
    let isReading = request.method == "GET" || request.method == "HEAD"
    let methods = route.methods.filter { !readOnly || $0 == "GET" || $0 == "HEAD" }
    guard methods.contains(request.method) else {
      let message =
        readOnly && !isReading ? "this registry is read-only" : "this path does not support \(request.method)"
      throw RegistryFault(
        .methodNotAllowed, .unsupported, message, headers: [("Allow", methods.joined(separator: ", "))])
    }
    // Browsers send the origin of the page that makes a request. No web page may write here.
    guard isReading || request.headers["origin"] == nil else {
      throw RegistryFault(.forbidden, .denied, "web pages may not write to this registry")
    }
    switch route {
    case .base: return try .json(.ok, .object([:]))
    case .catalog: return try catalog(request)
    case .tags(let name): return try tags(name, request)
    case .referrers(let name, let subject): return try referrers(name, subject, request)
    case .blob(let name, let digest):
      return request.method == "DELETE" ? try deleteBlob(name, digest) : try blob(name, digest, request)
    case .uploads(let name): return try beginUpload(name, request, body)
    case .upload(let name, let id): return try upload(name, id, request, body)
    case .manifest(let name, let reference):
      switch request.method {
      case "PUT": return try putManifest(name, reference, request, body)
      case "DELETE": return try deleteManifest(name, reference)
      default: return try manifest(name, reference, request)
      }
    }
  }

  private func authorize(_ request: ServerRequest) throws {
    guard let credential else { return }
    if let header = request.headers["authorization"], let blank = header.firstIndex(of: " "),
      header[..<blank].lowercased() == "basic",
      let given = Data(base64Encoded: HeaderFields.trimmed(String(header[blank...]))),
      try Digest.of(given) == credential
    {
      return
    }
    throw RegistryFault(
      .unauthorized, .unauthorized, "this registry requires a user name and a password",
      headers: [("WWW-Authenticate", "Basic realm=\"registry\", charset=\"UTF-8\"")])
  }

  static func digest(_ text: String) throws -> Digest {
    do {
      return try Digest(text)
    } catch {
      throw RegistryFault(
        .badRequest, .digestInvalid, "a digest is sha256: or sha512: and lower-case hexadecimal digits")
    }
  }
}
