import ArgumentParser
import SematicFiles
import SematicSystem

struct InitCommand: ParsableCommand {
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
    guard FileTree.isDirectory(folder) else { throw FileError("find the folder", folder, reason: "it is not there") }
    let path = folder + "/sematic.yaml"
    guard !FileTree.exists(path) else { throw FileError("write", path, reason: "it exists already") }
    try AtomicFile.write(FileTree.read(Templates.file("sematic.yaml")), to: path)
    try console.data(path)
  }

  /// A whole starter package, which depends on the release or the checkout that this tool was built from.
  private static func copy(_ starter: String, to folder: String) throws {
    if FileTree.exists(folder), try !FileTree.names(in: folder).isEmpty {
      throw FileError("copy the template into", folder, reason: "the folder is not empty")
    }
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
          let checkout = FileTree.parent(of: FileTree.parent(of: starter))
          let dependency = ToolVersion.dependency ?? ".package(name: \"swift-sematic\", path: \"\(checkout)\")"
          let text = String(decoding: bytes, as: UTF8.self)
          bytes = Array(text.replacing(".package(name: \"swift-sematic\", path: \"../..\")", with: dependency).utf8)
        }
        try AtomicFile.write(bytes, to: "\(folder)\(inside)/\(name)", mode: status.mode & 0o100 == 0 ? 0o644 : 0o755)
      }
    }
    try FileTree.createDirectory(folder)
    try copy("")
  }
}
