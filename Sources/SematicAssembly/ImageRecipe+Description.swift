import SematicFiles
import SematicSystem

extension LayerRecipe {
  /// For the image's history: the same for every image.
  package var createdBy: String { "swift-sematic: \(kind.rawValue)" }

  /// In bytes, of all files.
  package var size: Int64 { entries.reduce(0) { $0 + ($1.size ?? 0) } }
}

extension LayerEntry {
  /// In bytes; nil for a folder, a link, and a file that is not there any more.
  package var size: Int64? {
    switch content {
    case .file, .stripped: try? pieces(status()).reduce(0) { $0 + $1.size }
    case .bytes(let bytes): Int64(bytes.count)
    case .directory, .symbolicLink: nil
    }
  }

  /// The permission bits that it will have.
  package var effectiveMode: UInt16 {
    if let mode { return mode }
    switch content {
    case .file(let path), .stripped(let path):
      return ((try? FileStatus(of: path))?.mode ?? 0) & 0o100 == 0 ? 0o644 : 0o755
    case .bytes: return 0o644
    case .directory: return 0o755
    case .symbolicLink: return 0o777
    }
  }
}

extension ImageRecipe: CustomStringConvertible {
  /// The whole plan as text, for people.
  package var description: String {
    var lines = ["platform: \(platform)", "entrypoint: \(entrypoint.map(Self.quoted).joined(separator: " "))"]
    lines.append("working directory: \(workingDirectory)")
    if let user { lines.append("user: \(user)") }
    lines += Self.section("environment", environment)
    lines += Self.section("labels", labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })
    lines += Self.section("annotations", annotations.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })
    for layer in layers {
      let files = layer.entries.count { $0.content != .directory }
      lines.append("layer \(layer.kind.rawValue): \(files) file\(files == 1 ? "" : "s"), \(Self.bytes(layer.size))")
      lines += Self.lines(of: layer)
    }
    if !requiredVersions.isEmpty {
      lines.append("needs of the base: at least \(requiredVersions.joined(separator: ", "))")
    }
    lines += warnings.map { "warning: \($0)" }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func lines(of layer: LayerRecipe) -> [String] {
    var lines: [String] = []
    let zones = "usr/share/zoneinfo/"
    let folded = layer.kind == .system ? layer.entries.filter { $0.path.hasPrefix(zones) } : []
    for entry in layer.entries where folded.isEmpty || !entry.path.hasPrefix(zones) {
      lines.append(line(of: entry))
      if entry.path + "/" == zones {
        let size = folded.reduce(0) { $0 + ($1.size ?? 0) }
        lines.append("                     and \(folded.count) files and folders in it, \(bytes(size))")
      }
    }
    return lines
  }

  private static func line(of entry: LayerEntry) -> String {
    let mode = String(entry.effectiveMode, radix: 8)
    let size = entry.size.map(bytes) ?? "-"
    let columns = pad(mode, 6) + " " + pad(size, 10) + "  /" + entry.path
    switch entry.content {
    case .directory: return columns + "/"
    case .symbolicLink(let destination): return columns + " -> " + destination
    case .file, .stripped, .bytes: return columns
    }
  }

  private static func section(_ name: String, _ lines: [String]) -> [String] {
    lines.isEmpty ? [] : ["\(name):"] + lines.map { "  " + $0 }
  }

  private static func pad(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }

  private static func quoted(_ text: String) -> String {
    text.contains(where: { " \t\n\"'$\\".contains($0) }) ? "\"\(text)\"" : text
  }

  /// As `12.3 MB`, in powers of 1000.
  private static func bytes(_ count: Int64) -> String {
    guard count >= 1000 else { return "\(count) B" }
    let (unit, divisor): (String, Int64) =
      count < 1_000_000 ? ("kB", 1000) : count < 1_000_000_000 ? ("MB", 1_000_000) : ("GB", 1_000_000_000)
    let tenths = (count / (divisor / 10))
    return "\(tenths / 10).\(tenths % 10) \(unit)"
  }
}
