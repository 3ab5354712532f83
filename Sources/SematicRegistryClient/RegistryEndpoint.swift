import SematicSystem

/// Where a registry listens, and whether with TLS: always, except on this machine and where `insecure` says so.
final class RegistryEndpoint: @unchecked Sendable {  // what was found is guarded by the lock
  private let host: String
  private let insecure: Bool
  private let transport: RegistryTransport
  private let lock = Lock()
  private var found: WebAddress?

  /// - Parameter host: as in a reference, perhaps with a port.
  init(host: String, insecure: Bool, transport: RegistryTransport) {
    self.host = Self.authority(of: host)
    self.insecure = insecure
    self.transport = transport
  }

  /// https://github.com/distribution/reference: the name and the host of Docker Hub differ.
  static func authority(of host: String) -> String { host == "docker.io" ? "registry-1.docker.io" : host }

  /// The address of `/v2/`. Credentials are never sent to find out.
  /// - Throws: `TransportFailure` when nothing answers.
  func address() throws -> WebAddress {
    try lock.withLock {
      if let found { return found }
      guard let secure = WebAddress(scheme: .https, authority: host, target: "/v2/"),
        let clear = WebAddress(scheme: .http, authority: host, target: "/v2/")
      else { throw TransportFailure(.protocolError, detail: "\(host) is not a host") }
      let address =
        clear.isLoopback
        ? try nearby(clear: clear, secure: secure) : insecure ? try remote(clear: clear, secure: secure) : secure
      found = address
      return address
    }
  }

  /// A server with TLS that is spoken to in clear answers with 400 or nonsense; the other way round, one could wait for
  /// the end of a request that never comes.
  private func nearby(clear: WebAddress, secure: WebAddress) throws -> WebAddress {
    do {
      guard try probe(clear) == 400 else { return clear }
    } catch let failure as TransportFailure {
      switch failure.kind {
      case .protocolError, .broken, .other: break
      case .refused where clear.port != secure.port: break
      default: throw failure
      }
    }
    return speaksTLS(secure) ? secure : clear
  }

  private func remote(clear: WebAddress, secure: WebAddress) throws -> WebAddress {
    do {
      _ = try probe(secure)
      return secure
    } catch let failure as TransportFailure {
      switch failure.kind {
      case .refused, .tls, .protocolError, .broken, .connectTimeout: break
      default: throw failure
      }
      guard (try? probe(clear)) != nil else { throw failure }
      return clear
    }
  }

  private func speaksTLS(_ address: WebAddress) -> Bool {
    do {
      _ = try probe(address)
      return true
    } catch {
      // Who judges certificates speaks it.
      return ((error as? TransportFailure)?.kind).map { [.untrusted, .authorityFile, .clientCertificate].contains($0) }
        ?? (error is CredentialError)
    }
  }

  private func probe(_ address: WebAddress) throws -> Int {
    var request = HTTPRequest(.get, address)
    request.verifiesServer = !insecure
    // Who answers counts, not what.
    return try transport.perform(request, truncates: true).status
  }
}
