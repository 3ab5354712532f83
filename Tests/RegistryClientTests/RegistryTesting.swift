import Foundation
import TestSupport

@testable import SematicImages
@testable import SematicRegistryClient

extension RegistryOptions {
  /// Without the credentials of whoever runs the tests, and without long pauses.
  static var testing: RegistryOptions {
    var options = RegistryOptions(environment: ["PATH": "/usr/bin:/bin"])
    options.retry = RetryPolicy(tries: 4, pause: 0.01)
    return options
  }

  /// With alice's password for one registry.
  static func testing(login address: String, in folder: TemporaryFolder) throws -> RegistryOptions {
    var options = testing
    options.environment["HOME"] = folder.path
    let auth = Data("\(DockerRegistry.user):\(DockerRegistry.password)".utf8).base64EncodedString()
    try folder.write(".docker/config.json", #"{"auths": {"\#(address)": {"auth": "\#(auth)"}}}"#)
    return options
  }
}

/// Keeps what is logged.
final class TestLog: @unchecked Sendable {  // guarded by the lock
  private let lock = NSLock()
  private var lines: [String] = []

  @Sendable func add(_ line: String) { lock.withLock { lines.append(line) } }

  var text: String { lock.withLock { lines.joined(separator: "\n") } }
}
