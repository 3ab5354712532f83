import SematicFiles
import SematicSystem

/// Finds the libraries that a program needs as the loader would, but for any processor and without loading them.
///
/// https://man7.org/linux/man-pages/man8/ld.so.8.html
package struct LibraryResolver {
  package let folders: LibraryFolders

  package init(_ folders: LibraryFolders) { self.folders = folders }

  /// - Parameter additional: libraries that the program loads later: they and what they need are found as well.
  /// - Throws: `ElfError` when one of those named is no ELF file, `FileError`.
  package func resolve(_ executable: ElfFile, additional: [String] = []) throws -> LibraryClosure {
    var search = Search(folders: folders, executable: executable)
    for path in additional.sorted() { try search.add(path) }
    search.run()
    return search.closureWithLater()
  }

  /// An object that was found, with the way by which the loader came to it: RPATH is inherited along that.
  private struct Object {
    let file: ElfFile
    let origin: LibraryClosure.Origin
    let loader: Int?
  }

  private struct Search {
    let folders: LibraryFolders
    let executable: ElfFile
    let packageFolders: [String]
    let toolchainFolders: Set<String>
    let systemFolders: Set<String>
    var objects: [Object]
    var libraries: [LibraryClosure.Library] = []
    var missing: [LibraryClosure.Missing] = []
    /// By every name that the loader knows it by: what it was asked for as, and its own.
    var indices: [String: Int] = [:]
    var isFoundBesideExecutable = true

    init(folders: LibraryFolders, executable: ElfFile) {
      self.folders = folders
      self.executable = executable
      packageFolders = [FileTree.parent(of: executable.path)] + folders.package
      toolchainFolders = Set(folders.toolchain.map(LibraryResolver.resolved))
      systemFolders = Set(folders.system.map(LibraryResolver.resolved))
      objects = [Object(file: executable, origin: .package, loader: nil)]
    }

    /// What the package's own files load when they run is looked for last: it changes nothing of what was found.
    func closureWithLater() -> LibraryClosure {
      var search = self
      var later: [LibraryClosure.Later] = []
      // A static program cannot load anything.
      let own = executable.isStatic ? [] : objects.filter { $0.origin == .package }.flatMap(\.file.loads)
      for wanted in own where wanted.priority != "suggested" && !wanted.names.contains(where: { indices[$0] != nil }) {
        guard !later.contains(where: { $0.library.names == wanted.names }) else { continue }
        for name in wanted.names where search.indices[name] == nil {
          guard let (file, origin) = search.find(name, for: 0) else { continue }
          search.insert(file, as: name, origin: origin, loader: 0, neededBy: [FileTree.name(of: executable.path)])
          search.run(from: search.objects.count - 1)
          break
        }
        let start = wanted.names.lazy.compactMap { search.indices[$0] }.first
        let order = start.map { search.loadOrder($0, after: libraries.count) }
        later.append(.init(library: wanted, libraries: order ?? []))
      }
      return LibraryClosure(
        executable: executable, libraries: libraries, missing: missing,
        isFoundBesideExecutable: isFoundBesideExecutable, later: later)
    }

    /// The library at this index with those of a higher index than `count` that it needs, each after its own needs.
    func loadOrder(_ start: Int, after count: Int) -> [LibraryClosure.Library] {
      var (order, seen): ([Int], Set<Int>) = ([], [])
      var path: [(index: Int, isEntered: Bool)] = [(start, false)]
      while let (index, isEntered) = path.popLast() {
        if isEntered {
          order.append(index)
        } else if index >= count, seen.insert(index).inserted {
          path.append((index, true))
          path += libraries[index].file.needed.reversed().compactMap { indices[$0] }.map { ($0, false) }
        }
      }
      return order.map { libraries[$0] }
    }

    mutating func add(_ path: String) throws {
      let file = try ElfFile(path)
      guard file.machine == executable.machine else {
        throw MismatchedLibrary(path: path, machine: file.machine, executable: executable)
      }
      let name = FileTree.name(of: path)
      guard indices[name] == nil else { return }
      insert(file, as: name, origin: .package, loader: 0, neededBy: [])
    }

    /// Breadth first, as the loader does: what is found first stays.
    mutating func run(from start: Int = 0) {
      var next = start
      while next < objects.count {
        let object = objects[next]
        let requester = FileTree.name(of: next == 0 ? object.file.path : libraries[next - 1].name)
        for name in object.file.needed where name != executable.interpreter.map(FileTree.name(of:)) {
          if let index = indices[name] {
            if libraries[index].neededBy.last != requester { libraries[index].neededBy.append(requester) }
          } else if let index = missing.firstIndex(where: { $0.name == name }) {
            missing[index].neededBy.append(requester)
          } else if let (file, origin) = find(name, for: next) {
            insert(file, as: name, origin: origin, loader: next, neededBy: [requester])
          } else {
            missing.append(.init(name: name, neededBy: [requester]))
          }
        }
        next += 1
      }
    }

    private mutating func insert(
      _ file: ElfFile, as name: String, origin: LibraryClosure.Origin, loader: Int, neededBy: [String]
    ) {
      indices[name] = libraries.count
      if let soname = file.soname, indices[soname] == nil { indices[soname] = libraries.count }
      libraries.append(.init(name: name, origin: origin, file: file, neededBy: neededBy))
      objects.append(Object(file: file, origin: origin, loader: loader))
      if origin != .system && !neededBy.isEmpty && !searchesItsOwnFolder(loader) { isFoundBesideExecutable = false }
    }

    /// The folder lists that the loader reads for an object, with the object that names each: RUNPATH is for an
    /// object's own needs, RPATH also for those of what it loads, unless that has a RUNPATH.
    private func paths(for index: Int) -> [(folder: String, owner: Int)] {
      let object = objects[index]
      guard object.file.runpath.isEmpty else { return object.file.runpath.map { ($0, index) } }
      var paths: [(String, Int)] = []
      var current: Int? = index
      while let index = current {
        if objects[index].file.runpath.isEmpty { paths += objects[index].file.rpath.map { ($0, index) } }
        current = objects[index].loader
      }
      return paths
    }

    private func searchesItsOwnFolder(_ index: Int) -> Bool {
      paths(for: index).contains { folder, owner in
        // What the system's libraries name does not count: they do not lie beside the program.
        objects[owner].origin != .system && ["$ORIGIN", "${ORIGIN}", "$ORIGIN/", "$ORIGIN/."].contains(folder)
      }
    }

    private func find(_ name: String, for index: Int) -> (ElfFile, LibraryClosure.Origin)? {
      // A path is opened as it is, wherever the program lies: not among what is put beside it.
      if name.contains("/") { return name.hasPrefix("/") ? candidate(name, origin: nil).map { ($0.0, .system) } : nil }
      for (folder, owner) in paths(for: index) {
        guard let expanded = expand(folder, of: objects[owner].file) else { continue }
        let isOwn = objects[owner].origin == .package && folder.contains("ORIGIN")
        if let found = candidate(expanded + "/" + name, origin: isOwn ? .package : nil) { return found }
      }
      for folder in packageFolders {
        if let found = candidate(folder + "/" + name, origin: .package) { return found }
      }
      for folder in folders.toolchain {
        if let found = candidate(folder + "/" + name, origin: .toolchain) { return found }
      }
      for folder in folders.system {
        if let found = candidate(folder + "/" + name, origin: .system) { return found }
      }
      return nil
    }

    private func expand(_ folder: String, of file: ElfFile) -> String? {
      let own = FileTree.parent(of: file.path)
      let text = folder.replacing("${ORIGIN}", with: own).replacing("$ORIGIN", with: own)
      // $LIB and $PLATFORM, and a path relative to wherever the program happens to be started.
      guard text.hasPrefix("/"), !text.contains("$") else { return nil }
      return FileTree.absolute(text)
    }

    /// The file, if it is a library for the program's processor; the loader skips others, too.
    private func candidate(
      _ path: String, origin: LibraryClosure.Origin?
    ) -> (ElfFile, LibraryClosure.Origin)? {
      guard let file = try? ElfFile(path), file.machine == executable.machine, file.kind == .sharedObject else {
        return nil
      }
      let folder = LibraryResolver.resolved(FileTree.parent(of: path))
      if toolchainFolders.contains(folder) || folder.hasSuffix("/lib/swift/linux") { return (file, .toolchain) }
      if systemFolders.contains(folder) { return (file, .system) }
      return (file, origin ?? .system)
    }
  }

  private static func resolved(_ folder: String) -> String { (try? FileTree.resolved(folder)) ?? folder }
}
