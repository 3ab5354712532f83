import SematicSystem

/// One request of an operation on a registry.
struct RegistryCall {
  /// The operation as `RegistryError` has it.
  var operation: String
  var method: ClientRequest.Method
  /// An address that the registry gave; nil: `path`, below `/v2/`.
  var address: HTTPAddress?
  var path = ""
  var headers: [(name: String, value: String)] = []
  var body: ClientRequest.Body?
  /// Whether even a large body is sent without being asked for.
  var isSentAtOnce = false
  var scopes = TokenScopes([])
  /// The statuses that are answers and not errors.
  var accepted: Set<Int> = [200]
  /// The most bytes of a body that is collected.
  var limit = 64 << 10
  var truncates = false
  var sink: Transfer.Sink?
  var isCancelled: (() -> Bool)?
  /// The most milliseconds that it may take.
  var timeLimit: Int?

  init(_ operation: String, _ method: ClientRequest.Method, path: String = "") {
    self.operation = operation
    self.method = method
    self.path = path
  }
}
