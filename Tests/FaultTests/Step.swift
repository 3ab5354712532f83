import TestSupport

/// A request of a push or a pull that a fault can meet.
enum Step: String, CaseIterable, Sendable {
  case connect, look, mount, begin, upload, manifest, check, resolve, configuration, layer

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
    case .upload: (request.method == "PUT" || request.method == "PATCH") && path.contains("/uploads/")
    case .manifest: request.method == "PUT" && path.contains("/manifests/")
    case .check, .resolve: request.method == "GET" && path.contains("/manifests/")
    case .configuration: request.method == "GET" && path.hasSuffix(configuration)
    case .layer: request.method == "GET" && path.contains("/blobs/sha256:") && !path.hasSuffix(configuration)
    }
  }

  /// Faults that can come to pass here.
  func takes(_ fault: Fault) -> Bool {
    switch fault {
    case .cutRequest, .stallRequest, .corruptRequest: self == .upload || self == .manifest
    case .cutAnswer, .truncate, .corruptAnswer:
      [.check, .resolve, .configuration, .layer].contains(self)
    case .elsewhere: self == .begin || self == .mount
    default: true
    }
  }
}
