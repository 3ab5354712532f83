import SematicFiles
import SematicSystem

/// A folder of packages as pip leaves it, made the same on every machine and in every folder.
enum InstalledPackages {
  /// A package for another Python or system.
  struct Incompatible: Error {
    let package: String
    let tags: [String]
  }

  /// - Throws: `Incompatible`, `FileError`.
  static func normalize(_ folder: String, for target: PythonTarget) throws {
    // Headers for C, in a folder that has the version of this machine's Python.
    let headers =
      try ["include/site"] + names(in: folder + "/include") { $0.hasPrefix("python") }.map { "include/" + $0 }
    for name in headers { try FileTree.remove("\(folder)/\(name)") }
    if try names(in: folder + "/include").isEmpty { try FileTree.remove(folder + "/include") }
    for name in try FileTree.names(in: folder) where name.hasSuffix(".dist-info") {
      let information = folder + "/" + name
      try check(information, name, target)
      // It names the place of a local wheel on this machine.
      try FileTree.remove(information + "/direct_url.json")
      try rewrite(information + "/RECORD") { text in
        // pip ends the lines with CRLF, as CSV does.
        let lines: [String] = text.split(whereSeparator: \.isNewline).map { moved(String($0)) }.filter { line in
          !line.contains(".dist-info/direct_url.json,") && !line.contains("__pycache__/")
            && !headers.contains { line.hasPrefix($0 + "/") }
        }
        return lines.joined(separator: "\n") + "\n"
      }
    }
    try removeBytecode(folder)
    guard FileTree.isDirectory(folder + "/bin") else { return }
    for name in try FileTree.names(in: folder + "/bin") { try point(folder + "/bin/" + name, to: target.path) }
  }

  /// - Returns: none where there is no such folder.
  private static func names(in folder: String, where isMeant: (String) -> Bool = { _ in true }) throws -> [String] {
    FileTree.isDirectory(folder) ? try FileTree.names(in: folder).filter(isMeant) : []
  }

  /// A line of RECORD with the path as it is below the folder: pip wrote it for a folder `lib/python` beside those of commands
  /// and data files, and then moved all of them into one.
  private static func moved(_ line: String) -> String {
    let quote = line.hasPrefix("\"") ? "\"" : ""
    guard line.hasPrefix(quote + "../../") else { return line }
    let rest = line.dropFirst(quote.count + "../../".count)
    guard rest.hasPrefix("bin/") else { return quote + rest }
    // Commands are changed below, so their hash is wrong; RECORD may leave it out.
    let end = (quote.isEmpty ? rest.firstIndex(of: ",") : rest.lastIndex(of: "\"")) ?? rest.endIndex
    return quote + rest[..<end] + quote + ",,"
  }

  /// Adds a folder with a `sitecustomize` that reads the packages' `.pth` files, where there are some.
  static func addSiteFolder(to folder: String, script: String) throws {
    guard try FileTree.names(in: folder).contains(where: { $0.hasSuffix(".pth") }) else { return }
    // No module can have that name.
    try FileTree.createDirectory(folder + "/.site")
    try AtomicFile.write(script.utf8, to: folder + "/.site/sitecustomize.py")
  }

  /// pip itself does not check wheels that it has built from a folder of sources.
  private static func check(_ information: String, _ name: String, _ target: PythonTarget) throws {
    guard FileTree.exists(information + "/WHEEL") else { return }
    let text = String(decoding: try FileTree.read(information + "/WHEEL", limit: 1 << 20), as: UTF8.self)
    let tags = text.split(whereSeparator: \.isNewline).filter { $0.hasPrefix("Tag:") }
      .map { $0.dropFirst("Tag:".count).trimmed }
    guard tags.isEmpty || tags.contains(where: target.accepts) else {
      throw Incompatible(package: String(name.dropLast(".dist-info".count)), tags: tags)
    }
  }

  /// Makes a command start the image's Python instead of this machine's.
  private static func point(_ file: String, to python: String) throws {
    guard try FileStatus(of: file, followingLinks: false).kind == .file else { return }
    let start = try InputFile(file)
    var head: [UInt8] = []
    try start.forEachChunk { if head.isEmpty { head = Array($0.prefix(4096)) } }
    let text = String(decoding: head, as: UTF8.self)
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    guard let first = lines.first, first.hasPrefix("#!") else { return }
    // pip's other form, for long paths: https://github.com/pypa/distlib/blob/0.3.8/distlib/scripts.py
    let isLong = lines.count > 2 && first == "#!/bin/sh" && lines[1].hasPrefix("'''exec'")
    guard isLong || first.contains("python") else { return }
    try rewrite(file) { text in
      let rest = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).dropFirst(isLong ? 3 : 1)
      return (["#!" + python] + rest).joined(separator: "\n")
    }
  }

  private static func removeBytecode(_ folder: String) throws {
    for name in try FileTree.names(in: folder) {
      let path = folder + "/" + name
      guard try FileStatus(of: path, followingLinks: false).kind == .directory else { continue }
      if name == "__pycache__" { try FileTree.remove(path) } else { try removeBytecode(path) }
    }
  }

  private static func rewrite(_ file: String, _ change: (String) -> String) throws {
    guard let status = try FileStatus.ifPresent(file) else { return }
    let text = String(decoding: try FileTree.read(file), as: UTF8.self)
    try AtomicFile.write(Array(change(text).utf8), to: file, mode: status.mode)
  }
}
