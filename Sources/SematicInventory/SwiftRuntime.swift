import SematicFiles
import SematicSystem

/// Swift's runtime libraries in a folder of a toolchain or of a Swift SDK.
package enum SwiftRuntime {
  /// The version, by the head of the standard library's interface: `// swift-compiler-version: Swift version 6.1 (...)`.
  /// - Parameter folder: `lib/swift/linux` of the toolchain.
  /// - Returns: nil where that cannot be read.
  package static func version(in folder: String) -> String? {
    let modules = folder + "/Swift.swiftmodule"
    let names = ((try? FileTree.names(in: modules)) ?? []).filter { $0.hasSuffix(".swiftinterface") }
    guard let name = names.first, let file = try? InputFile(modules + "/" + name) else { return nil }
    var head = [UInt8](repeating: 0, count: 512)
    let count = (try? head.withUnsafeMutableBytes { try file.read(into: $0) }) ?? 0
    let lines = String(decoding: head.prefix(count), as: UTF8.self).split(whereSeparator: \.isNewline)
    guard let line = lines.first(where: { $0.contains("swift-compiler-version:") }),
      let version = line.firstRange(of: "Swift version ").map({ line[$0.upperBound...].prefix { $0 != " " } })
    else { return nil }
    return version.isEmpty || version.utf8.count > 100 ? nil : String(version)
  }
}
