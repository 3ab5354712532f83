import ArgumentParser
import SematicFiles
import SematicSystem

final class CleanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clean", abstract: "Remove cached layers, bases and Python packages of a package.",
    discussion:
      "Everything that it removes is made or fetched again when it is needed. Images stay, unless --images is given.")

  @Option(
    help: ArgumentHelp("The package's folder. Default: the current one, or one above it.", valueName: "folder"))
  var packagePath: String?

  @Flag(help: "Also remove images: those below .build, and those of the embedded registry.")
  var images = false

  func run() throws {
    let package = try Workspace.package(packagePath)
    if package == nil, let packagePath { throw MisplacedPackage(reason: .none(in: FileTree.absolute(packagePath))) }
    let state = try StateFolder(package: package, isNamed: packagePath != nil)
    let freed = try state.clean(images: images)
    try Console(talk: .normal, host: nil).data("removed \(ByteCount(freed)) from \(state.path)")
  }
}
