import SematicOCI

/// `registry:` as it is written: `local`, `ghcr.io`, `localhost:5000`, `ghcr.io/acme`.
struct RegistrySetting: Hashable, Sendable {
  let address: RegistryAddress
  /// The folder in front of the repository; empty for none.
  let path: String

  init(address: RegistryAddress, path: String = "") {
    self.address = address
    self.path = path
  }

  /// - Throws: `MalformedSetting`.
  init(_ text: String) throws {
    if text == "local" {
      self.init(address: .local)
      return
    }
    if let scheme = ["https://", "http://", "docker://", "oci://"].first(where: text.hasPrefix) {
      throw MalformedSetting(
        "'\(text)' is not a registry: write the host without '\(scheme)'",
        hint: scheme == "http://" ? "'insecure: true' allows a registry without TLS" : nil)
    }
    guard !text.contains("::") else {
      throw MalformedSetting(
        "the registry '\(text)' cannot be used: its '::' would break Sematic's list of images; give it a host name")
    }
    let slash = text.firstIndex(of: "/") ?? text.endIndex
    let host = String(text[..<slash])
    let path = String(text[slash...].dropFirst())
    guard ImageReference.isRegistry(host), slash == text.endIndex || ImageReference.isRepository(path) else {
      throw MalformedSetting(
        "'\(text)' is not a registry: write host or host:port, with or without a path in lower case, as in ghcr.io/acme"
      )
    }
    // Everybody else would read acme/repository as a folder of Docker Hub.
    guard host == "localhost" || host.contains(where: { ".:".contains($0) }) else {
      throw MalformedSetting(
        "'\(text)' is not a registry: its host needs a dot or a port, as in '\(host):443'",
        hint: "on Docker Hub write 'docker.io/\(text)'")
    }
    self.init(address: .remote(host: host == "index.docker.io" ? "docker.io" : host), path: path)
  }
}

extension RegistrySetting: CustomStringConvertible {
  var description: String {
    switch address {
    case .local: "local"
    case .remote(let host): path.isEmpty ? host : "\(host)/\(path)"
    }
  }
}
