/// Paths in an image, without the leading slash; "" is the root.
enum ImagePath {
  static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return ("", path) }
    return (String(path[..<slash]), String(path[path.utf8.index(after: slash)...]))
  }

  static func join(_ folder: String, _ name: String) -> String { folder.isEmpty ? name : folder + "/" + name }

  /// The names in it, without `.`. By bytes: in Swift's characters, a slash can be a part of another one.
  static func parts(_ text: String) -> [String] {
    text.utf8.split(separator: UInt8(ascii: "/")).map { String(Substring($0)) }.filter { $0 != "." }
  }

  static func isAbsolute(_ text: String) -> Bool { text.utf8.first == UInt8(ascii: "/") }

  /// Without `.`, doubled slashes and slashes at the ends; nil when `..` is in it.
  static func normalized(_ text: String) -> String? {
    let parts = parts(text)
    return parts.contains("..") ? nil : parts.joined(separator: "/")
  }
}
