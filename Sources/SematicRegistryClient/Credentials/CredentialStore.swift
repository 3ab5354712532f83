import SematicFiles
import SematicSystem

/// The credentials in the files of docker, podman and curl.
///
/// The first entry counts, in the order of `files`, then in `.netrc`.
package struct CredentialStore: Sendable {
  private let environment: [String: String]
  private let isSandboxed: Bool

  /// - Parameter environment: the variables that say where the files are: `HOME`, `DOCKER_CONFIG`, `REGISTRY_AUTH_FILE`,
  ///   `XDG_RUNTIME_DIR`, `XDG_CONFIG_HOME` and `NETRC`.
  /// - Parameter isSandboxed: whether a helper program that fails is one that is not there.
  package init(environment: [String: String], isSandboxed: Bool = false) {
    self.environment = environment
    self.isSandboxed = isSandboxed
  }

  /// - Parameters:
  ///   - host: the registry as in a reference, with its port.
  ///   - repository: the repository; podman's file can hold credentials for a part of a registry.
  ///   - warn: called for a helper program that is not installed; the search goes on without it.
  /// - Throws: `CredentialError` when a file cannot be read, or a helper program fails.
  package func credential(
    host: String, repository: String, warn: (String) -> Void = { _ in }
  ) throws -> Credential? {
    for path in files {
      guard FileTree.exists(path) else { continue }
      let configuration = try DockerConfiguration(path)
      if let found = try configuration.credential(
        host: host, repository: repository, environment: environment, isSandboxed: isSandboxed, warn: warn)
      {
        return found
      }
    }
    guard let path = variable("NETRC") ?? home.map({ $0 + "/.netrc" }), FileTree.exists(path) else { return nil }
    return try Netrc(path).credential(hosts: Self.names(of: host).map(Self.withoutPort))
  }

  private var files: [String] {
    // A file that a variable names comes before those in their usual places.
    var files: [String?] = [variable("REGISTRY_AUTH_FILE")]
    files.append((variable("DOCKER_CONFIG") ?? home.map { $0 + "/.docker" }).map { $0 + "/config.json" })
    files.append(variable("XDG_RUNTIME_DIR").map { $0 + "/containers/auth.json" })
    files.append((variable("XDG_CONFIG_HOME") ?? home.map { $0 + "/.config" }).map { $0 + "/containers/auth.json" })
    return files.compactMap { $0 }
  }

  private var home: String? { variable("HOME") }

  private func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }

  /// The names of a registry; the first is the one that docker stores.
  static func names(of host: String) -> [String] {
    host == "docker.io"
      ? ["https://index.docker.io/v1/", "index.docker.io", "docker.io", "registry-1.docker.io"] : [host]
  }

  static func withoutPort(_ host: String) -> String {
    guard let colon = host.lastIndex(of: ":"), !host[colon...].contains("]"), !host.contains("/") else { return host }
    return String(host[..<colon])
  }
}
