/// The address of a repository of sources, without anything that only its owner may know.
///
/// User, password, query and fragment of an address are left out: tokens are written there. A path of this machine is no
/// address.
package struct SourceAddress: Equatable, Sendable {
  /// `https`, `http`, `ssh` or `git`.
  let scheme: String
  /// With the port, if there is one.
  let host: String
  /// The parts of the path.
  let path: [String]

  /// Reads `https://host/path`, `ssh://git@host/path` or `git@host:path`; nil for anything else.
  package init?(_ text: String) {
    var rest = Substring(text)
    if let end = rest.firstRange(of: "://") {
      scheme = rest[..<end.lowerBound].lowercased()
      rest = rest[end.upperBound...]
    } else if let colon = rest.firstIndex(of: ":"), !rest[..<colon].contains("/"), rest[..<colon].contains("@") {
      scheme = "ssh"
      rest = rest[..<colon] + "/" + rest[colon...].dropFirst()
    } else {
      return nil
    }
    guard ["https", "http", "ssh", "git"].contains(scheme) else { return nil }
    rest = rest.prefix { $0 != "?" && $0 != "#" }
    let slash = rest.firstIndex(of: "/") ?? rest.endIndex
    // A password may have an at sign, too.
    let authority = rest[..<slash].split(separator: "@", omittingEmptySubsequences: false).last ?? ""
    host = authority.lowercased()
    path = rest[slash...].split(separator: "/").map(String.init)
    let isHost = host.utf8.allSatisfy { byte in
      (48...57).contains(byte) || (97...122).contains(byte) || "-._:[]".utf8.contains(byte)
    }
    // Behind the colon of a name that is cut short there would be a password.
    let port = host.hasSuffix("]") ? "" : host.split(separator: ":", omittingEmptySubsequences: false).dropFirst().last
    let isPort = port?.utf8.allSatisfy { (48...57).contains($0) } ?? true
    guard !host.isEmpty, isHost, isPort, !path.isEmpty, !path.contains(".."),
      !path.contains(where: { $0.contains("@") })
    else {
      return nil
    }
  }

  private var encodedPath: String { path.map { PackageURL.encoded($0) }.joined(separator: "/") }

  /// The address as SPDX has it: https://spdx.github.io/spdx-spec/v2.3/package-information/#77-package-download-location-field
  package func location(revision: String?) -> String {
    let start = scheme == "git" ? "git" : "git+" + scheme
    return "\(start)://\(host)/\(encodedPath)" + (revision.map { "@" + PackageURL.encoded($0) } ?? "")
  }

  /// The parts of a name that begins with the host.
  var names: [String] {
    var names = [host] + path
    if let last = names.popLast() { names.append(last.hasSuffix(".git") ? String(last.dropLast(4)) : last) }
    return names
  }
}
