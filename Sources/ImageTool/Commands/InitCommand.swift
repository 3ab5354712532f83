import ArgumentParser
import SematicFiles
import SematicSystem

final class InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Write a commented sematic.yaml into a package's folder, or a starter package.")

  @Option(help: ArgumentHelp("The package's folder. Default: the current one.", valueName: "folder"))
  var packagePath: String = "."

  @Option(
    help: ArgumentHelp(
      "Copy a starter into the empty folder: starter, starter-pipeline, starter-python.", valueName: "name"))
  var template: String?

  func run() throws {
    let folder = FileTree.absolute(packagePath)
    let console = Console(talk: .normal, host: nil)
    if let template {
      try Self.copy(Templates.starter(template), to: folder)
      return try console.data(folder)
    }
    // A project in Python alone has no Package.swift.
    guard FileTree.isDirectory(folder) else {
      throw UnfitFolder(
        "find the folder \(folder): it is not there", "create it, or name another one: `--package-path FOLDER`")
    }
    let path = folder + "/sematic.yaml"
    guard !FileTree.exists(path) else {
      throw UnfitFolder("write \(path): it exists already", "edit it, or move it away to get a new one")
    }
    try AtomicFile.write(FileTree.read(Templates.file("sematic.yaml")), to: path)
    try console.data(path)
  }

  /// A whole starter package, which depends on the release or the checkout that this tool was built from.
  private static func copy(_ starter: String, to folder: String) throws {
    let checkout = FileTree.parent(of: FileTree.parent(of: starter))
    let dependency = ToolVersion.dependency ?? ".package(name: \"swift-sematic\", path: \"\(checkout)\")"
    try UnfitFolder.check(folder, dependency: dependency)
    func copy(_ inside: String) throws {
      for name in try FileTree.names(in: starter + inside) where name != ".build" && name != "Package.resolved" {
        let source = "\(starter)\(inside)/\(name)"
        let status = try FileStatus(of: source)
        guard status.kind == .file else {
          try copy("\(inside)/\(name)")
          continue
        }
        var bytes = try FileTree.read(source)
        if inside.isEmpty, name == "Package.swift" {
          let text = String(decoding: bytes, as: UTF8.self)
          bytes = Array(text.replacing(".package(name: \"swift-sematic\", path: \"../..\")", with: dependency).utf8)
        }
        try AtomicFile.write(bytes, to: "\(folder)\(inside)/\(name)", mode: status.mode & 0o100 == 0 ? 0o644 : 0o755)
      }
    }
    // The outermost folder that is not there yet.
    let made = sequence(first: folder, next: FileTree.parent).prefix { !FileTree.exists($0) }.reversed().first
    do {
      try FileTree.createDirectory(folder)
      try copy("")
    } catch {
      // Nothing was in it.
      let leftovers = try made.map { [$0] } ?? FileTree.names(in: folder).map { "\(folder)/\($0)" }
      for path in leftovers { try? FileTree.remove(path) }
      throw error
    }
  }
}

/// A folder that a starter, or the pipeline file, cannot be written to.
struct UnfitFolder: ExplainedError {
  let description: String
  let hint: String?

  init(_ problem: String, _ hint: String = "name another folder: `--package-path FOLDER`") {
    description = "cannot " + problem
    self.hint = hint
  }

  /// Refuses a folder that has something in it, or in which SwiftPM could not build the package.
  /// - Parameter dependency: on this package, as Package.swift has it.
  static func check(_ folder: String, dependency: String) throws {
    let start = "copy the template into \(folder): "
    if FileTree.exists(folder) {
      guard FileTree.isDirectory(folder) else { throw UnfitFolder(start + "it is not a folder") }
      guard try FileTree.names(in: folder).isEmpty else {
        throw UnfitFolder(
          start + "the folder is not empty",
          "name an empty or new folder: `--package-path FOLDER`; without --template, only sematic.yaml is written")
      }
    }
    if let character = folder.first(where: { "\"\\%".contains($0) || $0.unicodeScalars.contains { $0.value < 32 } }) {
      throw UnfitFolder(start + "SwiftPM does not build packages below a path with \(character.debugDescription)")
    }
    // A package is told from others by the last part of its place, whatever it calls itself.
    let place = dependency.split(separator: "\"").first { $0.contains("/") } ?? ""
    let identity = FileTree.name(of: place.hasSuffix(".git") ? String(place.dropLast(4)) : String(place)).lowercased()
    guard FileTree.name(of: folder).lowercased() != identity else {
      throw UnfitFolder(start + "SwiftPM takes the name '\(identity)' for the package that the template depends on")
    }
  }
}
