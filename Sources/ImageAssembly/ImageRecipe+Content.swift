import FileSystem
import OCI

extension ImageRecipe {
  /// The program with its libraries, bundles and script.
  static func addProgram(
    _ artifacts: ProductArtifacts, _ closure: LibraryClosure, script: String?, to plan: inout RecipePlan
  ) throws {
    let folder = WorkerFolders.programs
    try plan.add(
      [
        LayerEntry(path: WorkerFolders.root, content: .directory, mode: 0o755),
        LayerEntry(path: folder, content: .directory, mode: WorkerFolders.mode(of: folder)),
      ], to: .program, owner: "the program's folder")
    try plan.add(
      LayerEntry(path: "\(folder)/\(artifacts.product)", content: .file(artifacts.executable), mode: 0o755),
      to: .program, owner: "the program \(artifacts.product)")
    if let script {
      try plan.add(
        LayerEntry(path: WorkerFolders.entrypoint, content: .bytes(Array(script.utf8)), mode: 0o755), to: .program,
        owner: "the entrypoint")
    }
    for library in closure.libraries where library.origin != .system {
      try plan.add(
        LayerEntry(path: "\(folder)/\(FileTree.name(of: library.name))", content: .file(library.file.path)),
        to: library.origin == .toolchain ? .runtime : .libraries, owner: "the library \(library.file.path)")
    }
    var seen: Set<String> = []
    for bundle in artifacts.resourceBundles.map({ FileTree.absolute($0) }) where seen.insert(bundle).inserted {
      let place = "\(folder)/\(FileTree.name(of: bundle))"
      // Two folders at one place would be one.
      if let present = plan.owner(of: place) {
        throw RecipeError(.collision(path: place, first: present, second: "the resource bundle \(bundle)"))
      }
      let entries = try FolderEntries.list(bundle, at: place)
      try plan.add(entries, to: .data, owner: "the resource bundle \(bundle)")
    }
  }

  static func addData(
    _ settings: ImageSettings, in workingDirectory: String, aboveBase: Bool, to plan: inout RecipePlan
  ) throws {
    for item in settings.data {
      let path = try Destination.path(of: item, in: workingDirectory, aboveBase: aboveBase)
      let isFolder = try FileStatus(of: item.source).kind == .directory
      let entries =
        isFolder
        ? try FolderEntries.list(item.source, at: path) : [LayerEntry(path: path, content: .file(item.source))]
      try plan.add(entries, to: .data, owner: Destination.name(of: item))
    }
  }

  static func environment(
    _ settings: ImageSettings, _ base: ImageConfiguration?, _ closure: LibraryClosure
  ) -> [String] {
    var result = base ?? ImageConfiguration(platform: Platform(architecture: ""))
    for (name, value) in settings.environment.sorted(by: { $0.key < $1.key }) { result.setEnvironment(name, value) }
    let path = result.environmentValue("PATH").flatMap { $0.isEmpty ? nil : $0 }
    result.setEnvironment("PATH", leading(path ?? WorkerFolders.defaultPath))
    if !closure.isFoundBesideExecutable {
      result.setEnvironment("LD_LIBRARY_PATH", leading(result.environmentValue("LD_LIBRARY_PATH") ?? ""))
    }
    // No script can look for a usable home there, and the user may be any number: /tmp is writable for all.
    if base == nil, result.environmentValue("HOME") == nil { result.setEnvironment("HOME", "/tmp") }
    return result.environment
  }

  /// The list of folders with the programs' folder in front, once. Empty parts, which mean the current folder, go.
  private static func leading(_ list: String) -> String {
    let own = "/" + WorkerFolders.programs
    let others = list.split(separator: ":").filter { $0 != own && $0 != own + "/" }
    return ([Substring(own)] + others).joined(separator: ":")
  }

  /// Above a base: what neither we bring nor every base has.
  static func warnings(about closure: LibraryClosure) -> [String] {
    let own = Set(
      [FileTree.name(of: closure.executable.path)] + closure.libraries.filter { $0.origin != .system }.map(\.name))
    var warnings = closure.missing.compactMap { library -> String? in
      let users = library.neededBy.filter(own.contains)
      guard !users.isEmpty, !isInEveryBase(library.name) else { return nil }
      return
        "\(library.name), which \(list(users)), is nowhere on this machine: the program starts only if the base has it"
    }
    // What a library of the system needs comes with it.
    for library in closure.libraries where library.origin == .system && !isInEveryBase(library.name) {
      let users = library.neededBy.filter(own.contains)
      guard !users.isEmpty else { continue }
      warnings.append(
        "\(library.name), which \(list(users)), is neither in the package nor in the toolchain: the program starts "
          + "only if the base has it")
    }
    return warnings
  }

  private static func list(_ users: [String]) -> String {
    users.joined(separator: ", ") + (users.count == 1 ? " needs" : " need")
  }

  /// The loader and the C and C++ runtime.
  private static func isInEveryBase(_ library: String) -> Bool {
    [
      "ld-linux", "ld64.so", "ld.so", "ld-musl", "libc.so", "libc.musl", "libm.so", "libdl.so", "libpthread.so",
      "librt.so",
      "libutil.so", "libresolv.so", "libanl.so", "libgcc_s.so", "libstdc++.so", "linux-vdso", "linux-gate",
    ].contains { library.hasPrefix($0) }
  }
}
