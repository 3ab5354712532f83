import SematicELF
import SematicFiles
import SematicSystem

/// The parts of this machine's system that programs need in an image.
package struct MachineSystem: Equatable, Sendable {
  /// The time zones: Foundation traps when a named one is asked for and they are not there.
  package var timeZones: String
  package var certificates: Certificates
  var bringsOwnCertificates = true
  /// The folder that the files of a small system are taken from: the root, but in tests.
  package var root = ""
  /// The root of the system that a program for another processor was built for: what this machine does not have for
  /// that processor is taken from there.
  package var otherRoot: String?
  /// The folder of this tool's own runtime libraries, for programs that are linked statically and do not say theirs.
  package var runtime: String?
  /// Remembers what was found in programs; nil to remember nothing.
  package var searches: FileSearchCache?

  package init(
    timeZones: String, certificates: Certificates, runtime: String? = nil, searches: FileSearchCache? = nil
  ) {
    self.timeZones = timeZones
    self.certificates = certificates
    self.runtime = runtime
    self.searches = searches
  }

  package func remembering(in searches: FileSearchCache?) -> MachineSystem {
    var system = self
    system.searches = searches
    return system
  }

  package static let here = MachineSystem(
    timeZones: "/usr/share/zoneinfo", certificates: .here,
    runtime: (try? ElfFile("/proc/self/exe"))?.runpath.first { $0.hasSuffix(runtimeFolder) })

  private static let runtimeFolder = "/lib/swift/linux"

  /// Adds what an image without a base needs of the system for a program.
  /// - Throws: `ImagePlanError` when a library is missing, `FileError`.
  func add(_ closure: LibraryClosure, to planner: inout LayerPlanner) throws {
    if let missing = closure.missing.first {
      throw ImagePlanError(.missing(library: missing.name, neededBy: missing.neededBy))
    }
    try addCLibrary(closure, to: &planner)
  }

  /// Adds the loader, the C and the C++ library: all of it, whatever the program needs, so that the layer is the same for every
  /// program.
  private func addCLibrary(_ closure: LibraryClosure, to planner: inout LayerPlanner) throws {
    let program = closure.executable
    if let interpreter = program.interpreter {
      let loader = FileTree.absolute(interpreter)
      let places = [loader] + (otherRoot.map { [$0 + loader, $0 + "/usr" + loader] } ?? [])
      let file = places.lazy.compactMap { try? ElfFile($0) }.first { $0.machine == program.machine }
      guard let file else {
        throw ImagePlanError(.missing(library: interpreter, neededBy: [FileTree.name(of: program.path)]))
      }
      try planner.add(
        PlannedFile(path: String(loader.dropFirst()), content: .file(SourceFile(file.path)), mode: 0o755), to: .system,
        owner: "the loader \(interpreter)")
    }
    // Where the loader looks without any configuration.
    for library in closure.allLibraries
    where library.origin == .system && ImageLibraries.isInEveryBase(library.name) {
      try add(library.file.path, as: library.name, to: &planner)
    }
    guard let folder = Self.cLibraryFolder(closure) else { return }
    for name in Self.cLibrary where FileTree.exists(folder + "/" + name) {
      try add(folder + "/" + name, as: name, to: &planner)
    }
  }

  private static func cLibraryFolder(_ closure: LibraryClosure) -> String? {
    closure.libraries.first { $0.name.hasPrefix("libc.") }.map { FileTree.parent(of: $0.file.path) }
  }

  private func add(_ path: String, as name: String, to planner: inout LayerPlanner) throws {
    let place = name.hasPrefix("/") ? name : FileTree.parent(of: inside(path)) + "/" + name
    let file = PlannedFile(path: String(FileTree.absolute(place).dropFirst()), content: .file(try SourceFile(path)))
    try planner.add(file, to: .system, owner: "the library \(path)")
  }

  /// The path of a file in the system that it is of.
  func inside(_ path: String) -> String {
    guard let otherRoot, path.hasPrefix(otherRoot + "/") else { return path }
    return String(path.dropFirst(otherRoot.count))
  }

  /// With what the C library itself loads by name: the look-up of users and hosts.
  private static let cLibrary = [
    "libc.so.6", "libm.so.6", "libmvec.so.1", "libdl.so.2", "libpthread.so.0", "librt.so.1", "libresolv.so.2",
    "libutil.so.1", "libanl.so.1", "libnss_files.so.2", "libnss_dns.so.2", "libstdc++.so.6", "libgcc_s.so.1",
  ]

  // MARK: - Data

  /// Adds what a program's libraries read, where the base has none.
  /// - Parameter base: nil where nobody knows what the base has.
  /// - Returns: warnings.
  func addData(
    for program: ImageLibraries, aboveBase: Bool, _ base: BaseSystem?, to planner: inout LayerPlanner,
    notes: inout [String]
  ) throws -> [String] {
    let needs = try needs(of: program, aboveBase: aboveBase)
    let local = base?.isLocal == true ? base : nil
    var warnings: [String] = []
    // Those of a base that nobody can look into are replaced: they are the same data.
    if needs.zones, local?.hasTimeZones != true { warnings += try addTimeZones(to: &planner) }
    if needs.certificates {
      if !aboveBase || local?.hasCertificates == false {
        warnings += try addCertificates(to: &planner, notes: &notes)
      } else if local == nil {
        // Whom a base trusts, it decides itself; the entrypoint takes ours where it has none.
        try addCertificates(beside: WorkerFolders.runtimeLoaded, to: &planner, notes: &notes)
      }
    }
    if needs.characterSets { try addCharacterSets(for: program.closure, to: &planner) }
    return warnings
  }

  private func addTimeZones(to planner: inout LayerPlanner) throws -> [String] {
    guard FileTree.isDirectory(timeZones) else {
      return ["\(timeZones) is not on this machine: in the image, TimeZone(identifier:) fails"]
    }
    // posix and right repeat all of them, without and with leap seconds; localtime is this machine's own.
    let files = try FolderFiles.list(
      timeZones, at: "usr/share/zoneinfo", leavingLinks: .leftOut, excluding: ["posix", "right", "localtime"])
    for file in files where !planner.holds(file.path) { try planner.add(file, to: .timeZones, owner: timeZones) }
    return []
  }

  private func addCertificates(to planner: inout LayerPlanner, notes: inout [String]) throws -> [String] {
    guard let path = certificates.bundle else {
      return ["no certificate authorities are on this machine: in the image, https fails"]
    }
    try addCertificates(path, at: String(path.dropFirst()), to: &planner, notes: &notes)
    return []
  }

  /// Adds the certificate authorities to a folder of ours, as Sources/Sematic and the entrypoint know them.
  func addCertificates(beside folder: String, to planner: inout LayerPlanner, notes: inout [String]) throws {
    guard let path = certificates.bundle else { return }
    try addCertificates(path, at: "\(folder)/ca-certificates.crt", to: &planner, notes: &notes)
  }

  private func addCertificates(
    _ path: String, at place: String, to planner: inout LayerPlanner, notes: inout [String]
  ) throws {
    guard !planner.holds(place) else { return }
    let own = try certificates.added(to: path) { try occurring($0, in: $1) }
    if !own.isEmpty, bringsOwnCertificates {
      notes.append(
        "the image trusts the certificate authorities that were added to this machine's: \(own.joined(separator: ", "))"
      )
    }
    let content: PlannedFile.Content =
      try own.isEmpty || bringsOwnCertificates
      ? .file(SourceFile(path)) : .bytes(Certificates.text(of: path, without: own))
    try planner.add(PlannedFile(path: place, content: content, mode: 0o644), to: .certificates, owner: path)
  }

  /// A statically linked program names no libraries, but holds the paths that they would open.
  private func needs(
    of program: ImageLibraries, aboveBase: Bool
  ) throws -> (zones: Bool, certificates: Bool, characterSets: Bool) {
    let closure = program.closure
    let isDynamic = closure.executable.interpreter != nil
    // The C library reads them where TZ names one. Bases have them, or their programs do without.
    let zones = closure.asksFor("libFoundation") || isDynamic && !aboveBase
    let libraries = ["libFoundationNetworking", "libcurl", "libssl", "libgnutls"]
    let certificates = libraries.contains(where: closure.asksFor)
    let found = try mentions(of: closure.executable)
    let converts =
      try !aboveBase && isDynamic
      && (found.contains(Self.conversion)
        || program.brought.contains { library in
          try library.origin != .toolchain && !ImageLibraries.isInEveryBase(library.name)
            && !occurring([Self.conversion], in: library.file.path).isEmpty
        })
    return (
      zones || found.contains(Self.zonePath), certificates || !found.isDisjoint(with: Self.certificatePaths), converts
    )
  }

  private static let zonePath = "/usr/share/zoneinfo"
  private static let certificatePaths = ["/etc/ssl/certs", "/etc/pki/tls/certs"]
  /// Swift's runtime reads this variable.
  private static let backtraceVariable = "SWIFT_BACKTRACE"

  /// The C library's function that needs its tables of character sets.
  private static let conversion = "iconv_open"

  /// What a program holds that starts others, Foundation's `Process` included.
  private static let starters = ["posix_spawn", "popen", "/bin/sh", "10Foundation7ProcessC"]
  private static let opener = "dlopen"

  /// Sentences about what an image without a base may lack, which nobody can know.
  func hints(for closure: LibraryClosure) throws -> [String] {
    let found = try mentions(of: closure.executable)
    // With Swift's libraries in it, it holds all of Foundation, whatever it uses.
    guard !found.contains(Self.backtraceVariable) else { return [] }
    let name = FileTree.name(of: closure.executable.path)
    var hints: [String] = []
    if !found.isDisjoint(with: Self.starters) {
      hints.append(
        "\(name) may start other programs, and an image without a base has none: name them as "
          + "`data: [{from_system: /bin/sh}]`, or choose a base")
    }
    if found.contains(Self.opener), closure.executable.dlopenNotes.isEmpty {
      hints.append(
        "\(name) may load libraries by name, which do not come along without a base: name them as "
          + "`data: [{from_system: libz.so.1}]`")
    }
    return hints
  }

  /// All that is looked for in a program, at once, so that it is read once.
  private func mentions(of program: ElfFile) throws -> Set<String> {
    let texts =
      [Self.zonePath] + Self.certificatePaths + [Self.backtraceVariable, Self.conversion] + Self.starters + [
        Self.opener
      ]
    return Set(try occurring(texts, in: program.path, before: program.loadedEnd()))
  }

  private func occurring(_ texts: [String], in path: String, before end: Int64 = .max) throws -> [String] {
    try searches?.occurring(texts, in: path, before: end) ?? FileSearch.occurring(texts, in: path, before: end)
  }

  // MARK: - Backtraces

  /// Adds the toolchain's program that prints where another one crashed. It needs the C and C++ libraries.
  /// - Returns: whether the image has it.
  func addBacktracer(for closures: [LibraryClosure], aboveBase: Bool, to planner: inout LayerPlanner) throws -> Bool {
    for closure in closures where aboveBase || closure.executable.interpreter != nil {
      let own = closure.libraries(of: .toolchain).first.map { FileTree.parent(of: $0.file.path) }
      guard let folder = own ?? runtime, folder.hasSuffix(Self.runtimeFolder),
        try closure.asksFor("libswiftCore") || mentions(of: closure.executable).contains(Self.backtraceVariable)
      else { continue }
      let path = folder.dropLast(Self.runtimeFolder.count) + "/libexec/swift/linux/swift-backtrace-static"
      guard let program = try? ElfFile(String(path)), program.machine == closure.executable.machine else { continue }
      try planner.add(
        PlannedFile(path: WorkerFolders.backtracer, content: .file(SourceFile(program.path)), mode: 0o755),
        to: .backtracer, owner: "the program \(program.path)")
      return true
    }
    return false
  }
}
