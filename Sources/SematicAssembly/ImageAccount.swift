import SematicFiles
import SematicSystem

/// The owner of a file in an image, by numbers.
package struct FileOwner: Hashable, Sendable {
  package var user: UInt32
  package var group: UInt32

  package static let root = FileOwner(user: 0, group: 0)
}

/// The user of an image's settings, `name[:group]`, with its entries in the files of users and groups.
struct ImageAccount {
  private static let known: [String: UInt32] = ["root": 0, "nobody": 65534, "nogroup": 65534]
  /// The number of a user or group that has only a name.
  private static let usual: UInt32 = 1000

  let owner: FileOwner
  private let name: String
  private let groupName: String

  init(_ text: String) {
    let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
    func number(_ name: String) -> UInt32? { UInt32(name) ?? Self.known[name] }
    let user = parts.first ?? "root"
    let group = parts.count > 1 ? parts[1] : user
    owner = FileOwner(user: number(user) ?? Self.usual, group: number(group) ?? Self.usual)
    name = UInt32(user) == nil ? user : "user"
    groupName = UInt32(group) == nil ? group : name
  }

  /// The owner by numbers alone; nil where a base has to know a name.
  static func owner(byNumbers text: String) -> FileOwner? {
    text.split(separator: ":").allSatisfy { UInt32($0) != nil } ? ImageAccount(text).owner : nil
  }

  private var isUsual: Bool { [0, 65534].contains(owner.user) }

  /// The home, without the leading slash.
  var home: String? { isUsual ? nil : "home/\(name)" }

  private static let users =
    "root:x:0:0:root:/root:/sbin/nologin\nnobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin\n"
  private static let groups = "root:x:0:\nnogroup:x:65534:\n"

  /// The text of `/etc/passwd`.
  static func users(with account: ImageAccount?) -> String {
    guard let account, let home = account.home else { return users }
    return users + "\(account.name):x:\(account.owner.user):\(account.owner.group)::/\(home):/sbin/nologin\n"
  }

  /// The text of `/etc/group`.
  static func groups(with account: ImageAccount?) -> String {
    guard let account, !known.values.contains(account.owner.group) else { return groups }
    return groups + "\(account.groupName):x:\(account.owner.group):\n"
  }
}
