import SematicFiles

/// The scratch folders in which the verbs of all tests build, so that ImageTool is compiled twice, and not for each package.
package enum VerbScratch {
  /// Where the packages lie that are built in them.
  package static let home = repository + "/.build/verbs"
  /// For the starter package of `PluginTests`.
  package static let path = home + "/scratch"
  /// For other packages, beside those verbs.
  package static let other = home + "/other"
  package static let repository = FileTree.parent(of: FileTree.parent(of: FileTree.parent(of: #filePath)))

  /// ImageTool as the plugins use it; there after the first verb.
  package static func tool() throws -> String {
    let folder = try FileTree.resolved(path + "/debug")
    let names = ["ImageTool-tool", "ImageTool"].map { folder + "/" + $0 }
    guard let path = names.first(where: FileTree.exists) else {
      throw ChildProcess.Failure("there is no ImageTool in \(folder)")
    }
    return path
  }
}
