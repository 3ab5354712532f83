import FileSystem
import Foundation
import OCI

/// A program that keeps credentials: https://github.com/docker/docker-credential-helpers
struct CredentialHelper {
  private let name: String
  private let environment: [String: String]

  /// - Parameter name: what stands after `docker-credential-`.
  init(_ name: String, environment: [String: String]) {
    self.name = "docker-credential-\(name)"
    self.environment = environment
  }

  /// Nil where the program knows nothing of this registry.
  /// - Throws: `CredentialError`.
  func credential(for server: String) throws -> Credential? {
    let (status, output) = try run(input: server)
    let text = String(decoding: output.prefix(64 << 10), as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    guard status == 0 else {
      // The words of the protocol: https://github.com/docker/docker-credential-helpers/blob/master/credentials/error.go
      if text.contains("credentials not found") { return nil }
      throw failure("it failed with status \(status)" + (text.isEmpty ? "" : ": \(Diagnostic.trimmed(text))"))
    }
    guard let answer = try? JSONDecoder().decode(JSONValue.self, from: output), let user = answer["Username"]?.string,
      let secret = answer["Secret"]?.string
    else { throw failure("its answer is not JSON with Username and Secret") }
    if user.isEmpty && secret.isEmpty { return nil }
    return Credential(
      user == "<token>" ? .identityToken(secret) : .password(user: user, password: secret), origin: name)
  }

  private func run(input: String) throws -> (status: Int32, output: Data) {
    guard !name.contains("/") else { throw failure("a helper's name has no /") }
    let folders = (environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":")
    guard let program = folders.map({ "\($0)/\(name)" }).first(where: FileManager.default.isExecutableFile) else {
      throw failure("it is not installed: no such program on PATH")
    }
    let process = Process()
    let (stdin, stdout) = (Pipe(), Pipe())
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = ["get"]
    process.environment = environment
    process.standardInput = stdin
    process.standardOutput = stdout
    process.standardError = FileHandle.nullDevice
    do {
      try process.run()
      // A program that does not read is not an error: its answer counts.
      withoutPipeSignal { try? stdin.fileHandleForWriting.write(contentsOf: Data(input.utf8)) }
      try? stdin.fileHandleForWriting.close()
      let output = try stdout.fileHandleForReading.readToEnd() ?? Data()
      process.waitUntilExit()
      return (process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus, output)
    } catch {
      throw failure("it cannot be started: \(error.localizedDescription)")
    }
  }

  private func failure(_ reason: String) -> CredentialError {
    CredentialError(
      origin: name, reason: reason, hint: "docker's config.json names this program as the keeper of credentials")
  }
}
