import SematicSystem

/// How a registry is spoken to.
package struct RegistryOptions: Sendable {
  /// Allows plain http, and certificates that nobody vouches for, for this one registry.
  package var insecure = false
  /// A file of certificate authorities to trust besides the system's, in PEM form.
  package var caFile: String?
  /// Says where credentials and certificates are.
  package var environment: [String: String]
  package var retry = RetryPolicy()
  /// After how long without a byte a transfer is given up; while a registry stores a blob, a second more for each 10 MB.
  /// There is no other limit of time.
  package var stallSeconds = 30.0
  /// What is sent in one request to a registry that wants chunks, in bytes.
  package var largestChunk: Int64 = 64 << 20
  package var userAgent = "swift-sematic"
  /// Told of each request, without credentials, queries and bodies.
  package var log: @Sendable (String) -> Void = { _ in }

  package init(environment: [String: String] = ProcessInfo.processInfo.environment) { self.environment = environment }
}
