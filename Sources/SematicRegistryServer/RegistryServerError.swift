import SematicSystem

/// An address that the registry cannot listen on.
package enum RegistryServerError: ExplainedError, Equatable, Sendable {
  case addressInUse(host: String, port: UInt16)
  case unusableAddress(host: String, port: UInt16, reason: String)

  package var description: String {
    switch self {
    case .addressInUse(let host, let port):
      "cannot serve the registry on \(host):\(port): another program uses this port"
    case .unusableAddress(let host, let port, let reason):
      "cannot serve the registry on \(host):\(port): \(reason)"
    }
  }

  package var hint: String? {
    switch self {
    case .addressInUse: "choose another port, or 0 for any free port"
    case .unusableAddress: nil
    }
  }
}
