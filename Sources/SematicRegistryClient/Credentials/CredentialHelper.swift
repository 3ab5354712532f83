import SematicFiles
import SematicOCI
import SematicSystem

/// A program that stores credentials: https://github.com/docker/docker-credential-helpers
struct CredentialHelper {
  /// A helper that a file names and that is not on this machine.
  struct NotInstalled: Error {
    let error: CredentialError
  }

  private let name: String
  private let environment: [String: String]
  private let timeLimit: Double

  /// - Parameters:
  ///   - name: the part of its name after `docker-credential-`.
  ///   - timeLimit: the seconds to wait; a person may have to unlock a keychain in that time.
  init(_ name: String, environment: [String: String], timeLimit: Double = 60) {
    self.name = "docker-credential-\(name)"
    self.environment = environment
    self.timeLimit = timeLimit
  }

  /// The credential for a server; nil where the program has none.
  /// - Throws: `CredentialError`; `NotInstalled`.
  func credential(for server: String) throws -> Credential? {
    let (status, output, errors) = try run(input: server)
    let text = String(decoding: output.prefix(64 << 10), as: UTF8.self).trimmed
    guard status == 0 else {
      // The words of the protocol: https://github.com/docker/docker-credential-helpers/blob/master/credentials/error.go
      if text.contains("credentials not found") { return nil }
      let words = [text, String(decoding: errors.prefix(64 << 10), as: UTF8.self).trimmed].filter { !$0.isEmpty }
      let reason = words.isEmpty ? "" : ": \(Diagnostic.trimmed(words.joined(separator: "; ")))"
      throw failure("it failed with status \(status)" + reason)
    }
    guard let answer = try? decodeJSON(JSONValue.self, from: output), let user = answer["Username"]?.string,
      let secret = answer["Secret"]?.string
    else { throw failure("its output is not JSON with Username and Secret") }
    if user.isEmpty && secret.isEmpty { return nil }
    return Credential(
      user == "<token>" ? .identityToken(secret) : .password(user: user, password: secret), origin: name)
  }

  private func run(input: String) throws -> (status: Int32, output: Data, errors: [UInt8]) {
    guard !name.contains("/") else { throw failure("the name of a helper cannot contain '/'") }
    let folders = (environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":")
    guard let program = folders.map({ "\($0)/\(name)" }).first(where: FileManager.default.isExecutableFile) else {
      throw NotInstalled(error: failure("it is not installed: no such program on PATH"))
    }
    do {
      let answer = try HelperAnswer.run(program, ["get"], environment: environment, input: input, seconds: timeLimit)
      return (answer.status, Data(answer.output), answer.errors)
    } catch is HelperAnswer.TimedOut {
      throw failure(
        "no answer within \(Int(timeLimit)) s: run `echo \(input) | \(name) get` to see what it waits for")
    } catch let error as SystemError {
      throw failure("it cannot be started: \(error)")
    }
  }

  private func failure(_ reason: String) -> CredentialError {
    CredentialError(
      origin: name, reason: reason, hint: "docker's config.json names this program as its credential helper")
  }
}
