import SematicOCI

/// The rules about writable folders and PATH.
extension Judge {
  func home() throws -> Verdict {
    guard let user = try user() else {
      return .fail(
        .home, "the image's user \(configuration.user ?? "") is not in its /etc/passwd and /etc/group",
        fix: "RUN useradd it, or give the user as a number")
    }
    // `import sematic` makes a folder in it, unless this says where.
    let (folder, name) =
      configuration.environmentValue("SEMATIC_CONFIG_DIR").map { ($0, "SEMATIC_CONFIG_DIR") }
      ?? (configuration.environmentValue("HOME") ?? user.home ?? "/", "home")
    guard let obstacle = try tree.obstacle(toWritingIn: folder, for: user) else {
      return .pass(.home, "\(folder) of user \(user.name)" + (name == "home" ? "" : " (\(name))"))
    }
    // Our own entrypoint looks for another home where this one cannot be written to.
    if try startsWithHome(), try tree.obstacle(toWritingIn: "/tmp", for: user) == nil {
      return .pass(.home, "the entrypoint creates one in /tmp: \(obstacle)")
    }
    return forPython(
      .fail(.home, obstacle, fix: "RUN mkdir -p \(folder) && chown \(user.number) \(folder), or ENV HOME=/tmp"))
  }

  /// Whether the entrypoint's script, or the one that it starts, is ours.
  private func startsWithHome() throws -> Bool {
    guard let script = try started().script else { return false }
    if script.contains("sematic-home") { return true }
    guard script.contains(" /sematic/start ") else { return false }
    return try files.text("/sematic/start")?.contains("sematic-home") ?? false
  }

  func writableFolder() throws -> Verdict {
    let folder = "/sematic/bin"
    guard let user = try user() else { return .unknown(.writableFolder, "the image's user is not known") }
    guard let obstacle = try tree.obstacle(toWritingIn: folder, for: user) else {
      return .pass(.writableFolder, "for user \(user.name)")
    }
    return forPython(
      .fail(.writableFolder, obstacle, fix: "RUN mkdir -p \(folder) && chmod 1777 \(folder)"))
  }

  func path() -> Verdict {
    let path = configuration.environmentValue("PATH")
    let parts = (path ?? "").split(separator: ":").map { $0.hasSuffix("/") ? $0.dropLast() : $0 }
    if parts.contains("/sematic/bin") { return .pass(.path, "PATH=\(path ?? "")") }
    let detail = path.map { "PATH is \($0)" } ?? "the image sets no PATH"
    return forPython(
      .fail(.path, detail, fix: "ENV PATH=/sematic/bin:" + (path ?? "/usr/local/bin:/usr/bin:/bin")))
  }

  func temporary() throws -> Verdict {
    guard let user = try user() else { return .unknown(.temporary, "the image's user is not known") }
    guard let obstacle = try tree.obstacle(toWritingIn: "/tmp", for: user) else {
      return .pass(.temporary, "for user \(user.name)")
    }
    return .fail(.temporary, obstacle, fix: "RUN mkdir -p /tmp && chmod 1777 /tmp")
  }
}
