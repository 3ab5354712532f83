import SematicOCI

/// A base image as it is understood: where it comes from, and the tag by which Sematic's functions choose it.
package struct BaseReference: Equatable, Sendable {
  package static let defaultTag = "default"
  /// The base that Sematic documents as its default.
  package static let defaultName = "worker-cuda"

  package let tag: String
  package let source: Source
  /// Nil where no descriptor was named.
  package let descriptor: BaseDescriptor?
  /// The text of the person who wrote it; the last part alone of a folder outside of the package.
  package let written: String

  /// Where the Python is that runs pipelines in Python.
  package var pythonPath: String { descriptor?.promises.pythonPath ?? BaseDescriptor.Promises.usualPythonPath }

  /// Refuses a platform that the base's descriptor does not describe, before anything is fetched.
  /// - Parameter location: the place where the platform was written, if it was.
  /// - Throws: `ConfigurationError`.
  package func check(_ wanted: Platform, at location: SourceLocation? = nil) throws {
    guard let platform = descriptor?.platform, !platform.satisfies(wanted) else { return }
    throw ConfigurationError(
      location, "the base '\(written)' is for \(platform), not for \(wanted)",
      hint: "choose another base, or describe one for \(wanted) in \(BaseCatalog.folderName)/NAME.json")
  }

  /// The place of a base's bytes.
  package enum Source: Equatable, Sendable {
    case registry(ImageReference)
    /// A folder in the OCI image layout.
    /// - Parameter path: absolute.
    /// - Parameter reference: the tag of an image in it; nil where it has only one.
    case layout(path: String, reference: String?)
    /// Nothing at all.
    case scratch
  }
}

extension BaseReference.Source {
  private static let layoutPrefix = "oci:"

  /// Reads `scratch`, `oci:PATH[:TAG]` or an image reference; the path stays as it is written.
  /// - Throws: `MalformedSetting`.
  init(_ text: String) throws {
    if text == "scratch" {
      self = .scratch
    } else if text.hasPrefix(Self.layoutPrefix) {
      var path = text.dropFirst(Self.layoutPrefix.count)
      var reference: String?
      if let colon = path.lastIndex(of: ":"), !path[colon...].contains("/") {
        reference = String(path[path.index(after: colon)...])
        path = path[..<colon]
      }
      guard !path.isEmpty, reference?.isEmpty != true else {
        throw MalformedSetting("'\(text)' is not a base: write oci:PATH or oci:PATH:TAG")
      }
      self = .layout(path: String(path), reference: reference)
    } else {
      guard !ImageReference.isPath(text) else {
        throw MalformedSetting(
          "'\(text)' is not a base: it is a path", hint: "for an OCI layout in that folder, write `oci:\(text)`")
      }
      do {
        self = .registry(try ImageReference(text))
      } catch let error as MalformedValue {
        throw MalformedSetting("'\(text)' is not a base: \(error)")
      }
    }
  }
}
