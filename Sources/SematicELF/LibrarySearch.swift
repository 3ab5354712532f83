import SematicFiles

/// One search of the dynamic loader, round by round: what a round needs is looked up at once.
struct LibrarySearch {
  /// A program or library that was found, with the one for which it was loaded: RPATH is inherited along that.
  private struct LoadedObject {
    let file: ElfFile
    let origin: LibraryClosure.Origin
    let loader: Int?
  }

  /// A folder where the loader looks for an object's needs.
  private struct SearchFolder {
    let path: String
    let origin: LibraryClosure.Origin?
    /// Whether the loader opens what lies there. What `ldconfig` lists is known to be a library.
    let isOpened: Bool
  }

  private struct WantedLibrary {
    let name: String
    let loader: Int
    var neededBy: [String]
    var isRequired = true
    /// The places that have not been looked at.
    var places: ArraySlice<SearchFolder>
    var found: (file: ElfFile, origin: LibraryClosure.Origin)?
    var unusable: String?
  }

  private let program: ElfFile
  private let programFolder: String
  private let folders: LibraryFolders
  private let files: any FileLookup
  private let toolchainFolders: Set<String>
  private let systemFolders: Set<String>
  private var objects: [LoadedObject]
  private var libraries: [LibraryClosure.Library] = []
  private var missing: [LibraryClosure.Missing] = []
  /// By every name that the loader knows a library by: what it was asked for as, and its own.
  private var indices: [String: Int] = [:]
  private var missingIndices: [String: Int] = [:]
  private var steps = 0

  /// Large programs take some ten thousand steps and ten rounds.
  private static let stepLimit = 500_000
  private static let roundLimit = 200

  init(_ program: ElfFile, _ folders: LibraryFolders, _ files: any FileLookup) throws {
    self.program = program
    self.folders = folders
    self.files = files
    // The loader asks the kernel where the program lies, which answers without links.
    programFolder = FileTree.parent(of: try files.realPath(of: program.path) ?? program.path)
    toolchainFolders = Set(try folders.toolchain.map { try files.realPath(of: $0) ?? $0 })
    systemFolders = Set(try folders.system.map { try files.realPath(of: $0) ?? $0 })
    objects = [LoadedObject(file: program, origin: .package, loader: nil)]
  }

  mutating func add(_ path: String) throws {
    let file = try ElfFile(path)
    guard file.machine == program.machine else {
      throw MismatchedLibrary(path: path, machine: file.machine, executable: program)
    }
    let name = FileTree.name(of: path)
    guard indices[name] == nil else { return }
    insert(file, as: name, origin: .package, loader: 0, neededBy: [])
  }

  /// Breadth first, as the loader does: what is found first stays.
  mutating func run(from start: Int = 0, optional: [String] = []) throws {
    let loader = program.interpreter.map(FileTree.name(of:))
    var (next, rounds) = (start, 0)
    while next < objects.count {
      rounds += 1
      guard rounds <= Self.roundLimit else { throw endless }
      var wanted: [WantedLibrary] = []
      var positions: [String: Int] = [:]
      for index in next..<objects.count {
        let requester = name(of: index)
        let file = objects[index].file
        let names = file.needed + (index == 0 ? optional : [])
        let path = names.isEmpty ? [] : try searchPath(of: index)
        for (number, name) in names.enumerated() where name != loader {
          if let known = indices[name] {
            if libraries[known].neededBy.last != requester { libraries[known].neededBy.append(requester) }
          } else if let known = missingIndices[name] {
            missing[known].neededBy.append(requester)
          } else if let known = positions[name] {
            wanted[known].neededBy.append(requester)
          } else {
            positions[name] = wanted.count
            wanted.append(
              .init(
                name: name, loader: index, neededBy: [requester], isRequired: number < file.needed.count,
                places: try places(of: name, for: index, path)))
          }
        }
      }
      next = objects.count
      try find(&wanted)
      for library in wanted {
        if let known = indices[library.name] {
          // Another library of this round has that name.
          for requester in library.neededBy where libraries[known].neededBy.last != requester {
            libraries[known].neededBy.append(requester)
          }
        } else if let (file, origin) = library.found {
          insert(file, as: library.name, origin: origin, loader: library.loader, neededBy: library.neededBy)
        } else if library.isRequired {
          missingIndices[library.name] = missing.count
          missing.append(.init(name: library.name, neededBy: library.neededBy, unusable: library.unusable))
        }
      }
    }
  }

  /// What was found, with what the package's own files load at run time: that is looked for last and changes nothing.
  func closure() throws -> LibraryClosure {
    var search = self
    var result: [LibraryClosure.RuntimeLoaded] = []
    var seen: Set<[String]> = []
    // A static program cannot load anything.
    for (index, object) in objects.enumerated() where object.origin == .package && !program.isStatic {
      for note in object.file.dlopenNotes where note.priority != "suggested" {
        guard !note.names.contains(where: { indices[$0] != nil }), seen.insert(note.names).inserted else { continue }
        (search.missing, search.missingIndices) = ([], [:])
        if let (name, file, origin) = try search.find(note, for: index) {
          search.insert(file, as: name, origin: origin, loader: index, neededBy: [self.name(of: index)])
          try search.run(from: search.objects.count - 1)
        }
        let start = note.names.lazy.compactMap { search.indices[$0] }.first
        result.append(
          .init(
            note: note, loadedBy: name(of: index),
            libraries: start.map { search.loadOrder($0, after: libraries.count) } ?? [], missing: search.missing))
      }
    }
    return LibraryClosure(
      executable: program, libraries: libraries, missing: missing, runtimeLoaded: result)
  }

  /// The first of the names that is there; nil where one was found before.
  private mutating func find(
    _ note: DlopenNote, for index: Int
  ) throws -> (String, ElfFile, LibraryClosure.Origin)? {
    let path = try searchPath(of: index)
    for name in note.names {
      if indices[name] != nil { return nil }
      var places = try places(of: name, for: index, path)
      for folder in folders.bundled where try files.isFile("\(folder)/\(name).needs") {
        places.append(SearchFolder(path: folder, origin: .package, isOpened: false))
      }
      var wanted = [WantedLibrary(name: name, loader: index, neededBy: [], places: places)]
      try find(&wanted)
      if let (file, origin) = wanted[0].found { return (name, file, origin) }
    }
    return nil
  }

  /// The library at this index with those of a higher index than `count` that it needs, each after its own needs.
  private func loadOrder(_ start: Int, after count: Int) -> [LibraryClosure.Library] {
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

  private mutating func insert(
    _ file: ElfFile, as name: String, origin: LibraryClosure.Origin, loader: Int, neededBy: [String]
  ) {
    indices[name] = libraries.count
    if let soname = file.soname, indices[soname] == nil { indices[soname] = libraries.count }
    libraries.append(.init(name: name, origin: origin, file: file, neededBy: neededBy))
    objects.append(LoadedObject(file: file, origin: origin, loader: loader))
  }

  private func name(of index: Int) -> String {
    index == 0 ? FileTree.name(of: program.path) : libraries[index - 1].name
  }

  private var endless: ElfError {
    ElfError(path: program.path, reason: .malformed("it needs more libraries than a loader would look for"))
  }

  // MARK: - Where the loader looks

  /// What an object itself names: its RPATH and those of what loaded it, or its RUNPATH; with the object of each.
  private func ownFolders(of index: Int) -> (rpath: [(String, Int)], runpath: [(String, Int)]) {
    let object = objects[index]
    // A RUNPATH switches RPATH off, also those of the objects that loaded this one.
    guard object.file.runpath.isEmpty else { return ([], object.file.runpath.map { ($0, index) }) }
    var rpath: [(String, Int)] = []
    var current: Int? = index
    while let index = current {
      if objects[index].file.runpath.isEmpty { rpath += objects[index].file.rpath.map { ($0, index) } }
      current = objects[index].loader
    }
    return (rpath, [])
  }

  /// The folders in which an object's needs are looked for, in the loader's order.
  private mutating func searchPath(of index: Int) throws -> ArraySlice<SearchFolder> {
    let (rpath, runpath) = ownFolders(of: index)
    try spend(rpath.count + runpath.count)
    let file = objects[index].file
    let folder = FileTree.parent(of: file.path)
    // The program loads those by their paths before anything else asks for them.
    var path = folders.bundled.filter { index > 0 && $0 == folder }
      .map { SearchFolder(path: $0, origin: .package, isOpened: false) }
    for (folder, owner) in rpath { path += try expanded(folder, of: owner) }
    for folder in folders.libraryPath { path += try expanded(folder, of: 0) }
    for (folder, owner) in runpath { path += try expanded(folder, of: owner) }
    func append(_ folders: [String], _ origin: LibraryClosure.Origin) {
      path += folders.map { SearchFolder(path: $0, origin: origin, isOpened: false) }
    }
    append(folders.package, .package)
    append(folders.toolchain, .toolchain)
    if !file.hasNoDefaultFolders { append(folders.system, .system) }
    return path[...]
  }

  /// The places of one name. A name with a slash is a path, which is not searched for.
  private mutating func places(
    of name: String, for index: Int, _ path: ArraySlice<SearchFolder>
  ) throws -> ArraySlice<SearchFolder> {
    guard name.contains("/") else {
      try spend(path.count + 1)
      return path
    }
    return try expanded(FileTree.parent(of: name), of: index)[...]
  }

  private func expanded(_ folder: String, of owner: Int) throws -> [SearchFolder] {
    let origin = owner == 0 ? programFolder : FileTree.parent(of: objects[owner].file.path)
    let text = folder.replacing("${ORIGIN}", with: origin).replacing("$ORIGIN", with: origin)
    // The value of $LIB depends on how the loader was built.
    let libraries = [program.machine.multiarchName.map { "lib/" + $0 }, program.machine.is64Bit ? "lib64" : nil, "lib"]
    let texts =
      text.contains("$")
      ? libraries.compactMap { $0 }.map { text.replacing("${LIB}", with: $0).replacing("$LIB", with: $0) } : [text]
    let isOwn = objects[owner].origin == .package && folder.contains("ORIGIN")
    return try texts.filter { !$0.contains("$") }.compactMap { text in
      guard let whole = text.hasPrefix("/") ? text : folders.working.map({ "\($0)/\(text)" }) else { return nil }
      // Beyond a link, `..` leads elsewhere than the text says.
      let path = whole.contains("..") ? try files.realPath(of: whole) : FileTree.absolute(whole)
      return path.map { SearchFolder(path: $0, origin: isOwn ? .package : nil, isOpened: true) }
    }
  }

  private mutating func spend(_ count: Int) throws {
    steps += count
    guard steps <= Self.stepLimit else { throw endless }
  }

  // MARK: - Looking there

  /// Looks all wanted libraries up, the next place of each at once.
  private func find(_ wanted: inout [WantedLibrary]) throws {
    var open = Array(wanted.indices)
    while !open.isEmpty {
      var found: [(index: Int, place: SearchFolder, path: String)] = []
      for index in open {
        while let place = wanted[index].places.popFirst() {
          let path = (place.path == "/" ? "" : place.path) + "/" + FileTree.name(of: wanted[index].name)
          guard try files.isFile(path) else { continue }
          found.append((index, place, path))
          break
        }
      }
      let candidates = try files.elfFiles(at: found.map(\.path))
      open = []
      for ((index, place, path), candidate) in zip(found, candidates) {
        switch candidate {
        case .elf(let file) where file.machine != program.machine: open.append(index)
        case .elf(let file) where file.kind == .sharedObject:
          wanted[index].found = (file, try origin(of: path, place.origin))
        case _ where place.isOpened: wanted[index].unusable = path
        default: open.append(index)
        }
      }
    }
  }

  private func origin(of path: String, _ origin: LibraryClosure.Origin?) throws -> LibraryClosure.Origin {
    let folder = FileTree.parent(of: path)
    let real = try files.realPath(of: folder) ?? folder
    if toolchainFolders.contains(real) || real.hasSuffix("/lib/swift/linux") { return .toolchain }
    return systemFolders.contains(real) ? .system : origin ?? .system
  }
}
