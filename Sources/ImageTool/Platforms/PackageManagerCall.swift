import SematicFiles
import SematicSystem

/// The options in front of a verb, of which SwiftPM tells no plugin: read from its process, where the system lets us.
struct PackageManagerCall: Equatable, Sendable {
  /// The value of `--swift-sdk`.
  var swiftSDK: String?
  /// The value of `--swift-sdks-path`.
  var sdksPath: String?

  /// The call of the verb that this process is part of; nil where there is none, or it cannot be read.
  static let current: PackageManagerCall? = {
    #if os(Linux)
      var process = getppid()
      // This process is what a plugin became, or was started by it.
      for _ in 0..<3 {
        let words = Self.words("/proc/\(process)/cmdline", separator: 0)
        if words.first.map({ FileTree.name(of: $0) })?.hasPrefix("swift-package") == true {
          return PackageManagerCall(words)
        }
        // The name of a program can have blanks and parentheses: what counts comes after it.
        let status = Self.words("/proc/\(process)/stat", separator: UInt8(ascii: ")")).last ?? ""
        guard let parent = status.split(separator: " ").dropFirst().first.flatMap({ pid_t($0) }), parent > 1 else {
          return nil
        }
        process = parent
      }
    #endif
    return nil
  }()

  private static func words(_ path: String, separator: UInt8) -> [String] {
    let bytes = FileManager.default.contents(atPath: path) ?? Data()
    return bytes.split(separator: separator).map { String(decoding: $0, as: UTF8.self) }
  }

  init(_ words: [String]) {
    func value(_ name: String) -> String? {
      for (index, word) in words.enumerated() {
        if word == "--" { return nil }
        if word == name, index + 1 < words.count { return words[index + 1] }
        if word.hasPrefix(name + "=") { return String(word.dropFirst(name.count + 1)) }
      }
      return nil
    }
    swiftSDK = value("--swift-sdk")
    sdksPath = value("--swift-sdks-path")
  }
}
