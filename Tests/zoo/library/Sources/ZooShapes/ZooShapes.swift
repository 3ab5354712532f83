import Foundation

/// A text from the bundle of a dynamic library.
public enum ZooShapes {
  /// Said when there is no bundle, too.
  public static var text: String {
    let file = Bundle.module.url(forResource: "shapes", withExtension: "txt")
    return (try? file.map { try String(contentsOf: $0, encoding: .utf8) }) ?? "no resource\n"
  }
}
