import SematicFiles
import SematicOCI
import SematicSystem

/// A file of requirements with all the files that it names on this machine.
///
/// https://pip.pypa.io/en/stable/reference/requirements-file-format/, or a pyproject.toml:
/// https://packaging.python.org/en/latest/specifications/pyproject-toml/#dependencies-optional-dependencies
package struct RequirementsFile {
  package let path: String
  /// How people know the file: its path in the package.
  package let name: String
  /// The extras of a pyproject.toml that are wanted.
  package let extras: [String]
  /// The package's folder: where people start pip.
  package let package: String
  /// The Python that its versions were chosen for, as the programs that do so note it: `3.12`.
  package let lockedFor: String?
  /// The digest of everything that was read.
  package let digest: Digest
  /// False if it names a repository, or a folder of very many files: only pip can tell whether those have changed.
  package let isSettled: Bool

  /// - Throws: `FileError`.
  package init(
    _ path: String, name: String? = nil, extras: [String] = [], package: String? = nil,
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws {
    self.path = path
    self.name = name ?? FileTree.name(of: path)
    self.extras = extras
    self.package = package ?? FileTree.parent(of: path)
    var reader = Reader(folder: FileTree.parent(of: path), package: self.package)
    try reader.read(path)
    reader.readSettings(environment)
    let named = extras.isEmpty ? "" : "extras \(extras.sorted())\n"
    digest = try Digest.of(Array((reader.text + named).utf8))
    isSettled = reader.isSettled
    lockedFor = reader.lockedFor
  }

  private struct Reader {
    /// The folder that pip runs in and that paths are relative to.
    let folder: String
    let package: String
    var text = ""
    var isSettled = true
    var lockedFor: String?
    /// The number of files of folders of sources.
    var sources = 0
    private static let mostSources = 10_000
    var seen: Set<String> = []

    mutating func read(_ path: String) throws {
      guard seen.insert(path).inserted, seen.count <= 1000 else { return }
      let content = String(decoding: try FileTree.read(path, limit: 16 << 20), as: UTF8.self)
      note("requirements", content)
      // Its table of dependencies is read by Python; what is named there besides versions is an address.
      guard !path.hasSuffix(".toml") else {
        isSettled = isSettled && !content.contains("git+") && !content.contains("file:")
        return
      }
      let lines = content.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      if lockedFor == nil { lockedFor = lines.prefix { $0.hasPrefix("#") }.compactMap(Self.version).first }
      for line in lines where !line.hasPrefix("#") {
        let all = line.split { $0 == " " || $0 == "\t" || $0 == "=" }.map(String.init)
        let words = all.prefix { !$0.hasPrefix("#") }
        for (position, word) in words.enumerated() {
          let before = position > 0 ? words[position - 1] : ""
          try look(at: word, after: before, in: FileTree.parent(of: path))
        }
      }
    }

    /// What pip-compile and uv write: `by pip-compile with Python 3.12`, `uv pip compile --python-version 3.12`.
    private static func version(in comment: Substring) -> String? {
      for mark in ["with Python ", "--python-version ", "--python-version=", "--python "] {
        guard let found = comment.firstRange(of: mark) else { continue }
        let parts = comment[found.upperBound...].prefix { $0.isNumber || $0 == "." }.split(separator: ".")
        if parts.count > 1 { return parts.prefix(2).joined(separator: ".") }
      }
      return nil
    }

    private mutating func look(at word: String, after option: String, in place: String) throws {
      noteVariables(in: word)
      var name = word
      for prefix in ["-r", "-c", "-e", "-f"] where word.hasPrefix(prefix) && word.count > 2 {
        name = String(word.dropFirst(2))
      }
      if let url = name.firstRange(of: "file://") ?? name.firstRange(of: "file:") {
        name = String(name[url.upperBound...])
      }
      if name.hasPrefix("git+") || name.hasPrefix("http") && ["-r", "-c"].contains(option) { isSettled = false }
      let looksLikePath =
        name.contains("/") || name.hasPrefix(".") || option.hasPrefix("-") || name != word
        || [".whl", ".txt", ".zip", ".gz"].contains { name.hasSuffix($0) }
      guard looksLikePath, !name.hasPrefix("-"), !name.contains("://") else { return }
      let bare = name.split(separator: "[").first.map(String.init) ?? name
      let clean = bare.split(separator: "#").first.map(String.init) ?? bare
      let isInclude =
        ["-r", "--requirement", "-c", "--constraint"].contains(option) || word.hasPrefix("-r") || word.hasPrefix("-c")
      // As pip, and install-requirements.py, find them.
      let folders = isInclude ? [place, folder] : [folder, place, package]
      let candidates = folders.map { FileTree.absolute(clean, from: $0) }
      guard let path = candidates.first(where: FileTree.exists) else { return }
      if isInclude {
        try read(path)
      } else if FileTree.isDirectory(path) {
        if ["-f", "--find-links"].contains(option) || word.hasPrefix("-f") {
          try noteFolder(path)
        } else {
          try noteSources(path, path)
        }
      } else {
        let hasher = try DigestHasher()
        try InputFile(path).forEachChunk { hasher.update($0) }
        note("file \(clean)", try hasher.digest().description)
      }
    }

    /// Takes the size and the times of each file for its content, as the layer cache does.
    private mutating func noteFolder(_ path: String) throws {
      for name in try FileTree.names(in: path) {
        let status = try FileStatus.ifPresent(path + "/" + name)
        note("link \(name)", "\(status?.size ?? 0) \(status?.modified ?? 0) \(status?.changed ?? 0)")
      }
    }

    /// The same for a folder of sources, without what tools leave there.
    private mutating func noteSources(_ folder: String, _ root: String) throws {
      for name in try FileTree.names(in: folder) where !name.hasPrefix(".") && name != "__pycache__" {
        let path = folder + "/" + name
        guard let status = try FileStatus.ifPresent(path), isSettled else { continue }
        if status.kind == .directory {
          let isMade = folder == root && name == "build" || name.hasSuffix(".egg-info")
          let isLink = try FileStatus(of: path, followingLinks: false).kind == .symbolicLink
          if !isMade, !isLink, !FileTree.exists(path + "/pyvenv.cfg") { try noteSources(path, root) }
          continue
        }
        sources += 1
        isSettled = sources <= Self.mostSources
        note("source \(path)", "\(status.size) \(status.modified) \(status.changed)")
      }
    }

    /// `${TOKEN}`
    private mutating func noteVariables(in word: String) {
      for part in word.split(separator: "${", omittingEmptySubsequences: false).dropFirst() {
        let name = String(part.prefix { $0 != "}" })
        note("variable \(name)", ProcessInfo.processInfo.environment[name] ?? "")
      }
    }

    /// Adds pip's settings in the environment and in its configuration files: indexes, above all.
    mutating func readSettings(_ environment: [String: String]) {
      for (name, value) in environment.sorted(by: { $0.key < $1.key }) where name.hasPrefix("PIP_") {
        note(name, value)
      }
      let home = environment["HOME"] ?? "/"
      let files = [
        environment["PIP_CONFIG_FILE"], "/etc/pip.conf", "/etc/xdg/pip/pip.conf", home + "/.pip/pip.conf",
        (environment["XDG_CONFIG_HOME"] ?? home + "/.config") + "/pip/pip.conf",
        environment["VIRTUAL_ENV"].map { $0 + "/pip.conf" },
        // On macOS.
        "/Library/Application Support/pip/pip.conf", home + "/Library/Application Support/pip/pip.conf",
      ]
      for file in files.compactMap({ $0 }) {
        if let bytes = try? FileTree.read(file, limit: 1 << 20) { note(file, String(decoding: bytes, as: UTF8.self)) }
      }
    }

    private mutating func note(_ kind: String, _ value: String) { text += "\(kind) \(value.utf8.count):\(value)\n" }
  }
}
