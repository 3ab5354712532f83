import SematicFiles
import SematicSystem

/// The distribution of a system: https://www.freedesktop.org/software/systemd/man/latest/os-release.html
package struct SystemRelease: Equatable, Sendable {
  /// `debian`
  package let identifier: String?
  /// `12`
  package let version: String?

  package init(_ text: String) {
    var fields: [String: String] = [:]
    for line in text.split(whereSeparator: \.isNewline) {
      guard let equals = line.firstIndex(of: "=") else { continue }
      let value = line[equals...].dropFirst().trimmed
      fields[String(line[..<equals])] = value.filter { $0 != "\"" && $0 != "'" }
    }
    func word(_ name: String) -> String? {
      fields[name].flatMap { $0.isEmpty || $0.utf8.count > 100 ? nil : $0 }
    }
    (identifier, version) = (word("ID"), word("VERSION_ID"))
  }

  package static func read(root: String = "") -> SystemRelease {
    let bytes = ["/etc/os-release", "/usr/lib/os-release"].lazy
      .compactMap { try? FileTree.read(root + $0, limit: 1 << 16) }.first
    return SystemRelease(String(decoding: bytes ?? [], as: UTF8.self))
  }
}
