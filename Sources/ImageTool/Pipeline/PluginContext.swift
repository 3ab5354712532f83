import SematicFiles
import SematicOCI
import SematicSystem

/// The plugin's facts before anything is built, as its `BuildContext` writes them.
///
/// What was built is added to the same file, and read as `ProductArtifacts`.
struct PluginContext: Decodable, Sendable {
  struct Package: Decodable, Sendable {
    let name: String
    let directory: String
  }

  let package: Package
  let workDirectory: String
  let executableProducts: [String]

  /// - Throws: `FileError`.
  init(file: String) throws {
    let bytes = try FileTree.read(file)
    do {
      self = try decodeJSON(from: Data(bytes))
    } catch {
      throw FileError("read", file, reason: "it is not the JSON that the plugins write")
    }
  }

  /// SwiftPM hands the options that it understands itself on to the plugin as well, before `--`.
  static func withoutPackageManagerOptions(_ arguments: [String]) -> [String] {
    let flags: Set = ["--disable-sandbox", "--allow-writing-to-package-directory"]
    let options: Set = ["--allow-network-connections", "--allow-writing-to-directory", "--package"]
    let end = arguments.firstIndex(of: "--") ?? arguments.endIndex
    var kept: [String] = []
    var index = arguments.startIndex
    while index < end {
      let argument = arguments[index]
      if options.contains(argument) {
        index += 1
      } else if !flags.contains(argument), !options.contains(where: { argument.hasPrefix($0 + "=") }) {
        kept.append(argument)
      }
      index += 1
    }
    return kept + arguments[end...]
  }
}
