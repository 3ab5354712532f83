/// What can fail between a pipeline and Sematic's server.
///
/// ```swift
/// do {
///   try await train.with(input).schedule(with: CloudResolver())
/// } catch let error as SematicError where error.code == .noServer {
///   print(error, error.hint ?? "")
/// }
/// ```
public struct SematicError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The kind of an error. Later versions can have more.
  public struct Code: Hashable, Sendable, CustomStringConvertible {
    /// The name of the code, for people.
    public let description: String

    private init(_ description: String) { self.description = description }

    /// No server is configured.
    public static let noServer = Code("noServer")
    /// libcurl, which requests are made with, is not installed.
    public static let missingLibrary = Code("missingLibrary")
    /// The address of the server cannot be used.
    public static let malformedAddress = Code("malformedAddress")
    /// The server did not answer, or answered with errors of its own, however often it was asked.
    public static let unreachable = Code("unreachable")
    /// The server requires an API key, or another one.
    public static let unauthorized = Code("unauthorized")
    /// The server refuses a request.
    public static let refused = Code("refused")
    /// The versions of the server and of this library are too far apart.
    public static let incompatible = Code("incompatible")
    /// The answer is not one of a Sematic server.
    public static let unexpectedAnswer = Code("unexpectedAnswer")
    /// A Swift type cannot be recorded.
    public static let unsupportedType = Code("unsupportedType")
    /// A recorded value cannot be read as the type that the function expects.
    public static let malformedValue = Code("malformedValue")
    /// The program does not have the function of the run.
    public static let unknownFunction = Code("unknownFunction")
    /// No image was built for the base tag of a function.
    public static let unknownTag = Code("unknownTag")
    /// The run failed in its container.
    public static let runFailed = Code("runFailed")
    /// The container of a scheduled pipeline has not started in time.
    public static let notStarted = Code("notStarted")
    /// The container of a standalone step has not started in time; the step's run is ended.
    public static let stepNotStarted = Code("stepNotStarted")
    /// The function has not ended within its `timeout`.
    public static let timedOut = Code("timedOut")
    /// The run was canceled on the server.
    public static let canceled = Code("canceled")
    /// The program was started with wrong arguments.
    public static let misuse = Code("misuse")
  }

  /// The kind of the error.
  public let code: Code
  /// One sentence, for people.
  public let description: String
  /// What to do next, where that is known.
  public let hint: String?
  /// The run that the error is about, where it is about one.
  public let runID: String?

  private init(_ code: Code, _ description: String, hint: String? = nil, runID: String? = nil) {
    self.code = code
    self.description = description
    self.hint = hint
    self.runID = runID
  }
}

extension SematicError {
  static let noServer = SematicError(
    .noServer, "no Sematic server is configured", hint: "set SEMATIC_API_ADDRESS, for example to http://127.0.0.1:5001")

  static func missingLibrary(reason: String) -> SematicError {
    SematicError(
      .missingLibrary, "the Sematic server cannot be called: \(reason)",
      hint: "images that `swift package build-image` builds have libcurl; for others, add it to the base image")
  }

  static func malformedAddress(_ address: String, reason: String) -> SematicError {
    SematicError(
      .malformedAddress, "the server's address '\(address)' cannot be used: \(reason)",
      hint: "set SEMATIC_API_ADDRESS to http://host:port or https://host")
  }

  static func unreachable(address: String, operation: String, reason: String, attempts: Int) -> SematicError {
    SematicError(
      .unreachable,
      "cannot \(operation) on the Sematic server at \(address): \(reason) (\(attempts) attempts)",
      hint: "check that the server runs, and SEMATIC_API_ADDRESS; without it LocalResolver records nothing")
  }

  static func unauthorized(address: String, hasKey: Bool) -> SematicError {
    SematicError(
      .unauthorized,
      hasKey
        ? "the Sematic server at \(address) does not accept the API key in SEMATIC_API_KEY"
        : "the Sematic server at \(address) requires an API key, and SEMATIC_API_KEY is not set",
      hint: "copy the key from the settings in Sematic's UI to SEMATIC_API_KEY")
  }

  static func refused(operation: String, status: Int, message: String) -> SematicError {
    SematicError(.refused, "the Sematic server refuses to \(operation): \(message) (status \(status))")
  }

  static func incompatible(address: String, reason: String) -> SematicError {
    SematicError(.incompatible, "the Sematic server at \(address) cannot be used: \(reason)")
  }

  static func unexpectedAnswer(operation: String, reason: String) -> SematicError {
    SematicError(
      .unexpectedAnswer, "the answer to '\(operation)' is not that of a Sematic server: \(reason)",
      hint: "check SEMATIC_API_ADDRESS")
  }

  static func unsupportedType(_ type: String, reason: String) -> SematicError {
    SematicError(.unsupportedType, "values of the type \(type) cannot be recorded: \(reason)")
  }

  static func unsupportedTypes(_ faults: [ShapeFault]) -> SematicError {
    SematicError(
      .unsupportedType,
      "the functions of the program cannot be recorded: " + faults.map(\.description).joined(separator: "; "),
      hint: "leave this member out of the type's CodingKeys, or write it as something that is Codable, such as an array"
    )
  }

  static func malformedValue(_ reason: String) -> SematicError {
    SematicError(.malformedValue, "a recorded value cannot be read: \(reason)")
  }

  static func unknownFunction(_ path: String, known: [String]) -> SematicError {
    SematicError(
      .unknownFunction,
      "the run is of the function \(path), which this program does not have (it has \(known.joined(separator: ", ")))",
      hint: "list the function in the program's `functions`, and launch again with the new image")
  }

  static func unknownTag(_ tag: String, function: String, known: [String]) -> SematicError {
    SematicError(
      .unknownTag,
      "\(function) is to run in the image of the base tag '\(tag)', which was not built (there are "
        + "\(known.joined(separator: ", ")))",
      hint: "add '\(tag)' to the `bases` of the pipeline file, and launch again")
  }

  static func runFailed(id: String, name: String, message: String) -> SematicError {
    // Python's text is a whole traceback, which ends with the name and the message.
    SematicError(
      .runFailed, "the run \(id) failed: " + (message.contains(name) ? message : "\(name): \(message)"), runID: id)
  }

  static func notStarted(id: String, seconds: Int64, image: String) -> SematicError {
    SematicError(
      .notStarted, "the container of the run \(id) has not started in \(seconds) s; its image is \(image)",
      hint:
        "`kubectl describe pods -l job-name=sematic-driver-\(id)` says what it waits for: an image that the cluster "
        + "cannot pull, or a node with room; the run stays scheduled until it is canceled in Sematic's UI",
      runID: id)
  }

  static func stepNotStarted(id: String, seconds: Int64, image: String, reason: String) -> SematicError {
    SematicError(
      .stepNotStarted,
      "the container of the step \(id) has not started in \(seconds) s; its image is \(image), and the cluster says: "
        + reason,
      hint: "check that the cluster can pull this image, and has a node with room for the step's `resources`; "
        + "`kubectl get events` tells more; CloudResolver(startLimit:) sets how long to wait",
      runID: id)
  }

  static func timedOut(function: String, limit: Duration) -> SematicError {
    SematicError(.timedOut, "the function \(function) has not ended within its timeout of \(limit)")
  }

  static func canceled(id: String) -> SematicError {
    SematicError(.canceled, "the run \(id) was canceled", runID: id)
  }

  static func misuse(_ reason: String) -> SematicError { SematicError(.misuse, reason) }
}
