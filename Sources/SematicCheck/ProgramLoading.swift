import SematicAssembly
import SematicELF

/// What the loader would find for a program in an image, and what it would not.
struct ProgramLoading {
  struct Object {
    let path: String
    let file: ElfFile
    let mentions: [String]
    let loader: Int?
  }

  /// The program, then its libraries as the loader comes to them.
  private(set) var objects: [Object] = []
  /// Names of libraries that are nowhere in the image, with what needs them.
  private(set) var missing: [(name: String, neededBy: String)] = []
  /// `GLIBC_2.35`, with the library that does not have it and what needs it.
  private(set) var missingVersions: [(version: String, library: String, neededBy: String)] = []
  /// What is not there of the libraries that the program loads when it runs, as sentences.
  private(set) var laterProblems: [String] = []
  /// The newest version of the C library's symbols in the image: `GLIBC_2.36`.
  private(set) var cLibraryVersion: String?

  private let files: ImageFiles
  private let folders: [String]
  private var indices: [String: Int] = [:]
  /// From where on objects are there only for what the program loads when it runs.
  private var laterStart = Int.max

  private static let objectLimit = 2000

  /// - Parameter environment: the image's LD_LIBRARY_PATH.
  init(_ program: ImageTree.Found, _ file: ElfFile, mentions: [String], libraryPath: String?, in files: ImageFiles)
    throws
  {
    self.files = files
    // For a program without libraries no layer is to be read for them.
    let isAlone = file.needed.isEmpty && mentions.isEmpty
    folders = isAlone ? [] : try Self.folders(for: file, libraryPath: libraryPath, in: files)
    objects = [Object(path: program.path, file: file, mentions: mentions, loader: nil)]
    try run(from: 0)
    try loadLater()
    checkVersions()
  }

  /// The folder beside the program's own that Sources/CSematic/beside.c looks into.
  var laterFolder: String {
    let folder = ImagePath.split(objects[0].path).folder
    return "/" + ImagePath.join(ImagePath.split(folder).folder, "lib")
  }

  private mutating func loadLater() throws {
    laterStart = objects.count
    let program = objects[0]
    for wanted in program.file.loads where !program.file.isStatic && wanted.priority != "suggested" {
      guard !wanted.names.contains(where: { indices[$0] != nil }) else { continue }
      var found: (name: String, place: ImageTree.Found)?
      for name in wanted.names where found == nil {
        let isListed = try files.tree.resolve("\(laterFolder)/\(name).needs").found != nil
        let beside = isListed ? try files.tree.resolve("\(laterFolder)/\(name)").found : nil
        found = try (candidates(name, for: 0) + [beside].compactMap { $0 }).first.map { (name, $0) }
      }
      guard let (name, place) = found, case .elf(let file, let mentions) = try files.fact(of: place) else {
        let use = wanted.feature.map { " for \($0)" } ?? ""
        laterProblems.append("\(wanted.names[0]), which \(ImagePath.split(program.path).name) loads\(use)")
        continue
      }
      indices[name] = objects.count
      objects.append(Object(path: place.path, file: file, mentions: mentions, loader: 0))
      try run(from: objects.count - 1)
    }
  }

  /// Round by round, so that each layer is read once for all libraries of a round.
  private mutating func run(from start: Int) throws {
    var next = start
    while next < objects.count {
      var wanted: [(name: String, loader: Int, candidates: [ImageTree.Found])] = []
      var names: Set<String> = []
      for index in next..<objects.count {
        let file = objects[index].file
        let loader = objects[0].file.interpreter.map { ImagePath.split($0).name }
        // What a program loads only when it has to speak https is judged where it is there.
        let isSilent = index == 0 && file.loads.isEmpty
        let loaded = file.needed + (isSilent ? objects[0].mentions.filter { $0.contains(".so") } : [])
        for name in loaded where name != loader && indices[name] == nil && names.insert(name).inserted {
          wanted.append((name, index, try candidates(name, for: index)))
        }
      }
      next = objects.count
      guard objects.count + wanted.count <= Self.objectLimit else { return }
      _ = try files.facts(of: wanted.flatMap { $0.candidates.prefix(1) })
      for (name, loader, candidates) in wanted {
        let found = try candidates.first { candidate in
          guard case .elf(let file, _) = try files.fact(of: candidate) else { return false }
          return file.machine == objects[0].file.machine && file.kind == .sharedObject
        }
        guard let found, case .elf(let file, let mentions) = try files.fact(of: found) else {
          if !objects[loader].file.needed.contains(name) { continue }
          let requester = ImagePath.split(objects[loader].path).name
          if loader >= laterStart {
            laterProblems.append("\(name), which \(requester) needs")
          } else {
            missing.append((name, requester))
          }
          continue
        }
        indices[name] = objects.count
        if let soname = file.soname, indices[soname] == nil { indices[soname] = objects.count }
        objects.append(Object(path: found.path, file: file, mentions: mentions, loader: loader))
      }
    }
  }

  private mutating func checkVersions() {
    cLibraryVersion =
      indices["libc.so.6"].flatMap { Self.newest(objects[$0].file.versionDefinitions, of: "GLIBC") }
    for (index, object) in objects.enumerated() {
      for need in object.file.versionNeeds {
        // A library without any versions satisfies all, with a warning of the loader.
        guard let found = indices[need.library], case let library = objects[found].file,
          !library.versionDefinitions.isEmpty, !library.versionDefinitions.contains(need.version)
        else { continue }
        let requester = ImagePath.split(object.path).name
        if index >= laterStart {
          laterProblems.append("\(need.version) of \(need.library), which \(requester) needs")
        } else {
          missingVersions.append((need.version, need.library, requester))
        }
      }
    }
  }

  /// All files of that name where the loader looks, in its order.
  private func candidates(_ name: String, for index: Int) throws -> [ImageTree.Found] {
    if name.utf8.contains(UInt8(ascii: "/")) { return try [files.tree.resolve(name).found].compactMap { $0 } }
    var seen: Set<String> = []
    // What lies there is loaded before anything else of the same name.
    let beside = index >= laterStart && "/" + ImagePath.split(objects[index].path).folder == laterFolder
    return try (ownFolders(of: index) + (beside ? [laterFolder] : []) + folders).compactMap { folder in
      guard let found = try files.tree.resolve(folder + "/" + name).found, found.entry.kind == .file,
        seen.insert(found.path).inserted
      else { return nil }
      return found
    }
  }

  /// RUNPATH is for an object's own needs, RPATH also for those of what it loads, unless that has a RUNPATH.
  private func ownFolders(of index: Int) -> [String] {
    func expanded(_ folders: [String], _ object: Object) -> [String] {
      let origin = "/" + ImagePath.split(object.path).folder
      return folders.map {
        $0.replacing("${ORIGIN}", with: origin).replacing("$ORIGIN", with: origin)
      }.filter { ImagePath.isAbsolute($0) && !$0.contains("$") }
    }
    if !objects[index].file.runpath.isEmpty { return expanded(objects[index].file.runpath, objects[index]) }
    var result: [String] = []
    var current: Int? = index
    while let index = current {
      if objects[index].file.runpath.isEmpty { result += expanded(objects[index].file.rpath, objects[index]) }
      current = objects[index].loader
    }
    return result
  }

  /// Where the loader looks for every library: https://man7.org/linux/man-pages/man8/ld.so.8.html
  private static func folders(for program: ElfFile, libraryPath: String?, in files: ImageFiles) throws -> [String] {
    let given = (libraryPath ?? "").split(separator: ":").map(String.init).filter(ImagePath.isAbsolute)
    let multiarch = program.machine.multiarchNames.flatMap { ["/lib/" + $0, "/usr/lib/" + $0] }
    let wide = program.machine.is64Bit ? ["/lib64", "/usr/lib64"] : []
    return given + (try configured("/etc/ld.so.conf", in: files)) + multiarch + wide + [
      "/lib", "/usr/lib", "/usr/local/lib",
    ]
  }

  private static func configured(_ path: String, in files: ImageFiles) throws -> [String] {
    var folders: [String] = []
    for line in (try files.text(path) ?? "").split(whereSeparator: \.isNewline) {
      let words = line.prefix { $0 != "#" }.split { $0 == " " || $0 == "\t" || $0 == "," }.map(String.init)
      if words.first == "include" {
        // Everybody has `/etc/ld.so.conf.d/*.conf` here, and nothing else.
        for pattern in words.dropFirst() where pattern.hasSuffix("/*.conf") {
          let folder = ImagePath.isAbsolute(pattern) ? String(pattern.dropLast(7)) : "/etc/" + pattern.dropLast(7)
          guard let place = try files.tree.resolve(folder).found, place.entry.kind == .directory else { continue }
          for name in try files.tree.names(in: place.path).prefix(200) where name.hasSuffix(".conf") {
            folders += (try files.text("\(folder)/\(name)") ?? "").split(whereSeparator: \.isNewline)
              .map { $0.prefix { $0 != "#" }.filter { $0 != " " && $0 != "\t" } }.filter(ImagePath.isAbsolute)
          }
        }
      } else {
        folders += words.filter(ImagePath.isAbsolute)
      }
    }
    return folders
  }

  /// The newest version of a kind: `GLIBC_2.36` of GLIBC.
  static func newest(_ versions: [String], of kind: String) -> String? {
    versions.compactMap { version -> ([Int], String)? in
      guard version.hasPrefix(kind + "_") else { return nil }
      let numbers = version.dropFirst(kind.count + 1).split(separator: ".").map { Int($0) ?? -1 }
      return numbers.contains(-1) ? nil : (numbers, version)
    }.max { $0.0.lexicographicallyPrecedes($1.0) }?.1
  }
}
