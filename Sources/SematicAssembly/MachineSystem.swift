import SematicELF
import SematicFiles
import SematicOCI
import SematicSystem

/// The parts of this machine's system that programs need in an image.
package struct MachineSystem: Hashable, Sendable {
  /// The time zones: Foundation traps when a named one is asked for and they are not there.
  package var timeZones: String
  /// Certificate authorities for https: the first that is there is taken, to the place that libraries know it by.
  package var certificates: [String]
  /// The folder of this tool's own runtime libraries, for programs that are linked statically and do not say theirs.
  package var runtime: String?
  /// Remembers what was found in programs; nil to remember nothing.
  package var searches: FileSearchCache?

  package init(
    timeZones: String, certificates: [String], runtime: String? = nil, searches: FileSearchCache? = nil
  ) {
    self.timeZones = timeZones
    self.certificates = certificates
    self.runtime = runtime
    self.searches = searches
  }

  package func remembering(in searches: FileSearchCache?) -> MachineSystem {
    MachineSystem(timeZones: timeZones, certificates: certificates, runtime: runtime, searches: searches)
  }

  package static let here = MachineSystem(
    timeZones: "/usr/share/zoneinfo",
    certificates: [
      "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
      "/etc/ssl/cert.pem",
    ], runtime: (try? ElfFile("/proc/self/exe"))?.runpath.first { $0.hasSuffix(runtimeFolder) })

  private static let runtimeFolder = "/lib/swift/linux"

  static let users = ["root", "nobody"]

  /// Adds what an image without a base needs of the system. What the plan holds already (a pipeline's own file) stays.
  /// - Throws: `ImagePlanError` when a library is missing, `FileError`.
  func add(_ closure: LibraryClosure, to planner: inout LayerPlanner) throws {
    if let missing = closure.missing.first {
      throw ImagePlanError(.missing(library: missing.name, neededBy: missing.neededBy))
    }
    try addCLibrary(closure, to: &planner)
    for (path, text) in Self.configuration where !planner.holds(path) {
      try planner.add(
        PlannedFile(path: path, content: .bytes(Array(text.utf8)), mode: 0o644), to: .system, owner: "/" + path)
    }
    try planner.add(PlannedFile(path: "tmp", content: .directory, mode: 0o1777), to: .system, owner: "/tmp")
    try planner.add(PlannedFile(path: "root", content: .directory, mode: 0o700), to: .system, owner: "/root")
  }

  /// Adds the loader and the C library: all of it, whatever the program needs, so that the layer is the same for every
  /// program.
  private func addCLibrary(_ closure: LibraryClosure, to planner: inout LayerPlanner) throws {
    let program = closure.executable
    if let interpreter = program.interpreter {
      let loader = FileTree.absolute(interpreter)
      guard let file = try? ElfFile(loader), file.machine == program.machine else {
        throw ImagePlanError(.missing(library: interpreter, neededBy: [FileTree.name(of: program.path)]))
      }
      try planner.add(
        PlannedFile(path: String(loader.dropFirst()), content: .file(SourceFile(loader)), mode: 0o755), to: .system,
        owner: "the loader \(interpreter)")
    }
    // Where the loader looks without any configuration.
    for library in closure.allLibraries
    where library.origin == .system && ImageLibraries.isOfCLibrary(library.name) {
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
    let place = name.hasPrefix("/") ? name : FileTree.parent(of: path) + "/" + name
    let file = PlannedFile(path: String(FileTree.absolute(place).dropFirst()), content: .file(try SourceFile(path)))
    try planner.add(file, to: .system, owner: "the library \(path)")
  }

  /// With what the C library itself loads by name: the look-up of users and hosts.
  private static let cLibrary = [
    "libc.so.6", "libm.so.6", "libmvec.so.1", "libdl.so.2", "libpthread.so.0", "librt.so.1", "libresolv.so.2",
    "libutil.so.1", "libanl.so.1", "libnss_files.so.2", "libnss_dns.so.2",
  ]

  // MARK: - Data

  /// Adds what a program's libraries read, where the base has none.
  /// - Parameter base: nil where nobody knows what the base has.
  /// - Returns: warnings.
  func addData(
    for closure: LibraryClosure, above configuration: ImageConfiguration?, _ base: BaseSystem?,
    to planner: inout LayerPlanner
  ) throws -> [String] {
    let needs = try needs(of: closure)
    let local = base?.isLocal == true ? base : nil
    var warnings: [String] = []
    // Those of a base that nobody can look into are replaced: they are the same data.
    if needs.zones, local?.hasTimeZones != true { warnings += try addTimeZones(to: &planner) }
    if needs.certificates {
      if configuration == nil || local?.hasCertificates == false {
        warnings += try addCertificates(to: &planner)
      } else if local == nil {
        // Whom a base trusts, it decides itself; the entrypoint takes ours where it has none.
        try addCertificates(beside: WorkerFolders.runtimeLoaded, to: &planner)
      }
    }
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

  private func addCertificates(to planner: inout LayerPlanner) throws -> [String] {
    guard let path = authorities else {
      return ["no certificate authorities are on this machine: in the image, https fails"]
    }
    try addCertificates(path, at: String(path.dropFirst()), to: &planner)
    return []
  }

  /// Adds the certificate authorities to a folder of ours, as Sources/Sematic and the entrypoint know them.
  func addCertificates(beside folder: String, to planner: inout LayerPlanner) throws {
    guard let path = authorities else { return }
    try addCertificates(path, at: "\(folder)/ca-certificates.crt", to: &planner)
  }

  private func addCertificates(_ path: String, at place: String, to planner: inout LayerPlanner) throws {
    guard !planner.holds(place) else { return }
    try planner.add(
      PlannedFile(path: place, content: .file(SourceFile(path)), mode: 0o644), to: .certificates, owner: path)
  }

  /// This machine's bundle of certificate authorities.
  private var authorities: String? { certificates.first(where: FileTree.exists) }

  /// A statically linked program names no libraries, but holds the paths that they would open.
  private func needs(of closure: LibraryClosure) throws -> (zones: Bool, certificates: Bool) {
    let zones = closure.asksFor("libFoundation")
    let libraries = ["libFoundationNetworking", "libcurl", "libssl", "libgnutls"]
    let certificates = libraries.contains(where: closure.asksFor)
    if zones && certificates { return (true, true) }
    let found = try mentions(of: closure.executable)
    return (zones || found.contains(Self.zonePath), certificates || !found.isDisjoint(with: Self.certificatePaths))
  }

  private static let zonePath = "/usr/share/zoneinfo"
  private static let certificatePaths = ["/etc/ssl/certs", "/etc/pki/tls/certs"]
  /// Swift's runtime reads this variable.
  private static let backtraceVariable = "SWIFT_BACKTRACE"

  /// All that is looked for in a program, at once, so that it is read once.
  private func mentions(of program: ElfFile) throws -> Set<String> {
    let texts = [Self.zonePath] + Self.certificatePaths + [Self.backtraceVariable]
    let end = try program.loadedEnd()
    return Set(
      try searches?.occurring(texts, in: program.path, before: end)
        ?? FileSearch.occurring(texts, in: program.path, before: end))
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
      // It does not look where the libraries of our programs are.
      guard !aboveBase, let system = Self.cLibraryFolder(closure) else { return true }
      for name in program.needed where planner.holds("\(WorkerFolders.programs)/\(name)") {
        let place = String("\(system)/\(name)".dropFirst())
        try planner.add(
          PlannedFile(path: place, content: .symbolicLink("/\(WorkerFolders.programs)/\(name)")), to: .system,
          owner: "the library \(name)")
      }
      return true
    }
    return false
  }

  private static let configuration = [
    (
      "etc/passwd",
      "root:x:0:0:root:/root:/sbin/nologin\nnobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin\n"
    ),
    ("etc/group", "root:x:0:\nnogroup:x:65534:\n"),
    // Kubernetes writes /etc/hosts: it comes first.
    ("etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n"),
  ]
}
