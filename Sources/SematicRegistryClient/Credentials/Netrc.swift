import SematicFiles
import SematicSystem

/// The file `.netrc`: https://www.gnu.org/software/inetutils/manual/html_node/The-_002enetrc-file.html
///
/// Its `default` entry is not used: it would send one password to every registry.
struct Netrc {
  private let path: String
  private var entries: [(host: String, user: String, password: String)] = []

  /// - Throws: `CredentialError`.
  init(_ path: String) throws {
    self.path = path
    let bytes: [UInt8]
    do {
      bytes = try FileTree.read(path, limit: 1 << 20)
    } catch let error as FileError {
      throw CredentialError(origin: path, reason: error.reason, hint: nil)
    }
    var host: String?
    var user = ""
    var password = ""
    var words = Self.words(String(decoding: bytes, as: UTF8.self))[...]
    func next() -> String? { words.popFirst()?.text }
    func entry() -> [(host: String, user: String, password: String)] { host.map { [($0, user, password)] } ?? [] }
    while let (word, line) = words.popFirst() {
      switch word {
      // A comment behind an entry; a password may begin with # all the same.
      case _ where word.hasPrefix("#"): words = words.drop { $0.line == line }
      case "machine", "default":
        entries += entry()
        host = word == "machine" ? next()?.lowercased() : nil
        (user, password) = ("", "")
      case "login": user = next() ?? ""
      case "password": password = next() ?? ""
      case "account": words = words.dropFirst()
      default: break
      }
    }
    entries += entry()
  }

  func credential(hosts: [String]) -> Credential? {
    let wanted = hosts.map { $0.lowercased() }
    guard let entry = entries.first(where: { wanted.contains($0.host) && !$0.password.isEmpty }) else { return nil }
    return Credential(.password(user: entry.user, password: entry.password), origin: path)
  }

  /// The words, perhaps in quotes, without comments and macros.
  private static func words(_ text: String) -> [(text: String, line: Int)] {
    var words: [(text: String, line: Int)] = []
    var isMacro = false
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for (number, line) in lines.enumerated() {
      if line.trimmed.isEmpty { isMacro = false }
      if isMacro { continue }
      var rest = line.drop { $0.isWhitespace }
      if rest.hasPrefix("#") { continue }
      while !rest.isEmpty {
        if rest.hasPrefix("macdef") { isMacro = true }
        if isMacro { break }
        words.append((word(&rest), number))
        rest = rest.drop { $0.isWhitespace }
      }
    }
    return words
  }

  private static func word(_ rest: inout Substring) -> String {
    guard rest.hasPrefix("\"") else {
      let word = rest.prefix { !$0.isWhitespace }
      rest = rest[word.endIndex...]
      return String(word)
    }
    var word = ""
    rest = rest.dropFirst()
    while let character = rest.popFirst(), character != "\"" {
      word.append(character == "\\" ? rest.popFirst() ?? "\\" : character)
    }
    return word
  }
}
