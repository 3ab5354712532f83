import SematicSystem

/// The options for connections to a registry.
package struct RegistryOptions: Sendable {
  /// Allows plain http, and certificates that are not trusted, for this one registry.
  package var insecure = false
  /// A PEM file of certificate authorities to trust besides the system's.
  package var caFile: String?
  /// The environment variables that say where credentials and certificates are.
  package var environment: [String: String]
  /// Whether a sandbox holds this process, in which credential helpers fail: then it goes on without them.
  package var isSandboxed = false
  package var retry = RetryPolicy()
  /// The seconds without data after which a transfer fails.
  ///
  /// While a registry stores a blob, it is a second more for each 10 MB. There is no other time limit.
  package var stallSeconds = 30.0
  /// The size of a chunk for registries that want chunks, in bytes.
  package var largestChunk: Int64 = 64 << 20
  package var userAgent = "swift-sematic"
  /// Called for each request, without credentials, queries and bodies.
  package var log: @Sendable (String) -> Void = { _ in }

  /// Called for problems that do not end an operation.
  package var warn: @Sendable (String) -> Void = { _ in }

  package init(environment: [String: String] = ProcessInfo.processInfo.environment) { self.environment = environment }
}
