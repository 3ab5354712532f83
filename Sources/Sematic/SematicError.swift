/// What can fail between a pipeline and Sematic's server.
public enum SematicError: Error, Hashable, Sendable, CustomStringConvertible {
  /// No server is configured.
  case noServer
  /// The address of the server cannot be used.
  case malformedAddress(String, reason: String)
  /// The server did not answer, or with errors of its own, however often it was asked.
  case unreachable(address: String, operation: String, reason: String, attempts: Int)
  /// The server wants an API key, or another one.
  case unauthorized(address: String, hasKey: Bool)
  /// The server's answer is a refusal.
  case refused(operation: String, status: Int, message: String)
  /// The server and this library are too far apart in age.
  case incompatible(address: String, reason: String)
  /// The server's answer is not what Sematic's would be.
  case unexpectedAnswer(operation: String, reason: String)
  /// A Swift type that has no counterpart in Python.
  case unsupportedType(String, reason: String)
  /// A value that cannot be read as the type that the function wants.
  case malformedValue(String)
  /// The run is of a function that this program does not have.
  case unknownFunction(String, known: [String])
  /// A function is to run in the image of a base tag for which none was built.
  case unknownTag(String, function: String, known: [String])
  /// The run failed, where it ran.
  case runFailed(id: String, name: String, message: String)
  /// The run is scheduled, but its container has not started for so long.
  case notStarted(id: String, seconds: Int64, image: String)
  /// The container of a standalone step has not started for so long; the run of the step is ended.
  case stepNotStarted(id: String, seconds: Int64, image: String, reason: String)
  /// The run was canceled on the server.
  case canceled(id: String)
  /// The program was started wrongly.
  case misuse(String)

  /// One sentence, for people.
  public var description: String {
    switch self {
    case .noServer: "no Sematic server is configured"
    case .malformedAddress(let address, let reason): "the server's address '\(address)' cannot be used: \(reason)"
    case .unreachable(let address, let operation, let reason, let attempts):
      "cannot \(operation) on the Sematic server at \(address): \(reason) (tried \(attempts) times)"
    case .unauthorized(let address, let hasKey):
      hasKey
        ? "the Sematic server at \(address) does not accept the API key in SEMATIC_API_KEY"
        : "the Sematic server at \(address) wants an API key, and SEMATIC_API_KEY is not set"
    case .refused(let operation, let status, let message):
      "the Sematic server refuses to \(operation): \(message) (status \(status))"
    case .incompatible(let address, let reason): "the Sematic server at \(address) cannot be used: \(reason)"
    case .unexpectedAnswer(let operation, let reason):
      "the answer to '\(operation)' is not that of a Sematic server: \(reason)"
    case .unsupportedType(let type, let reason): "the type \(type) has no counterpart in Python: \(reason)"
    case .malformedValue(let reason): "a value cannot be read: \(reason)"
    case .unknownFunction(let path, let known):
      "the run is of the function \(path), which this program does not have (it has \(known.joined(separator: ", ")))"
    case .unknownTag(let tag, let function, let known):
      "\(function) is to run in the image of the base tag '\(tag)', which was not built (there are "
        + "\(known.joined(separator: ", ")))"
    case .runFailed(let id, let name, let message):
      // Python's text is a whole traceback, which ends with the name and the message.
      "the run \(id) failed: " + (message.contains(name) ? message : "\(name): \(message)")
    case .notStarted(let id, let seconds, let image):
      "the container of the run \(id) has not started in \(seconds) s; its image is \(image)"
    case .stepNotStarted(let id, let seconds, let image, let reason):
      "the container of the step \(id) has not started in \(seconds) s; its image is \(image), and what the cluster says "
        + "of it: \(reason)"
    case .canceled(let id): "the run \(id) was canceled"
    case .misuse(let reason): reason
    }
  }

  /// What to do next, where that is known.
  public var hint: String? {
    switch self {
    case .noServer: "set SEMATIC_API_ADDRESS, for example to http://127.0.0.1:5001"
    case .malformedAddress: "set SEMATIC_API_ADDRESS to http://host:port or https://host"
    case .unreachable: "check that the server runs, and SEMATIC_API_ADDRESS; without it LocalResolver runs unrecorded"
    case .unauthorized: "copy the key from the Sematic UI's settings into SEMATIC_API_KEY"
    case .unexpectedAnswer: "check SEMATIC_API_ADDRESS"
    case .unknownFunction: "list the function in the program's `functions`, and launch again with the new image"
    case .notStarted(let id, _, _):
      "`kubectl describe pods -l job-name=sematic-driver-\(id)` says what it waits for: an image that the cluster cannot "
        + "pull, or a node with room; the run stays scheduled until it is canceled in Sematic's UI"
    case .stepNotStarted:
      "see that the cluster can pull this image, and has a node with room for the step's `resources`; `kubectl get events` "
        + "tells more; CloudResolver(startLimit:) sets how long to wait"
    case .unknownTag(let tag, _, _): "add '\(tag)' to the `bases` of the pipeline file, and launch again"
    default: nil
    }
  }
}
