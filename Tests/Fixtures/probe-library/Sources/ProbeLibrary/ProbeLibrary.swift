import Foundation

/// A dynamic library with a resource.
public enum ProbeLibrary {
  /// What the resource says.
  public static func note() throws -> String {
    try String(contentsOf: Bundle.module.bundleURL.appendingPathComponent("note.txt"), encoding: .utf8)
  }
}
