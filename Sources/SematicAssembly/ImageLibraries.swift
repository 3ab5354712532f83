import SematicELF
import SematicFiles
import SematicOCI

/// The libraries of a program: those that an image brings, and those that its base has to have.
package struct ImageLibraries: Equatable, Sendable {
  let closure: LibraryClosure
  /// The package's, the toolchain's, and of the system's all but the C and C++ libraries. A newer C++ library than the
  /// base's would ask for a newer C library.
  let brought: [LibraryClosure.Library]
  let fromBase: [LibraryClosure.Library]

  /// - Parameters:
  ///   - base: whether there is a base, and it has to have the system's libraries.
  ///   - system: what is known of the base.
  init(_ closure: LibraryClosure, base: (isThere: Bool, hasSystemLibraries: Bool), _ system: BaseSystem? = nil) {
    self.closure = closure
    let present = system?.isLocal == true ? system?.libraries : nil
    func isFromBase(_ library: LibraryClosure.Library) -> Bool {
      guard library.origin == .system, !Self.isOfCLibrary(library.name) else { return library.origin == .system }
      if base.isThere, base.hasSystemLibraries || Self.isDriver(library.name) { return true }
      return Self.isInEveryBase(library.name) && present?.contains(library.name) != false
    }
    brought = closure.libraries.filter { !isFromBase($0) }
    fromBase = closure.libraries.filter(isFromBase)
  }

  /// The names that the loader will look for in the base, without the C library's.
  var wanted: [String] {
    (closure.missing.map(\.name) + fromBase.map(\.name)).filter { !Self.isOfCLibrary($0) }
  }

  /// The names of the libraries that images of these settings take from their bases.
  package static func wanted(by programs: [ImageProgram], settings: ImageSettings) -> [String] {
    let names = programs.flatMap {
      ImageLibraries($0.libraries, base: (true, !settings.bringsSystemLibraries)).wanted
    }
    return Set(names).sorted()
  }

  /// The program and what comes with it.
  private var files: [(name: String, file: ElfFile)] {
    [(FileTree.name(of: closure.executable.path), closure.executable)] + brought.map { ($0.name, $0.file) }
  }

  /// The newest versions of symbols that a base has to have: `GLIBC_2.35`, `GLIBCXX_3.4.30`.
  /// - Parameter others: versions that something else than a program needs.
  static func requiredVersions(of programs: [ImageLibraries], and others: [String]) -> [String] {
    let versions =
      others
      + programs.flatMap { program in
        let own = Set(program.brought.map(\.name))
        return program.files.flatMap(\.file.versionNeeds).filter { !own.contains($0.library) }.map(\.version)
      }
    return BaseSystem.versionKinds.sorted().compactMap { LibraryClosure.newestVersion(in: versions, of: $0) }
  }

  /// The versions of symbols that the libraries of Python packages need of those that do not come with them.
  static func versions(neededBy packages: [PlannedFile], on platform: Platform) -> [String] {
    let machine = ElfMachine(architecture: platform.architecture)
    let files = packages.filter { FileTree.name(of: $0.path).contains(".so") }
    let own = Set(files.map { FileTree.name(of: $0.path) })
    // Some packages bring modules for several processors.
    return files.compactMap { file in file.source.flatMap { try? ElfFile($0.path) } }.filter { $0.machine == machine }
      .flatMap(\.versionNeeds).filter { !own.contains($0.library) }.map(\.version)
  }

  /// - Throws: `ImagePlanError` for a base whose C or C++ library is older than the program or one of its libraries needs.
  func check(_ base: BaseSystem) throws {
    let own = Set(brought.map(\.name))
    for kind in BaseSystem.versionKinds {
      let needs = files.compactMap { name, file in
        LibraryClosure.newestVersion(
          in: file.versionNeeds.filter { !own.contains($0.library) }.map(\.version), of: kind
        ).map { (name, $0) }
      }
      guard let present = base.newestVersion(of: kind),
        let newest = LibraryClosure.newestVersion(in: needs.map(\.1), of: kind), newest != present,
        LibraryClosure.newestVersion(in: [newest, present], of: kind) == newest,
        let user = needs.first(where: { $0.1 == newest })
      else { continue }
      throw ImagePlanError(.oldLibrary(neededBy: user.0, version: newest, base: base.name, present: present))
    }
  }

  /// Sentences about libraries that the base may not have.
  /// - Parameter base: nil where nobody knows what it has.
  func warnings(_ base: BaseSystem?) -> [String] {
    let own = Set(files.map(\.name))
    let base = base?.libraries == nil ? nil : base
    var warnings: [String] = []
    func warn(_ name: String, _ neededBy: [String], _ fact: String) {
      let users = neededBy.filter(own.contains)
      // What a library of the base needs comes with it.
      guard !users.isEmpty,
        base.map({ !Self.isOfCLibrary(name) && $0.libraries?.contains(name) != true })
          ?? !Self.isInEveryBase(name)
      else { return }
      let end =
        base.map { "not in the base \($0.name): the program cannot start" }
        ?? "\(fact): the program starts only if the base has it"
      warnings.append("\(name), which \(Self.list(users)), is \(end)")
    }
    for library in closure.missing { warn(library.name, library.neededBy, "nowhere on this machine") }
    for library in fromBase { warn(library.name, library.neededBy, "not brought along") }
    if let base, base.cLibrary == nil, closure.executable.interpreter != nil {
      warnings.append(
        "the base \(base.name) has no C library for \(FileTree.name(of: closure.executable.path)): it cannot start there"
      )
    }
    return warnings
  }

  private static func list(_ users: [String]) -> String {
    users.joined(separator: ", ") + (users.count == 1 ? " needs" : " need")
  }

  /// Whether a library belongs to the C library, with the loader: two of these do not get along in one program.
  static func isOfCLibrary(_ library: String) -> Bool {
    [
      "ld-linux", "ld64.so", "ld.so", "ld-musl", "libc.so", "libc.musl", "libm.so", "libmvec.so", "libdl.so",
      "libpthread.so", "librt.so", "libutil.so", "libresolv.so", "libanl.so", "libnss_files.so", "libnss_dns.so",
      "libnss_compat.so", "libBrokenLocale.so", "libthread_db.so", "linux-vdso", "linux-gate",
    ].contains { library.hasPrefix($0) }
  }

  /// Whether a library is part of the C or C++ runtime: not worth a warning.
  static func isInEveryBase(_ library: String) -> Bool {
    isOfCLibrary(library) || library.hasPrefix("libgcc_s.so") || library.hasPrefix("libstdc++.so")
  }

  /// Whether a library belongs to the driver of the machine that it runs on. Container runtimes put it into containers.
  private static func isDriver(_ library: String) -> Bool {
    ["libcuda.so", "libcudadebugger.so", "libnvcuvid.so", "libnvidia-"].contains { library.hasPrefix($0) }
  }
}
