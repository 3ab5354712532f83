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

  /// Sematic's `GitInformation` reads addresses in the same way, for records: the tests of both have one table.
  ///
  /// Reads `https://host/path`, `ssh://git@host/path` or `git@host:path`; nil for anything else.
  package init?(_ text: String) {
    guard !text.unicodeScalars.contains(where: { $0.value < 32 }) else { return nil }
    var rest = Substring(text)
    if let end = rest.firstRange(of: "://") {
      scheme = rest[..<end.lowerBound].lowercased()
      rest = rest[end.upperBound...]
    } else if let colon = Self.colon(in: rest), !rest[..<colon].contains("/"), rest[..<colon].contains("@"),
      !rest[colon...].hasPrefix("::")
    {
      scheme = "ssh"
      rest = rest[..<colon] + "/" + rest[colon...].dropFirst()
    } else {
      return nil
    }
    guard ["https", "http", "ssh", "git"].contains(scheme) else { return nil }
    let end = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
    // A password may have an at sign, too. One behind the host may be of a password with a character that ends a host.
    guard !rest[end...].contains("@") else { return nil }
    host = (rest[..<end].split(separator: "@", omittingEmptySubsequences: false).last ?? "").lowercased()
    path = rest[end...].prefix { $0 != "?" && $0 != "#" }.split(separator: "/").map(String.init)
    let isHost = host.utf8.allSatisfy { byte in
      (48...57).contains(byte) || (97...122).contains(byte) || "-._:[]".utf8.contains(byte)
    }
    // Behind the colon of a name that is cut short there would be a password.
    let port = host.hasPrefix("[") ? host.drop { $0 != "]" }.dropFirst() : host.drop { $0 != ":" }
    let isPort = port.isEmpty || port.hasPrefix(":") && port.utf8.dropFirst().allSatisfy { (48...57).contains($0) }
    guard !host.isEmpty, isHost, isPort, !host.hasPrefix("[") || host.contains("]"), !path.isEmpty, !path.contains("..")
    else { return nil }
  }

  /// The first colon that is not in the brackets of an IPv6 address.
  private static func colon(in text: Substring) -> Substring.Index? {
    var isInBrackets = false
    return text.indices.first { index in
      if "[]".contains(text[index]) { isInBrackets = text[index] == "[" }
      return text[index] == ":" && !isInBrackets
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
