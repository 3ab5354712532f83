/// A name of a package that tools of every kind understand.
///
/// https://github.com/package-url/purl-spec/blob/main/PURL-SPECIFICATION.rst
struct PackageURL: CustomStringConvertible {
  let type: String
  var namespace: [String] = []
  let name: String
  var version: String?
  /// In their order, which is to be that of the names.
  var qualifiers: [(name: String, value: String)] = []

  var description: String {
    var text = "pkg:" + ([type] + namespace + [name]).map { Self.encoded($0) }.joined(separator: "/")
    if let version { text += "@" + Self.encoded(version) }
    let pairs = qualifiers.filter { !$0.value.isEmpty }.map { "\($0.name)=\(Self.encoded($0.value, keeping: "/"))" }
    return text + (pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&"))
  }

  /// The text with all but letters, digits and `-._~` as `%XX`: https://www.rfc-editor.org/rfc/rfc3986#section-2.1
  static func encoded(_ text: String, keeping others: String = "") -> String {
    let kept = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~" + others
    let plain = Set(kept.utf8)
    if text.utf8.allSatisfy(plain.contains) { return text }
    return text.utf8.map { byte in
      if plain.contains(byte) { return String(UnicodeScalar(byte)) }
      let hex = String(byte, radix: 16, uppercase: true)
      return "%" + (byte < 16 ? "0" : "") + hex
    }.joined()
  }
}
