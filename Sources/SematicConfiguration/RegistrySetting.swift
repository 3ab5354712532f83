import SematicOCI

/// `registry:` as it is written: `local`, `ghcr.io`, `localhost:5000`, `ghcr.io/acme`.
struct RegistrySetting: Hashable, Sendable {
  let address: RegistryAddress
  /// Goes in front of the repository; empty for none.
  let path: String

  /// - Throws: `MalformedSetting`.
  init(_ text: String) throws {
    if text == "local" {
      address = .local
      path = ""
      return
    }
    if let scheme = ["https://", "http://", "docker://", "oci://"].first(where: text.hasPrefix) {
      throw MalformedSetting(
        "'\(text)' is not a registry: write the host without '\(scheme)'",
        hint: scheme == "http://" ? "'insecure: true' allows a registry without TLS" : nil)
    }
    guard !text.contains("::") else {
      throw MalformedSetting(
        "the registry '\(text)' cannot be used, its '::' would break Sematic's list of images: give it a host name")
    }
    let slash = text.firstIndex(of: "/") ?? text.endIndex
    let host = String(text[..<slash])
    let path = String(text[slash...].dropFirst())
    guard ImageReference.isRegistry(host), slash == text.endIndex || ImageReference.isRepository(path) else {
      throw MalformedSetting(
        "'\(text)' is not a registry: write host or host:port, and perhaps a path in lower case, as in ghcr.io/acme")
    }
    // Everybody else would read acme/repository as a folder of Docker Hub.
    guard host == "localhost" || host.contains(where: { ".:".contains($0) }) else {
      throw MalformedSetting(
        "'\(text)' is not a registry: its host needs a dot or a port, as in '\(host):443'",
        hint: "on Docker Hub write 'docker.io/\(text)'")
    }
    self.address = .remote(host: host == "index.docker.io" ? "docker.io" : host)
    self.path = path
  }
}

/// A value that cannot be right, without its place.
struct MalformedSetting: Error {
  let reason: String
  let hint: String?

  init(_ reason: String, hint: String? = nil) {
    self.reason = reason
    self.hint = hint
  }

  func located(at place: Place) -> ConfigurationError { ConfigurationError(place, reason, hint: hint) }
}
