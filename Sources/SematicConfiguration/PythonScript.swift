import SematicFiles
import SematicSystem

/// A launch script in Python, and what comes with it into the image.
package struct PythonScript: Equatable, Sendable {
  package let file: PackageFile
  /// The folders that modules are imported from, by their paths in the package; "" is the package itself.
  package let importRoots: [String]
  /// Every executable product of the package: steps in Python may call them.
  package let products: [String]
  let package: PackageFolder
  /// The files of `src`; nil for those that the package has.
  let listed: [DataFile]?
  let excluded: [Glob]
  /// The files of `data`: they are where it says, and nowhere else.
  let data: Set<String>
  /// The place of what decides about the sources.
  let location: SourceLocation

  /// More than this has to be asked for.
  private static let limit: Int64 = 100_000_000

  /// The sources, with the script among them, in the order of their paths.
  /// - Throws: `ConfigurationError` for too many, `FileError`.
  package func sources() throws -> [DataFile] {
    let found =
      try listed
      ?? PackageSources.files(of: package, script: file.relativePath).map {
        DataFile(source: package.path + "/" + $0, destination: nil, relativePath: $0)
      }
    let sources = found.filter { source in
      source.relativePath == file.relativePath
        || !data.contains(source.relativePath) && !excluded.contains { $0.covers(source.relativePath) }
    }
    if listed == nil { try check(sources) }
    return sources
  }

  private func check(_ sources: [DataFile]) throws {
    let sizes = try sources.map { try FileStatus(of: $0.source).size }
    let size = sizes.reduce(Int64(0)) { $0.addingClamped($1) }
    guard size > Self.limit else { return }
    let sorted = zip(sources, sizes).sorted { $0.1 > $1.1 }.prefix(3)
    let largest = sorted.map { file, size in "\(file.relativePath) (\(ByteCount(size)))" }
    throw ConfigurationError(
      location,
      "the files that come along with the script have \(ByteCount(size)), more than \(ByteCount(Self.limit)); the largest "
        + "are \(largest.joined(separator: ", "))",
      hint: "name what the script needs with 'src', leave files out with 'exclude', or name large ones in 'data'")
  }
}
