import SematicFiles
import SematicOCI
import SematicSystem

/// The file with the credentials of docker (`config.json`) or podman (`auth.json`).
///
/// https://docs.docker.com/reference/cli/docker/login/#credential-stores and
/// https://github.com/containers/image/blob/main/docs/containers-auth.json.5.md
struct DockerConfiguration {
  private let path: String
  private let document: JSONValue

  /// - Throws: `CredentialError`.
  init(_ path: String) throws {
    self.path = path
    let bytes: [UInt8]
    do {
      bytes = try FileTree.read(path, limit: 16 << 20)
    } catch let error as FileError {
      throw CredentialError(origin: path, reason: error.reason, hint: nil)
    }
    // People create the file with `touch` before they log in.
    guard let document = try? bytes.isEmpty ? .object([:]) : decodeJSON(JSONValue.self, from: Data(bytes)),
      document.object != nil
    else { throw CredentialError(origin: path, reason: "it is not a JSON object", hint: "fix or remove the file") }
    self.document = document
  }

  func credential(
    host: String, repository: String, environment: [String: String], isSandboxed: Bool,
    warn: (String) -> Void
  ) throws -> Credential? {
    let names = CredentialStore.names(of: host)
    let stored = document["auths"]?.object ?? [:]
    // `docker login https://host` stores the credential under that name.
    let helpers = document["credHelpers"]?.object ?? [:]
    let others = (Array(stored.keys) + helpers.keys).filter { key in
      key.contains("://") && !names.contains(key) && names.contains { Self.normal($0) == Self.normal(key) }
    }
    let servers = names + Set(others).sorted()
    let general = document["credsStore"]?.string
    for (server, helper) in servers.map({ ($0, helpers[$0]?.string) }) + servers.map({ ($0, general) }) {
      guard let helper, !helper.isEmpty else { continue }
      do {
        if let found = try CredentialHelper(helper, environment: environment).credential(for: server) { return found }
      } catch let missing as CredentialHelper.NotInstalled {
        warn("\(missing.error); continuing without it")
      } catch let error as CredentialError where isSandboxed {
        // macOS's keychain and the socket of a password manager are out of its reach, and most bases are public.
        warn("\(error); SwiftPM's sandbox may be the reason; continuing without it")
      }
    }
    let byName = Dictionary(stored.map { (Self.normal($0.key), $0.value) }) { first, _ in first }
    for key in keys(names: names, repository: repository) {
      guard let entry = stored[key] ?? byName[Self.normal(key)] else { continue }
      if let found = try credential(entry, key: key) { return found }
    }
    return nil
  }

  /// The keys to look for: `host/team/app`, `host/team`, `host`.
  private func keys(names: [String], repository: String) -> [String] {
    var keys: [String] = []
    var parts = repository.split(separator: "/")
    while !parts.isEmpty {
      keys += names.filter { !$0.contains("://") }.map { "\($0)/\(parts.joined(separator: "/"))" }
      parts.removeLast()
    }
    return keys + names
  }

  /// The host of a key: older files have keys like `https://host/v1/`.
  private static func normal(_ key: String) -> String {
    var key = Substring(key.lowercased())
    for scheme in ["https://", "http://"] where key.hasPrefix(scheme) { key = key.dropFirst(scheme.count) }
    for path in ["/v1/", "/v2/", "/v1", "/v2", "/"] where key.hasSuffix(path) { key = key.dropLast(path.count) }
    return String(key)
  }

  private func credential(_ entry: JSONValue, key: String) throws -> Credential? {
    if let token = entry["identitytoken"]?.string, !token.isEmpty {
      return Credential(.identityToken(token), origin: path)
    }
    if let token = entry["registrytoken"]?.string, !token.isEmpty {
      return Credential(.bearerToken(token), origin: path)
    }
    if let encoded = entry["auth"]?.string, !encoded.isEmpty {
      // Some tools leave out the padding.
      let unpadded = encoded.trimmed.prefix { $0 != "=" }
      let padding = String(repeating: "=", count: (4 - unpadded.utf8.count % 4) % 4)
      guard let data = Data(base64Encoded: unpadded + padding),
        let text = String(data: data, encoding: .utf8), let colon = text.firstIndex(of: ":")
      else {
        throw CredentialError(
          origin: path, reason: "the entry for \(key) is not user:password in base64", hint: "log in to \(key) again")
      }
      // Docker pads with zero bytes.
      let password = text[text.index(after: colon)...].drop { $0 == "\0" }
      let end = password.lastIndex { $0 != "\0" }.map { password.index(after: $0) } ?? password.startIndex
      return Credential(.password(user: String(text[..<colon]), password: String(password[..<end])), origin: path)
    }
    guard let user = entry["username"]?.string, !user.isEmpty, let password = entry["password"]?.string else {
      return nil
    }
    return Credential(.password(user: user, password: password), origin: path)
  }
}
