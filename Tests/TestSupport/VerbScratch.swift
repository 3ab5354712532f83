import SematicFiles

/// The scratch folder in which the verbs of all tests build, so that ImageTool is compiled once for them.
package enum VerbScratch {
  /// Where the packages lie that are built in it.
  package static let home = repository + "/.build/verbs"
  package static let path = home + "/scratch"
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
