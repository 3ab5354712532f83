import ArgumentParser
import FileSystem
import Templates

struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Write a commented sematic.yaml beside Package.swift.")

  @Option(help: ArgumentHelp("The package's folder. Default: the current one.", valueName: "folder"))
  var packagePath: String = "."

  func run() throws {
    let folder = FileTree.absolute(packagePath)
    guard FileTree.exists(folder + "/Package.swift") else {
      throw FileError("find Package.swift in", folder, reason: "it is not there")
    }
    let path = folder + "/sematic.yaml"
    guard !FileTree.exists(path) else { throw FileError("write", path, reason: "it exists already") }
    try AtomicFile.write(FileTree.read(Templates.file("sematic.yaml")), to: path)
    Console(talk: .normal, host: nil).data(path)
  }
}
