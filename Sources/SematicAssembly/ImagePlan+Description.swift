import SematicFiles
import SematicSystem

extension ImagePlan: CustomStringConvertible {
  /// The whole plan as text, for people. A value of the base or of a label does not begin a line of its own.
  package var description: String {
    var lines = ["platform: \(platform)", "entrypoint: \(entrypoint.map(Self.quoted).joined(separator: " "))"]
    lines.append("working directory: \(workingDirectory)")
    if let user { lines.append("user: \(user)") }
    lines += Self.section("environment", environment)
    lines += Self.section("labels", labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })
    lines += Self.section("annotations", annotations.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })
    for layer in layers {
      let files = layer.files.count { $0.content != .directory }
      lines.append("layer \(layer.kind.rawValue): \(files) file\(files == 1 ? "" : "s"), \(ByteCount(layer.size))")
      lines += Self.lines(of: layer)
    }
    if !requiredVersions.isEmpty {
      lines.append("needs of the base: at least \(requiredVersions.joined(separator: ", "))")
    }
    lines += notes
    lines += warnings.map { "warning: \($0)" }
    return lines.map { $0.printable + "\n" }.joined()
  }

  private static func lines(of layer: LayerPlan) -> [String] {
    var lines: [String] = []
    let zones = "usr/share/zoneinfo/"
    let folded = layer.kind == .timeZones ? layer.files.filter { $0.path.hasPrefix(zones) } : []
    for file in layer.files where folded.isEmpty || !file.path.hasPrefix(zones) {
      lines.append(line(of: file))
      if file.path + "/" == zones {
        let size = LayerPlan(kind: layer.kind, files: folded).size
        lines.append("                     and \(folded.count) files and folders in it, \(ByteCount(size))")
      }
    }
    return lines
  }

  private static func line(of file: PlannedFile) -> String {
    let mode = String(file.mode, radix: 8)
    let size = file.size.map { ByteCount($0).description } ?? "-"
    let columns = pad(mode, 6) + " " + pad(size, 10) + "  /" + file.path
    switch file.content {
    case .directory:
      let owner = file.owner == .root ? "" : " of \(file.owner.user):\(file.owner.group)"
      return columns + "/" + owner
    case .symbolicLink(let destination): return columns + " -> " + destination
    case .file, .bytes: return columns
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
}
