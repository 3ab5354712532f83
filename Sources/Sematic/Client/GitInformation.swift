/// The commit that a program is launched from.
///
/// https://github.com/sematic-ai/sematic/blob/main/sematic/utils/git.py
struct GitInformation: Equatable, Sendable {
  var commit: String
  var branch: String
  var isDirty: Bool
  /// The address of the remote `origin`, without what is secret in it; nil where that cannot be told.
  var remote: String?

  /// What git says of the first of these folders that is in a repository with a commit.
  static func read(in folders: [String]) async -> GitInformation? {
    try? await BlockingWork.shared.run { _ in folders.lazy.compactMap(read).first }
  }

  /// The information on the program that is running; in a container there is none.
  static func current(_ environment: [String: String]) async -> GitInformation? {
    guard environment["ON_SEMATIC_WORKER"] == nil else { return nil }
    let program = CommandLine.arguments.first ?? ""
    let folder = program.lastIndex(of: "/").map { String(program[..<$0]) }
    return await read(in: [".", folder].compactMap { $0 })
  }

  private static func read(in folder: String) -> GitInformation? {
    guard let status = output("status --porcelain=v2 --branch --untracked-files=no", in: folder) else { return nil }
    return GitInformation(
      status: status, remote: output("config --get remote.origin.url", in: folder)?.split(separator: "\n").first)
  }

  /// - Parameter status: https://git-scm.com/docs/git-status#_porcelain_format_version_2
  init?(status: String, remote: Substring?) {
    let lines = status.split(separator: "\n")
    func value(_ name: String) -> String? {
      lines.first { $0.hasPrefix("# branch.\(name) ") }.map { String($0.dropFirst(name.count + 10)) }
    }
    guard let commit = value("oid"), commit != "(initial)", let branch = value("head") else { return nil }
    self.commit = commit
    self.branch = branch == "(detached)" ? "HEAD is detached" : branch
    isDirty = lines.contains { !$0.hasPrefix("#") }
    self.remote = remote.flatMap(Self.withoutSecrets)
  }

  /// The address without password, query and fragment, nor a user of http: tokens are written there.
  ///
  /// SematicInventory's `SourceAddress` reads addresses in the same way: the tests of both have one table.
  /// Nil where an at sign, or what should be a port, may be part of a password with a character that ends the host.
  private static func withoutSecrets(_ remote: Substring) -> String? {
    guard !remote.unicodeScalars.contains(where: { $0.value < 32 }) else { return nil }
    let colon = remote.firstIndex { $0 == ":" || $0 == "/" } ?? remote.endIndex
    let isURL = remote[colon...].hasPrefix("://")
    guard remote[colon...].hasPrefix(":") else { return remote.contains("@") ? nil : String(remote) }  // a path
    let start = isURL ? remote[..<colon] + "://" : ""
    let rest = isURL ? remote[colon...].dropFirst(3) : remote
    var isInBrackets = false
    let authority = rest.prefix { character in
      if isURL { return !"/?#".contains(character) }
      if "[]".contains(character) { isInBrackets = character == "[" }
      return isInBrackets || character != ":"
    }
    let tail = rest[authority.endIndex...]
    let at = authority.lastIndex(of: "@")
    let host = at.map { authority[$0...].dropFirst() } ?? authority
    let port = host.hasPrefix("[") ? host.drop { $0 != "]" }.dropFirst() : host.drop { $0 != ":" }
    guard !tail.contains("@"), !tail.hasPrefix("::"), !host.isEmpty || at == nil,
      port.isEmpty || port.hasPrefix(":") && port.utf8.dropFirst().allSatisfy({ (48...57).contains($0) })
    else { return nil }
    let isSSH = !isURL || start.lowercased() == "ssh://"
    let user = at != nil && isSSH ? authority.prefix { $0 != ":" && $0 != "@" } + "@" : ""
    return start + user + host + tail.prefix { $0 != "?" && $0 != "#" }
  }

  private static func output(_ command: String, in folder: String) -> String? {
    let quoted = folder.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#)
    return System.output(of: "git --no-optional-locks -C '\(quoted)' \(command) </dev/null 2>/dev/null")
  }

  /// As the server keeps it: only of repositories that have a remote, as in Python.
  var document: JSON? {
    guard let remote else { return nil }
    return .object([
      "branch": .string(branch), "commit": .string(commit), "dirty": .bool(isDirty), "remote": .string(remote),
    ])
  }
}
