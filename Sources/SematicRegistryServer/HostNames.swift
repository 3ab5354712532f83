import SematicSystem

/// The names by which clients may reach a server that listens on a loopback address.
///
/// A web page can make a browser connect here under a name of its own, whose address it changed to a loopback address
/// after it was loaded (DNS rebinding). Such a name is one of the public DNS.
struct HostNames: Sendable {
  /// The host that the server was told to listen on.
  let own: String

  /// - Parameter header: a value of the Host header.
  func contain(_ header: String) -> Bool {
    if header.hasPrefix("[") { return true }
    let name = (header.lastIndex(of: ":").map { header[..<$0] } ?? header[...]).lowercased()
    var address = in_addr()
    // Only names can be rebound. Those without a dot and below `internal` (`host.docker.internal`) are not in the DNS.
    return name == own.lowercased() || inet_pton(AF_INET, name, &address) == 1 || !name.contains(".")
      || ["localhost", "internal"].contains { name.hasSuffix(".\($0)") }
  }
}
