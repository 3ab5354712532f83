import SematicSystem

/// The address of a registry: with TLS, except on loopback addresses and where `insecure` allows http.
final class RegistryEndpoint: @unchecked Sendable {  // what was found is guarded by the lock
  private let host: String
  private let insecure: Bool
  private let transport: RegistryTransport
  private let lock = Lock()
  private var found: HTTPAddress?

  /// - Parameter host: the host as in a reference, perhaps with a port.
  init(host: String, insecure: Bool, transport: RegistryTransport) {
    self.host = Self.authority(of: host)
    self.insecure = insecure
    self.transport = transport
  }

  /// https://github.com/distribution/reference: the name and the host of Docker Hub differ.
  static func authority(of host: String) -> String { host == "docker.io" ? "registry-1.docker.io" : host }

  /// The address of `/v2/`. No credentials are sent to find it.
  /// - Throws: `HTTPFailure` when nothing answers.
  func address() throws -> HTTPAddress {
    try lock.withLock {
      if let found { return found }
      guard let secure = HTTPAddress(scheme: .https, authority: host, target: "/v2/"),
        let clear = HTTPAddress(scheme: .http, authority: host, target: "/v2/")
      else { throw HTTPFailure(.protocolError, detail: "'\(host)' is not a valid host") }
      let address =
        clear.isLoopback
        ? try nearby(clear: clear, secure: secure) : insecure ? try remote(clear: clear, secure: secure) : secure
      found = address
      return address
    }
  }

  /// Tries http first: a server with TLS answers that with 400 or something that is not HTTP, whereas a server without
  /// TLS could wait for ever for the rest of a TLS handshake.
  private func nearby(clear: HTTPAddress, secure: HTTPAddress) throws -> HTTPAddress {
    do {
      guard try probe(clear) == 400 else { return clear }
    } catch let failure as HTTPFailure {
      switch failure.kind {
      case .protocolError, .broken, .other: break
      case .refused where clear.port != secure.port: break
      default: throw failure
      }
    }
    return speaksTLS(secure) ? secure : clear
  }

  private func remote(clear: HTTPAddress, secure: HTTPAddress) throws -> HTTPAddress {
    do {
      _ = try probe(secure)
      return secure
    } catch let failure as HTTPFailure {
      switch failure.kind {
      case .refused, .tls, .protocolError, .broken, .connectTimeout, .proxyRefused: break
      case .proxy(let status) where status != 407: break
      default: throw failure
      }
      guard let status = try? probe(clear) else { throw failure }
      // A proxy that cannot reach the host answers itself.
      if [502, 503, 504].contains(status), try transport.usesProxy(for: clear) { throw failure }
      return clear
    }
  }

  private func speaksTLS(_ address: HTTPAddress) -> Bool {
    do {
      _ = try probe(address)
      return true
    } catch {
      // A certificate was checked, so the server uses TLS.
      return ((error as? HTTPFailure)?.kind).map {
        [.untrusted, .expired, .wrongName, .authorityFile, .clientCertificate].contains($0)
      }
        ?? (error is CredentialError)
    }
  }

  private func probe(_ address: HTTPAddress) throws -> Int {
    var request = ClientRequest(.get, address)
    request.verifiesServer = !insecure
    // The answer itself does not matter.
    return try transport.perform(request, truncates: true).status
  }
}
