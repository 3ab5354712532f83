import SematicELF
import SematicFiles

/// The files that make an image without a base a small system.
extension MachineSystem {
  /// Adds users, names and the locale. What the plan holds already (a pipeline's own file) stays.
  func addFiles(account: ImageAccount?, to planner: inout LayerPlanner) throws {
    func add(_ path: String, _ content: PlannedFile.Content, to kind: LayerPlan.Kind) throws {
      guard !planner.holds(path) else { return }
      try planner.add(PlannedFile(path: path, content: content, mode: 0o644), to: kind, owner: "/" + path)
    }
    // They follow the settings: the system's layer is the same for all.
    try add("etc/passwd", .bytes(Array(ImageAccount.users(with: account).utf8)), to: .program)
    try add("etc/group", .bytes(Array(ImageAccount.groups(with: account).utf8)), to: .program)
    if let account, let home = account.home {
      try planner.add(
        PlannedFile(path: home, content: .directory, mode: 0o700, owner: account.owner), to: .program,
        owner: "the home folder")
    }
    // Kubernetes writes /etc/hosts: it comes first.
    try add("etc/nsswitch.conf", .bytes(Array("passwd: files\ngroup: files\nhosts: files dns\n".utf8)), to: .system)
    for path in names where FileTree.exists(root + "/" + path) {
      try add(path, .file(SourceFile(root + "/" + path)), to: .system)
    }
    let locale = "usr/lib/locale/C.utf8"
    if FileTree.isDirectory(root + "/" + locale) {
      try planner.add(FolderFiles.list(root + "/" + locale, at: locale), to: .system, owner: "/" + locale)
    }
    try planner.add(PlannedFile(path: "tmp", content: .directory, mode: 0o1777), to: .system, owner: "/tmp")
    try planner.add(PlannedFile(path: "root", content: .directory, mode: 0o700), to: .system, owner: "/root")
  }

  /// The names of ports and protocols.
  private var names: [String] { ["etc/services", "etc/protocols"] }

  /// Adds the C library's tables of character sets, 8 MB, for programs that convert texts.
  func addCharacterSets(for closure: LibraryClosure, to planner: inout LayerPlanner) throws {
    let machine = closure.executable.machine
    let folders = [machine.multiarchName.map { "usr/lib/\($0)/gconv" }, "usr/lib64/gconv", "usr/lib/gconv"]
    for root in (otherRoot.map { [$0] } ?? []) + [root] {
      guard let folder = folders.compactMap({ $0 }).first(where: { FileTree.isDirectory("\(root)/\($0)") })
      else { continue }
      return try planner.add(FolderFiles.list("\(root)/\(folder)", at: folder), to: .characterSets, owner: "/" + folder)
    }
  }
}
