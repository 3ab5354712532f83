import SematicFiles

/// The place in the image for data of the pipeline file.
enum Destination {
  /// - Returns: the path in the image, without the leading slash.
  /// - Throws: `ImagePlanError` for a place where nothing can be put.
  static func path(
    of item: ImageSettings.DataItem, in workingDirectory: String, aboveBase: Bool, owner: String
  ) throws -> String {
    let written =
      item.destination.hasSuffix("/") || item.destination.isEmpty
      ? item.destination + FileTree.name(of: item.source) : item.destination
    let absolute = FileTree.absolute(written, from: workingDirectory)
    let parts = absolute.split(separator: "/")
    func refuse(_ problem: String) -> ImagePlanError {
      ImagePlanError(.place(path: absolute, item: owner, problem: problem))
    }
    guard !absolute.utf8.contains(0) else { throw refuse("it has a zero byte") }
    guard let first = parts.first else { throw refuse("it is the root folder") }
    if ["proc", "sys", "dev"].contains(first) {
      throw refuse("/\(first) belongs to the kernel while the container runs")
    }
    // In most distributions these are symbolic links, which a layer would replace by a folder.
    if aboveBase, ["bin", "sbin", "lib", "lib32", "lib64", "libx32"].contains(first) {
      throw refuse("/\(first) is a symbolic link in most bases; use /usr/\(first)")
    }
    if aboveBase, first == "var", parts.count > 1, ["run", "lock"].contains(parts[1]) {
      throw refuse("/var/\(parts[1]) is a symbolic link in most bases; use /run")
    }
    return parts.joined(separator: "/")
  }

  static func name(of item: ImageSettings.DataItem) -> String { "the data \(item.source)" }
}
