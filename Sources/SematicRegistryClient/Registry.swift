import SematicOCI
import SematicSystem

/// One repository of a registry: https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md
///
/// Every call blocks its thread, and several threads may call at once.
package final class Registry: Sendable {
  /// The host as in a reference: `docker.io`, `ghcr.io`, `localhost:5000`.
  package let host: String
  package let repository: String
  let connection: RegistryConnection
  let options: RegistryOptions
  let uploads = UploadMemory()

  /// - Throws: `MalformedValue` for an invalid host or repository.
  package init(host: String, repository: String, options: RegistryOptions = RegistryOptions()) throws {
    let reference = try ImageReference(registry: host, repository: repository)
    self.host = reference.registry == "index.docker.io" ? "docker.io" : reference.registry
    self.repository = repository
    self.options = options
    connection = RegistryConnection(host: self.host, repository: repository, options: options)
  }

  package var name: String { "\(host)/\(repository)" }

  /// Whether only this machine can reach the registry.
  package var isLoopback: Bool { LoopbackHost.contains(CredentialStore.withoutPort(host)) }

  /// Performs an operation that can be retried as a whole.
  func retrying<Result>(_ body: () throws -> Result) throws -> Result {
    var number = 1
    while true {
      do {
        return try body()
      } catch let error as RegistryError {
        try pause(after: error, try: number)
        number += 1
      }
    }
  }

  /// Waits before the next try, or throws the error when there is none.
  func pause(after error: RegistryError, try number: Int, isCancelled: (() -> Bool)? = nil) throws {
    guard let pause = options.retry.pause(after: error, try: number) else { throw error }
    options.log("\(error); try \(number + 1) in \((pause * 10).rounded() / 10) s")
    let end = MonotonicClock.nanoseconds &+ UInt64(min(max(pause, 0), 86_400) * 1e9)
    while true {
      if isCancelled?() == true { throw error }
      let now = MonotonicClock.nanoseconds
      guard now < end else { return }
      MonotonicClock.sleep(seconds: min(0.2, Double(end - now) / 1e9))
    }
  }

  /// Sends a request, and retries after transient failures.
  func send(_ call: RegistryCall) throws -> ClientResponse { try retrying { try connection.send(call) } }

  func error(_ operation: String, _ reason: RegistryError.Reason) -> RegistryError {
    connection.error(operation, reason)
  }

  var pullScopes: TokenScopes { TokenScopes([.pull(repository)]) }
  var pushScopes: TokenScopes { TokenScopes([.push(repository)]) }

  /// Checks that the registry answers and grants access.
  package func ping() throws {
    var call = RegistryCall("connect to", .get)
    call.scopes = pullScopes
    call.truncates = true
    _ = try send(call)
  }

  /// The tags of the repository, read page by page; none where it does not exist yet.
  package func tags() throws -> [String] {
    struct Page: Decodable { var tags: [String]? }
    let operation = "list the tags of"
    var tags: [String] = []
    var next: HTTPAddress?
    // More pages than any repository has: a registry must not keep us for ever.
    for _ in 0..<10_000 {
      var call = RegistryCall(operation, .get, path: "\(repository)/tags/list")
      call.address = next
      call.scopes = pullScopes
      call.accepted = [200, 404]
      call.limit = 16 << 20
      let response = try send(call)
      if response.status == 404 { return tags }
      guard let page = try? decodeJSON(Page.self, from: response.body) else {
        throw error(operation, .malformed("the list of tags is not JSON"))
      }
      tags += page.tags ?? []
      guard tags.count <= 1_000_000 else { throw error(operation, .malformed("more than a million tags")) }
      guard let link = Self.next(response.headers["Link"]).flatMap(response.address.resolving),
        !(page.tags ?? []).isEmpty
      else { return tags }
      guard link.hasSameOrigin(as: response.address) else {
        throw error(operation, .unsafe("the next page of tags is on another host, \(link.shown)"))
      }
      next = link
    }
    return tags
  }

  /// The target of `<URL>; rel="next"`: https://www.rfc-editor.org/rfc/rfc8288
  static func next(_ link: String?) -> String? {
    guard let link, let start = link.firstIndex(of: "<"), let end = link[start...].firstIndex(of: ">"),
      link[end...].contains("next")
    else { return nil }
    return String(link[link.index(after: start)..<end])
  }
}
