import TestSupport

/// A request of a push or a pull that a fault can meet.
enum Step: String, CaseIterable, Sendable {
  case connect
  /// Asking the token service.
  case token
  case look, mount, begin, upload
  /// Asking how much of an upload that was cut has arrived.
  case resume
  /// The second of several chunks, and later ones.
  case chunk
  /// The end of an upload in chunks.
  case close
  case manifest, check, resolve, configuration, layer

  var isOfPush: Bool { !Self.pull.contains(self) }

  private static let pull: [Step] = [.resolve, .configuration, .layer]

  /// Whether a request is this step.
  func matches(_ request: FaultProxy.Request, configuration: String) -> Bool {
    let path = request.path
    return switch self {
    case .connect: path == "/v2/"
    case .look: request.method == "HEAD" && path.contains("/blobs/")
    case .mount: request.method == "POST" && request.target.contains("mount=")
    case .begin: request.method == "POST" && !request.target.contains("mount=")
    case .token: path == "/token"
    case .resume: request.method == "GET" && path.contains("/uploads/")
    case .chunk: request.method == "PATCH" && request.earlier > 0
    case .close: request.method == "PUT" && path.contains("/uploads/")
    case .upload: (request.method == "PUT" || request.method == "PATCH") && path.contains("/uploads/")
    case .manifest: request.method == "PUT" && path.contains("/manifests/")
    case .check, .resolve: request.method == "GET" && path.contains("/manifests/")
    case .configuration: request.method == "GET" && path.hasSuffix(configuration)
    case .layer: request.method == "GET" && path.contains("/blobs/sha256:") && !path.hasSuffix(configuration)
    }
  }

  var isInChunks: Bool { self == .chunk || self == .close }

  /// Faults that can come to pass here.
  func takes(_ fault: Fault) -> Bool {
    switch fault {
    case .cutRequest, .stallRequest, .corruptRequest: [.upload, .chunk, .manifest].contains(self)
    case .cutAnswer, .truncate, .corruptAnswer:
      [.token, .check, .resolve, .configuration, .layer].contains(self)
    case .elsewhere: [.begin, .mount, .resume, .chunk].contains(self)
    default: true
    }
  }
}
