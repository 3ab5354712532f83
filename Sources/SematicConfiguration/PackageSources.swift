import SematicFiles
import SematicSystem

/// The files that come along with a script where `src` names none: every Python file of the package, and what else lies in
/// folders that hold Python files.
///
/// What git ignores stays behind, and, with or without git, hidden files, caches and virtual environments.
struct PackageSources {
  let package: PackageFolder
  /// The script's path in the package.
  let script: String
  private var leftOut: [String: Bool] = ["": false]
  private var code: [String: Bool] = [:]

  private init(package: PackageFolder, script: String) {
    self.package = package
    self.script = script
  }

  /// Folders that hold what tools can make again.
  private static let caches: Set<String> = ["__pycache__", "node_modules", "htmlcov"]
  /// Folders that SwiftPM has its targets in, and files that only it or this tool reads.
  private static let targets: Set<String> = ["Sources", "Tests", "Plugins"]
  private static let manifests: Set<String> = ["Package.swift", "Package.resolved", "sematic.yaml"]

  /// The paths in the package, in order.
  /// - Throws: `FileError`.
  static func files(of package: PackageFolder, script: String) throws -> [String] {
    var sources = PackageSources(package: package, script: script)
    return try sources.files()
  }

  private mutating func files() throws -> [String] {
    let listed = try gitFiles("")
    // What it ignores may be secret, so a guess is no answer.
    if listed == nil, let repository { throw UnreadableRepository(path: repository) }
    var all = Set(listed ?? [])
    // Where git ignores the whole package, its answer is none.
    if !all.contains(where: Self.isPython) { all = Set(try walk("")) }
    all = try withLinks(all)
    all.insert(script)
    for file in all where Self.isPython(file) { code[Self.folder(of: file)] = true }
    code[Self.folder(of: script)] = true
    let isSwift = FileTree.exists(package.path + "/Package.swift")
    return all.filter { file in
      if Self.isPython(file) || file == script { return true }
      guard !file.hasSuffix(".swift"), !Self.manifests.contains(file) else { return false }
      let top = file.utf8.firstIndex(of: UInt8(ascii: "/")).map { String(file[..<$0]) }
      let isTarget = isSwift && top.map(Self.targets.contains) ?? false
      return holdsCode(Self.folder(of: file), belowRoot: isTarget)
    }.sorted { strcmp($0, $1) < 0 }
  }

  /// The folder of git's repository that the package is in.
  private var repository: String? {
    var folder = package.path
    while !FileTree.exists(folder + "/.git") {
      if folder == "/" || FileTree.parent(of: folder) == folder { return nil }
      folder = FileTree.parent(of: folder)
    }
    return folder
  }

  private static func isPython(_ path: String) -> Bool { path.hasSuffix(".py") }

  /// "" for the package itself.
  private static func folder(of path: String) -> String {
    let folder = FileTree.parent(of: path)
    return folder == "." ? "" : folder
  }

  /// Whether a folder, or one above it, holds a Python file.
  private mutating func holdsCode(_ folder: String, belowRoot: Bool) -> Bool {
    if folder.isEmpty { return !belowRoot && code[""] == true }
    if let known = code[folder] { return known }
    let result = holdsCode(Self.folder(of: folder), belowRoot: belowRoot)
    code[folder] = result
    return result
  }

  /// Whether a folder, or one above it, never comes along.
  private mutating func isLeftOut(_ folder: String) -> Bool {
    if let known = leftOut[folder] { return known }
    let name = FileTree.name(of: folder)
    let result =
      name.hasPrefix(".") || Self.caches.contains(name) || name.hasSuffix(".egg-info")
      || isLeftOut(Self.folder(of: folder))
      || ["pyvenv.cfg", "oci-layout"].contains { FileTree.exists("\(package.path)/\(folder)/\($0)") }
    leftOut[folder] = result
    return result
  }

  private mutating func isLeftOut(file: String) -> Bool {
    FileTree.name(of: file).hasPrefix(".") || file.hasSuffix(".pyc") || isLeftOut(Self.folder(of: file))
  }

  /// What git does not ignore in a folder, with what lies in the repositories inside; nil without git.
  private mutating func gitFiles(_ folder: String) throws -> [String]? {
    let path = folder.isEmpty ? package.path : package.path + "/" + folder
    guard
      let answer = try? HelperAnswer.run(
        "git", ["-C", path, "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        environment: ProcessInfo.processInfo.environment, input: "", seconds: 60, limit: 256 << 20),
      answer.status == 0
    else { return nil }
    var files: [String] = []
    for name in answer.output.split(separator: 0) {
      let text = String(decoding: name, as: UTF8.self)
      let whole = folder.isEmpty ? text : folder + "/" + text
      let file = whole.hasSuffix("/") ? String(whole.dropLast()) : whole
      guard !isLeftOut(file: file) else { continue }
      // A repository in the repository: git names only its folder.
      if FileTree.exists("\(package.path)/\(file)/.git") {
        files += try gitFiles(file) ?? []
      } else {
        files.append(file)
      }
    }
    return files
  }

  private mutating func walk(_ folder: String) throws -> [String] {
    var files: [String] = []
    for name in try FileTree.names(in: package.path + "/" + folder) {
      let path = folder.isEmpty ? name : folder + "/" + name
      guard !isLeftOut(file: path) else { continue }
      switch try FileStatus.ifPresent("\(package.path)/\(path)", followingLinks: false)?.kind {
      case .directory: if !isLeftOut(path) { files += try walk(path) }
      case .file, .symbolicLink: files.append(path)
      case .other, nil: break
      }
    }
    return files
  }

  /// The same with what symbolic links lead to, by the paths of the links, and without what is no file.
  private func withLinks(_ files: Set<String>) throws -> Set<String> {
    var result: Set<String> = []
    for file in files {
      switch try FileStatus.ifPresent("\(package.path)/\(file)", followingLinks: false)?.kind {
      case .file: result.insert(file)
      case .symbolicLink:
        // One that leads nowhere or out of the package stays behind.
        guard let target = try? package.target(of: file) else { continue }
        if FileTree.isDirectory("\(package.path)/\(file)") {
          for inside in files where inside.hasPrefix(target + "/") {
            let path = file + inside.dropFirst(target.count)
            if try FileStatus.ifPresent("\(package.path)/\(path)")?.kind == .file { result.insert(path) }
          }
        } else {
          result.insert(file)
        }
      case .directory, .other, nil: break
      }
    }
    return result
  }
}

/// A repository of which git does not say what it ignores.
package struct UnreadableRepository: ExplainedError, Equatable {
  let path: String

  package var description: String {
    "git does not tell which files of \(path) it ignores, so they would be in the image"
  }

  package var hint: String? { "see what `git -C \(path) status` says, or name the files: `src:` in sematic.yaml" }
}
