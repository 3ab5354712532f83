/// The name of an image in a registry: `registry/repository[:tag][@digest]`.
///
/// The grammar is https://github.com/distribution/reference; as everywhere, a name without a registry is Docker Hub's.
package struct ImageReference: Equatable, Sendable {
  /// Host and port: `ghcr.io`, `localhost:5000`, `[::1]:5000`.
  package let registry: String
  package let repository: String
  package let tag: String?
  package let digest: Digest?

  /// - Throws: `MalformedValue` when a part is not as the grammar says.
  package init(registry: String, repository: String, tag: String? = nil, digest: Digest? = nil) throws {
    guard Self.isRegistry(registry) else {
      throw MalformedValue(kind: "registry", value: registry, expected: "host or host:port, without a scheme")
    }
    guard Self.isRepository(repository) else {
      throw MalformedValue(
        kind: "repository", value: repository,
        expected: "lower-case letters and digits, parted by single . _ __ or dashes, in folders parted by /")
    }
    if let tag, !Self.isTag(tag) {
      throw MalformedValue(
        kind: "tag", value: tag, expected: "at most 128 letters, digits, and . _ - (not as the first)")
    }
    self.registry = registry
    self.repository = repository
    self.tag = tag
    self.digest = digest
  }

  /// Reads a reference as people write it: `ubuntu:22.04` is `docker.io/library/ubuntu:22.04`. With neither tag nor
  /// digest the tag is `latest`.
  /// - Throws: `MalformedValue`.
  package init(_ text: String) throws {
    var rest = Substring(text)
    var digest: Digest?
    if let at = rest.firstIndex(of: "@") {
      digest = try Digest(String(rest[rest.index(after: at)...]))
      rest = rest[..<at]
    }
    var tag: String?
    if let colon = rest.lastIndex(of: ":"), !rest[colon...].contains("/"), !rest[colon...].contains("]") {
      tag = String(rest[rest.index(after: colon)...])
      rest = rest[..<colon]
    }
    guard !rest.isEmpty else {
      throw MalformedValue(kind: "image reference", value: text, expected: "registry/repository[:tag][@sha256:...]")
    }
    var registry = "docker.io"
    if let slash = rest.firstIndex(of: "/"), Self.looksLikeRegistry(rest[..<slash]) {
      registry = String(rest[..<slash])
      rest = rest[rest.index(after: slash)...]
    }
    if registry == "index.docker.io" { registry = "docker.io" }
    let repository = registry == "docker.io" && !rest.contains("/") ? "library/\(rest)" : String(rest)
    try self.init(
      registry: registry, repository: repository, tag: tag ?? (digest == nil ? "latest" : nil), digest: digest)
  }

  /// A first part is a registry when it could not be a folder of Docker Hub.
  private static func looksLikeRegistry(_ part: Substring) -> Bool {
    part.contains(".") || part.contains(":") || part == "localhost" || part.contains { $0.isUppercase }
  }

  package func with(tag: String?, digest: Digest?) throws -> ImageReference {
    try ImageReference(registry: registry, repository: repository, tag: tag, digest: digest)
  }

  /// Whether a text can only be the path of a file: `./image`, `/image`, `a/../image`.
  package static func isPath(_ text: String) -> Bool {
    text.hasPrefix("/") || text.split(separator: "/").contains { $0 == "." || $0 == ".." }
  }

  /// The shortest text that means this, without a digest: `ubuntu` for `docker.io/library/ubuntu:latest`.
  package var shortest: String {
    let library = "library/"
    let isHub = registry == "docker.io"
    let short = isHub && repository.hasPrefix(library) ? String(repository.dropFirst(library.utf8.count)) : repository
    return (isHub ? short : name) + (tag.map { $0 == "latest" ? "" : ":\($0)" } ?? "")
  }

  /// `registry/repository`, as people write it.
  package var name: String { "\(registry)/\(repository)" }

  package static func isTag(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard let first = bytes.first, bytes.count <= 128, isWord(first) else { return false }
    return bytes.allSatisfy { isWord($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
  }

  package static func isRepository(_ text: String) -> Bool {
    guard !text.isEmpty, text.utf8.count <= 255 else { return false }
    return text.split(separator: "/", omittingEmptySubsequences: false).allSatisfy(isRepositoryComponent)
  }

  /// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`
  private static func isRepositoryComponent(_ part: Substring) -> Bool {
    let bytes = Array(part.utf8)
    guard let first = bytes.first, let last = bytes.last, isLowerOrDigit(first), isLowerOrDigit(last) else {
      return false
    }
    return bytes.split(whereSeparator: isLowerOrDigit).allSatisfy { separator in
      let text = String(decoding: separator, as: UTF8.self)
      return text == "." || text == "_" || text == "__" || text.allSatisfy { $0 == "-" }
    }
  }

  /// A host name, an IPv4 address or an IPv6 address in brackets, and perhaps a port from 1 to 65535.
  package static func isRegistry(_ text: String) -> Bool {
    var host = Substring(text)
    if let colon = host.lastIndex(of: ":"), !host[colon...].contains("]") {
      let port = host[host.index(after: colon)...]
      guard !port.isEmpty, port.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(port),
        (1...65535).contains(number)
      else { return false }
      host = host[..<colon]
    }
    if host.hasPrefix("["), host.hasSuffix("]") {
      let address = host.dropFirst().dropLast()
      return address.contains(":") && address.allSatisfy { $0.isHexDigit && $0.isASCII || $0 == ":" || $0 == "." }
    }
    return !host.isEmpty
      && host.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
        !label.isEmpty && !label.hasPrefix("-") && !label.hasSuffix("-")
          && label.utf8.allSatisfy { isLowerOrDigit($0) || (65...90).contains($0) || $0 == UInt8(ascii: "-") }
      }
  }

  private static func isLowerOrDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) || (97...122).contains(byte) }

  private static func isWord(_ byte: UInt8) -> Bool {
    isLowerOrDigit(byte) || (65...90).contains(byte) || byte == UInt8(ascii: "_")
  }
}

extension ImageReference: CustomStringConvertible {
  package var description: String {
    name + (tag.map { ":\($0)" } ?? "") + (digest.map { "@\($0)" } ?? "")
  }
}
