import SematicFiles
import SematicOCI
import SematicSystem

/// The outcome of a verb, for `--metadata-file` and for the verb's next step.
struct Metadata {
  struct Image {
    /// The base tag.
    let tag: String
    let pipeline: String
    /// `name@sha256:...`, or where the image lies on disk.
    let reference: String
    let bytesPushed: Int64
    /// What the file says of it.
    let document: JSONValue
  }

  let images: [Image]

  /// Refuses a place where the file cannot be written, or where something else is. Takes the images out of what an earlier
  /// call has written: a call that fails, or makes no image, has none.
  /// - Throws: `FileError`, `ForeignFile`.
  static func begin(_ file: String, isDryRun: Bool) throws {
    guard try hasOld(file), !isDryRun else { return }
    try Metadata(images: []).write(to: file, timings: Timings())
  }

  /// - Returns: whether an earlier call has written it.
  private static func hasOld(_ file: String) throws -> Bool {
    try AtomicFile.check(given: file)
    guard let status = try FileStatus.ifPresent(file), status.kind == .file, status.size > 0 else { return false }
    let old = try? decodeJSON(JSONValue.self, from: Data(FileTree.read(file)))
    guard old?["images"]?.array != nil, old?["bytesPushed"] != nil else { throw ForeignFile(path: file) }
    return true
  }

  /// Writes the file.
  /// - Throws: `FileError`, `ForeignFile`.
  func write(to file: String, timings: Timings) throws {
    // What was built or written since may be there.
    _ = try Self.hasOld(file)
    let document: [String: JSONValue] = [
      "images": .array(images.map(\.document)),
      "bytesPushed": .integer(images.reduce(0) { $0 + $1.bytesPushed }),
      // Wall-clock seconds, by step.
      "timings": .object(timings.seconds.mapValues { .number(($0 * 1000).rounded() / 1000) }),
    ]
    try AtomicFile.write(canonicalJSON(document, pretty: true) + Data("\n".utf8), given: file)
  }
}

/// A file that `--metadata-file` would overwrite, and that no such call has written.
struct ForeignFile: ExplainedError {
  let path: String

  var description: String { "--metadata-file would overwrite \(path), which is not a metadata file" }
  var hint: String? { "name another file, `--metadata-file .build/metadata.json`, or remove this one" }
  var isMisuse: Bool { true }
}
