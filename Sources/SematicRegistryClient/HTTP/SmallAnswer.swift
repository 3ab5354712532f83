import SematicSystem

/// A small answer of a server that is no registry, reached with the proxies and certificates of the environment.
package struct SmallAnswer: Sendable {
  package let status: Int
  package let body: Data

  package struct Missing: ExplainedError {
    /// Why there is none: "it cannot be resolved".
    package let description: String
    package var hint: String? { nil }
  }

  /// Gets an address, and follows redirects.
  /// - Parameters:
  ///   - header: sent to the host of the address alone.
  ///   - end: when to stop waiting, by `MonotonicClock`.
  /// - Throws: `Missing`.
  package static func get(
    _ address: String, header: (name: String, value: String)? = nil, by end: UInt64, caFile: String? = nil
  ) throws(Missing) -> SmallAnswer {
    guard let first = HTTPAddress(address) else { throw Missing(description: "its address is not that of a server") }
    var options = RegistryOptions()
    options.caFile = caFile
    let transport = RegistryTransport(TransportSettings(host: first.authority, options: options))
    var address = first
    do {
      for _ in 0..<5 {
        var request = ClientRequest(.get, address)
        let now = MonotonicClock.nanoseconds
        request.timeLimit = end > now ? Int(clamping: (end - now) / 1_000_000) : 0
        if let header, address.host == first.host { request.headers.append(header) }
        let response = try transport.perform(request, truncates: true)
        guard (300..<400).contains(response.status), let location = response.headers["Location"],
          let next = address.resolving(location)
        else { return SmallAnswer(status: response.status, body: response.body) }
        address = next
      }
      throw Missing(description: "it redirects too often")
    } catch let missing as Missing {
      throw missing
    } catch {
      throw Missing(description: reason(error as? HTTPFailure, error))
    }
  }

  private static func reason(_ failure: HTTPFailure?, _ error: any Error) -> String {
    switch failure?.kind {
    case .stalled, .connectTimeout: "it did not answer in time"
    case .nameUnknown: "its host name cannot be resolved"
    case .proxyVariable(let name): "the value of \(name) is not the URL of a proxy"
    case .proxy(let status): "the proxy refused the connection (\(status))"
    default: failure.map { $0.detail.isEmpty ? "the connection failed" : $0.detail } ?? "\(error)"
    }
  }
}
