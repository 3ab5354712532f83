import SematicSystem

/// The connections, address and tokens that a registry's repositories share.
///
/// There is one in a process for each registry and way to reach it, for as long as it is in use.
final class RegistrySite: Sendable {
  let transport: RegistryTransport
  let endpoint: RegistryEndpoint
  let authorization: Authorization

  private struct Key: Hashable {
    let host: String
    let insecure: Bool
    let caFile: String?
    let environment: [String: String]
    let stallSeconds: Double
    let userAgent: String
  }

  private final class Pool: @unchecked Sendable {  // guarded by the lock
    private struct Entry {
      weak var site: RegistrySite?
    }

    private let lock = Lock()
    private var entries: [Key: Entry] = [:]

    func site(_ key: Key, _ make: () -> RegistrySite) -> RegistrySite {
      lock.withLock {
        if let site = entries[key]?.site { return site }
        entries = entries.filter { $0.value.site != nil }
        let site = make()
        entries[key] = Entry(site: site)
        return site
      }
    }
  }

  private static let pool = Pool()

  static func shared(host: String, options: RegistryOptions) -> RegistrySite {
    let key = Key(
      host: host, insecure: options.insecure, caFile: options.caFile, environment: options.environment,
      stallSeconds: options.stallSeconds, userAgent: options.userAgent)
    return pool.site(key) { RegistrySite(host: host, options: options) }
  }

  private init(host: String, options: RegistryOptions) {
    let transport = RegistryTransport(TransportSettings(host: host, options: options))
    self.transport = transport
    endpoint = RegistryEndpoint(host: host, insecure: options.insecure, transport: transport)
    let ownHost = CredentialStore.withoutPort(host).lowercased()
    let insecure = options.insecure
    authorization = Authorization(host: host, options: options) { request, log in
      var request = request
      // A token service elsewhere is not the registry that `insecure` was said of.
      request.verifiesServer = !(insecure && request.address.host == ownHost)
      return try Redirects(transport: transport, log: log).perform(request, limit: 1 << 20)
    }
  }
}
