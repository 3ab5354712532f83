import SematicFiles
import SematicSystem

/// A Python package as pip has installed it, by its `.dist-info` folder.
///
/// https://packaging.python.org/en/latest/specifications/recording-installed-packages/
package struct PythonDistribution: Equatable, Sendable {
  package let name: String
  package let version: String?
  /// The paths of its files in the image.
  package let files: [String]

  /// The distributions among files.
  /// - Parameters:
  ///   - paths: the paths of all files of the folder of packages, in the image.
  ///   - text: reads a file; nil where it is not there.
  package static func list(among paths: [String], text: (String) -> [UInt8]?) -> [PythonDistribution] {
    let present = Set(paths)
    var taken: Set<String> = []
    var informations: [String: [String]] = [:]
    for path in paths { if let folder = information(path) { informations[folder, default: []].append(path) } }
    return informations.sorted { $0.key < $1.key }.map { folder, own in
      let files = record(text(folder + "/RECORD") ?? [], in: FileTree.parent(of: folder)) + own
      let (name, version) = Self.metadata(text(folder + "/METADATA") ?? [], of: FileTree.name(of: folder))
      // What two packages claim belongs to the first one.
      return PythonDistribution(
        name: name, version: version, files: files.filter { present.contains($0) && taken.insert($0).inserted })
    }
  }

  /// Whether the list is made of a file's content.
  package static func reads(_ path: String) -> Bool {
    information(path).map { path == $0 + "/METADATA" || path == $0 + "/RECORD" } ?? false
  }

  /// The `.dist-info` folder that a path is directly in.
  private static func information(_ path: String) -> String? {
    let folder = FileTree.parent(of: path)
    return folder.hasSuffix(".dist-info") ? folder : nil
  }

  /// Name and version by the head of METADATA; where that is no use, by the folder's name.
  private static func metadata(_ bytes: [UInt8], of folder: String) -> (name: String, version: String?) {
    var fields: [String: String] = [:]
    for line in bytes.prefix(64 << 10).split(separator: 10, omittingEmptySubsequences: false) {
      let text = String(decoding: line, as: UTF8.self).trimmed
      // The description follows.
      if text.isEmpty { break }
      guard let colon = text.firstIndex(of: ":") else { continue }
      let name = text[..<colon].lowercased()
      if fields[name] == nil { fields[name] = text[colon...].dropFirst().trimmed }
    }
    let stem = folder.dropLast(".dist-info".count)
    let dash = stem.lastIndex(of: "-") ?? stem.endIndex
    let isName = fields["name"].map { isWord($0, limit: 200) } ?? false
    let name = isName ? fields["name"] ?? "" : String(stem[..<dash])
    let version = fields["version"].flatMap { isWord($0, limit: 200) ? $0 : nil } ?? String(stem[dash...].dropFirst())
    return (name.isEmpty ? folder : name, version.isEmpty ? nil : version)
  }

  private static func isWord(_ text: String, limit: Int) -> Bool {
    !text.isEmpty && text.utf8.count <= limit
      && text.utf8.allSatisfy { byte in
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || "-_.+!".utf8.contains(byte)
      }
  }

  /// The paths of RECORD, which is CSV: `name,hash,size`, or `"na,me",hash,size`.
  private static func record(_ bytes: [UInt8], in folder: String) -> [String] {
    bytes.split(whereSeparator: { $0 == 10 || $0 == 13 }).compactMap { line in
      let quote = UInt8(ascii: "\"")
      var path: [UInt8]
      if line.first == quote {
        guard let end = line.lastIndex(of: quote), end > line.startIndex else { return nil }
        path = Array(line[(line.startIndex + 1)..<end])
        while let double = path.firstRange(of: [quote, quote]) { path.replaceSubrange(double, with: [0]) }
        path = path.map { $0 == 0 ? quote : $0 }
      } else {
        path = Array(line.prefix { $0 != UInt8(ascii: ",") })
      }
      let name = String(decoding: path, as: UTF8.self)
      return name.isEmpty ? nil : String(FileTree.absolute("/\(folder)/\(name)").dropFirst())
    }
  }
}
