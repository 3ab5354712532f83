import SematicFiles

/// Lists a folder for a layer: all files, folders and links in it.
enum FolderFiles {
  enum LeavingLinks { case refused, leftOut }

  /// - Parameter place: of the folder itself in the image.
  /// - Throws: `ImagePlanError` for a link that leads out of the folder (what it leads to is not in the image), or
  ///   what no layer can hold; `FileError`.
  static func list(
    _ folder: String, at place: String, leavingLinks: LeavingLinks = .refused, excluding excluded: Set<String> = []
  ) throws -> [PlannedFile] {
    // The folder's own name may be a link.
    guard try FileStatus(of: folder).kind == .directory else {
      throw ImagePlanError(.content(path: folder, problem: "it is not a folder"))
    }
    var files = [PlannedFile(path: place, content: .directory, mode: WorkerFolders.mode(of: place))]
    func visit(_ relative: String) throws {
      for name in try FileTree.names(in: relative.isEmpty ? folder : folder + "/" + relative) {
        let inside = relative.isEmpty ? name : relative + "/" + name
        guard !excluded.contains(inside) else { continue }
        let (source, path) = (folder + "/" + inside, place + "/" + inside)
        let status = try FileStatus(of: source, followingLinks: false)
        switch status.kind {
        case .directory:
          files.append(PlannedFile(path: path, content: .directory, mode: WorkerFolders.mode(of: path)))
          try visit(inside)
        case .file:
          files.append(PlannedFile(path: path, content: .file(try SourceFile(source, status: status))))
        case .symbolicLink:
          let destination = try FileTree.destination(ofLink: source)
          if stays(destination, from: relative) {
            files.append(PlannedFile(path: path, content: .symbolicLink(destination)))
          } else if leavingLinks == .refused {
            let problem = "it is a symbolic link to \(destination), out of \(FileTree.name(of: folder))"
            throw ImagePlanError(.content(path: source, problem: problem))
          }
        case .other:
          throw ImagePlanError(.content(path: source, problem: "it is neither file nor folder nor symbolic link"))
        }
      }
    }
    try visit("")
    return files
  }

  /// Whether a link in the folder `relative` (of the listed one) leads to something in the listed one.
  private static func stays(_ destination: String, from relative: String) -> Bool {
    guard !destination.hasPrefix("/") else { return false }
    var depth = relative.split(separator: "/").count
    for part in destination.split(separator: "/") where part != "." {
      depth += part == ".." ? -1 : 1
      if depth < 0 { return false }
    }
    return true
  }
}
