import SematicFiles
import SematicOCI

/// The location of an image: in a registry, or on this machine's disk.
package enum ImageLocation: Equatable, Sendable {
  case registry(ImageReference)
  /// - Parameter name: the name or tag of an image; nil where there is only one.
  case disk(ImageFormat, path: String, name: String?)

  /// Parses an image reference, or `FORMAT:PATH[:NAME]`.
  /// - Throws: `MalformedValue`.
  package init(_ text: String) throws {
    guard let format = ImageFormat.allCases.first(where: { text.hasPrefix($0.rawValue + ":") }) else {
      do {
        self = .registry(try ImageReference(text))
      } catch is MalformedValue where FileTree.exists(text) || ImageReference.isPath(text) {
        let meant = Self.onDisk(text).map { [$0] } ?? ImageFormat.allCases.map { "\($0.rawValue):\(text)" }
        throw MalformedValue(
          kind: "image reference", value: text,
          expected: meant.joined(separator: " or ") + " for what is on this machine's disk")
      }
      return
    }
    let (path, name) = Self.split(String(text.dropFirst(format.rawValue.utf8.count + 1)), format: format)
    guard !path.isEmpty else {
      throw MalformedValue(kind: "image", value: text, expected: "\(format.rawValue):PATH[:NAME]")
    }
    self = .disk(format, path: path, name: name)
  }

  /// The location, as it should have been written, of the image on this machine's disk that a text names; nil where there
  /// is none, or where the text may be the name of something else.
  package static func onDisk(
    _ text: String, in folder: String? = nil, formats: [ImageFormat] = [.oci, .dockerArchive, .ociArchive]
  ) -> String? {
    let path = split(FileTree.absolute(text, from: folder), format: .oci).path
    let format = formats.first { format in
      format == .oci ? FileTree.exists(path + "/oci-layout") : (try? ImageArchive(path, format: format)) != nil
    }
    return format.map { "\($0.rawValue):\(text)" }
  }

  /// Splits `PATH[:NAME]`, after the longest path that exists.
  ///
  /// Where none does, at the last colon, or for docker-archive at the first.
  static func split(_ text: String, format: ImageFormat) -> (path: String, name: String?) {
    if FileTree.exists(text) { return (text, nil) }
    var splits: [(path: String, name: String?)] = []
    for colon in text.indices.reversed() where text[colon] == ":" && colon > text.startIndex {
      let name = text[text.index(after: colon)...]
      if !name.isEmpty { splits.append((String(text[..<colon]), String(name))) }
    }
    if let existing = splits.first(where: { FileTree.exists($0.path) }) { return existing }
    guard let split = format == .dockerArchive ? splits.last : splits.first(where: { !($0.name ?? "").contains("/") })
    else {
      return (text, nil)
    }
    return split
  }
}
