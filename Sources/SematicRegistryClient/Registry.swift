import SematicOCI
import SematicSystem

/// One repository of a registry: https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md
///
/// Every call blocks its thread, and several threads may call at once.
package final class Registry: Sendable {
  /// As in a reference: `docker.io`, `ghcr.io`, `localhost:5000`.
  package let host: String
  package let repository: String
  let connection: RegistryConnection
  let options: RegistryOptions
  let uploads = UploadMemory()

  /// - Throws: `MalformedValue` for a host or repository that is none.
  package init(host: String, repository: String, options: RegistryOptions = RegistryOptions()) throws {
    let reference = try ImageReference(registry: host, repository: repository)
    self.host = reference.registry == "index.docker.io" ? "docker.io" : reference.registry
    self.repository = repository
    self.options = options
    connection = RegistryConnection(host: self.host, repository: repository, options: options)
  }

  package var name: String { "\(host)/\(repository)" }

  typealias Call = RegistryConnection.Call

  /// Does something that may be tried again as a whole.
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

  /// Waits, or throws the error when there is nothing to wait for.
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

  /// The statuses that are answers; everything else throws.
  func send(_ call: Call) throws -> HTTPResponse { try retrying { try connection.send(call) } }

  func error(_ operation: String, _ reason: RegistryError.Reason) -> RegistryError {
    connection.error(operation, reason)
  }

  var pullScopes: TokenScopes { TokenScopes([.pull(repository)]) }
  var pushScopes: TokenScopes { TokenScopes([.push(repository)]) }

  /// Makes sure that a registry is there and lets us in.
  package func ping() throws {
    var call = Call("speak to", .get)
    call.scopes = pullScopes
    call.truncates = true
    _ = try send(call)
  }

  /// All tags of the repository, page by page; none where it does not exist yet.
  package func tags() throws -> [String] {
    struct Page: Decodable { var tags: [String]? }
    let operation = "list the tags of"
    var tags: [String] = []
    var next: WebAddress?
    // More pages than any repository has: a registry must not be able to keep us for ever.
    for _ in 0..<10_000 {
      var call = Call(operation, .get, path: "\(repository)/tags/list")
      call.address = next
      call.scopes = pullScopes
      call.accepted = [200, 404]
      call.limit = 16 << 20
      let response = try send(call)
      if response.status == 404 { return tags }
      guard let page = try? JSONDecoder().decode(Page.self, from: response.body) else {
        throw error(operation, .malformed("a list of tags that is no JSON"))
      }
      tags += page.tags ?? []
      guard tags.count <= 1_000_000 else { throw error(operation, .malformed("more than a million tags")) }
      guard let link = Self.next(response.headers["Link"]).flatMap(response.address.resolving),
        !(page.tags ?? []).isEmpty
      else { return tags }
      guard link.hasSameOrigin(as: response.address) else {
        throw error(operation, .unsafe("the next page is at another host, \(link.shown)"))
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
