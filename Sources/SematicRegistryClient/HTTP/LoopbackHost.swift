import SematicSystem

/// The hosts that are this machine: they may be reached without TLS.
enum LoopbackHost {
  /// Whether a host is `localhost`, in 127.0.0.0/8, or `::1`.
  ///
  /// It is parsed as an address, never compared as a prefix:
  /// `127.0.0.1.example.com` is a name like any other.
  /// - Parameter host: without a port; an IPv6 address with or without brackets.
  static func contains(_ host: String) -> Bool {
    if host.lowercased() == "localhost" { return true }
    var four = in_addr()
    if inet_pton(AF_INET, host, &four) == 1 { return UInt32(bigEndian: four.s_addr) >> 24 == 127 }
    let bare = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
    var six = in6_addr()
    guard inet_pton(AF_INET6, bare, &six) == 1 else { return false }
    return withUnsafeBytes(of: six) { bytes in bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1 }
  }
}
