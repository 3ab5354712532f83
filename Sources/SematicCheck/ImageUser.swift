import SematicOCI

/// The user that a container of an image runs as, and what it may do with a file.
package struct ImageUser: Equatable, Sendable {
  package let name: String
  package let number: Int64
  package let groups: Set<Int64>
  /// As /etc/passwd has it; nil for a number that is not in there.
  package let home: String?

  /// Finds `USER`, `NUMBER`, or either with `:GROUP`, as runtimes do.
  /// - Returns: nil when the image does not know the user or group.
  package init?(_ text: String?, passwd: String, group: String) {
    let parts = (text ?? "0").split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let written = parts[0].isEmpty ? "0" : parts[0]
    let users = Self.lines(passwd, fields: 6)
    let asNumber = Int64(written).flatMap { (0...Int64(UInt32.max)).contains($0) ? $0 : nil }
    // A name that looks like a number is a name first.
    let user = users.first { $0[0] == written } ?? users.first { asNumber != nil && Int64($0[2]) == asNumber }
    guard let number = user.flatMap({ Int64($0[2]) }) ?? asNumber else { return nil }
    self.number = number
    home = user.flatMap { $0[5].isEmpty ? nil : $0[5] }
    let name = user?[0] ?? written
    self.name = name
    let list = Self.lines(group, fields: 3)
    if parts.count == 2, !parts[1].isEmpty {
      guard let own = list.first(where: { $0[0] == parts[1] }).flatMap({ Int64($0[2]) }) ?? Int64(parts[1]) else {
        return nil
      }
      groups = [own]
    } else {
      let named = list.filter { line in
        line.count > 3 && user != nil && line[3].split(separator: ",").contains { $0 == name }
      }
      groups = Set([user.flatMap { Int64($0[3]) } ?? 0] + named.compactMap { Int64($0[2]) })
    }
  }

  private static func lines(_ text: String, fields: Int) -> [[String]] {
    text.split(whereSeparator: \.isNewline).compactMap { line in
      let parts = line.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
      return parts.count >= fields && !line.hasPrefix("#") ? parts : nil
    }
  }

  package enum FilePermission: UInt16, Sendable { case execute = 1, write = 2, read = 4 }

  /// As the kernel decides. Root may do everything but execute what nobody may.
  package func may(_ access: FilePermission, _ entry: ListedFile) -> Bool {
    if number == 0 { return access != .execute || entry.kind == .directory || entry.mode & 0o111 != 0 }
    let shift: UInt16 = entry.owner == number ? 6 : groups.contains(entry.group) ? 3 : 0
    return entry.mode >> shift & access.rawValue != 0
  }
}

extension ImageTree {
  /// Whether a user gets to what lies at a path that has no links: each folder above it must let it through.
  func isReachable(_ place: String, for user: ImageUser) throws -> Bool {
    // The root itself lets everybody through; few layers describe it, and all would have to be read to be sure.
    var folder = ImagePath.split(place).folder
    while !folder.isEmpty {
      defer { folder = ImagePath.split(folder).folder }
      guard let found = try entry(at: folder), user.may(.execute, found.entry) else { return false }
    }
    return true
  }

  /// Why a user may not write in a folder; nil when it may.
  func obstacle(toWritingIn folder: String, for user: ImageUser) throws -> String? {
    let found: FoundFile
    switch try resolve(folder) {
    case .missing(let path): return "\(folder) does not exist" + (same(path, folder) ? "" : ": /\(path) is missing")
    case .loop: return "\(folder) is a loop of links"
    case .notAFolder(let path): return "/\(path) is not a folder"
    case .found(let place):
      guard place.entry.kind == .directory else { return "\(folder) is not a folder" }
      found = place
    }
    guard user.may(.write, found.entry), user.may(.execute, found.entry) else {
      let mode = String(found.entry.mode, radix: 8)
      return
        "\(folder) belongs to \(found.entry.owner):\(found.entry.group) with mode \(mode): user \(user.name) cannot write to it"
    }
    return try isReachable(found.path, for: user) ? nil : "user \(user.name) cannot reach \(folder)"
  }

  private func same(_ path: String, _ folder: String) -> Bool { "/" + path == folder }
}
