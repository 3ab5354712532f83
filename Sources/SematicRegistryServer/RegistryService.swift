import SematicFiles
import SematicOCI
import SematicSystem

/// The registry's answers to requests: authorization, then the endpoint of the specification.
///
/// https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#api
final class RegistryService: Sendable {
  let store: Store
  let uploads: Uploads
  let readOnly: Bool
  /// The digests of `user:password`: comparing digests reveals nothing about where two texts differ.
  private let credentials: Set<Digest>
  private let hosts: HostNames?
  private let token: String
  private let log: (@Sendable (String) -> Void)?

  /// - Parameters:
  ///   - hosts: the names that clients may use for the server; nil for any name.
  ///   - token: the proof that this is the server of its `ServingRecord`.
  init(_ store: Store, _ options: RegistryServer.Options, hosts: HostNames?, token: String) throws {
    self.store = store
    self.hosts = hosts
    self.token = token
    readOnly = options.readOnly
    log = options.log
    uploads = Uploads(store)
    credentials = Set(try options.logins.map { try Digest.of("\($0.user):\($0.password)".utf8) })
  }

  /// - Throws: `Pause`; `ConnectionClosed`, `InvalidRequest` when the body is cut off or malformed.
  @Sendable func respond(to request: ServerRequest, body: RequestBody) throws -> ServerResponse {
    do {
      return try answer(request, body)
    } catch let fault as RegistryFault {
      return fault.response
    } catch let pause as Pause {
      throw pause
    } catch let error as ConnectionClosed {
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
    if let host = request.headers["host"], let hosts, !hosts.contain(host) {
      throw RegistryFault(.forbidden, .denied, "this registry is not reached by that host name")
    }
    let route = try Route(request.target.path)
    if case .serving = route {} else { try authorize(request) }
    guard let route else { throw RegistryFault(.notFound, .unsupported, "there is nothing at this path") }
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
    case .serving:
      let proof = try ServingRecord.proof(token: token, challenge: request.target["challenge"] ?? "")
      return try .json(.ok, .object(["proof": .string(proof.description)]))
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
    guard !credentials.isEmpty else { return }
    if let header = request.headers["authorization"], let blank = header.firstIndex(of: " "),
      header[..<blank].lowercased() == "basic",
      let given = Data(base64Encoded: HeaderFields.trimmed(String(header[blank...]))),
      try credentials.contains(Digest.of(given))
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
