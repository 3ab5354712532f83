import SematicELF
import SematicFiles

/// The parts of this machine's system that an image without a base needs so that its program runs.
package struct ScratchSystem: Hashable, Sendable {
  /// The time zones: Foundation traps when a named one is asked for and they are not there.
  package var timeZones: String
  /// Certificate authorities for https: the first that is there is taken, to the place that libraries know it by.
  package var certificates: [String]
  /// Remembers what was found in programs; nil to remember nothing.
  package var searches: FileSearchCache?

  package init(timeZones: String, certificates: [String], searches: FileSearchCache? = nil) {
    self.timeZones = timeZones
    self.certificates = certificates
    self.searches = searches
  }

  package func remembering(in searches: FileSearchCache?) -> ScratchSystem {
    ScratchSystem(timeZones: timeZones, certificates: certificates, searches: searches)
  }

  package static let here = ScratchSystem(
    timeZones: "/usr/share/zoneinfo",
    certificates: [
      "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
      "/etc/ssl/cert.pem",
    ])

  static let users = ["root", "nobody"]

  /// Adds to the plan; what it holds already (a pipeline's own certificates, say) stays.
  /// - Returns: warnings.
  /// - Throws: `ImagePlanError` when a library is missing, `FileError`.
  func add(_ closure: LibraryClosure, to planner: inout LayerPlanner) throws -> [String] {
    if let missing = closure.missing.first {
      throw ImagePlanError(.missing(library: missing.name, neededBy: missing.neededBy))
    }
    try addLibraries(closure, to: &planner)
    for (path, text) in Self.configuration where !planner.holds(path) {
      try planner.add(
        PlannedFile(path: path, content: .bytes(Array(text.utf8)), mode: 0o644), to: .system, owner: "/" + path)
    }
    try planner.add(PlannedFile(path: "tmp", content: .directory, mode: 0o1777), to: .system, owner: "/tmp")
    try planner.add(PlannedFile(path: "root", content: .directory, mode: 0o700), to: .system, owner: "/root")
    let needs = try needs(of: closure)
    return try (needs.zones ? addTimeZones(to: &planner) : [])
      + (needs.certificates ? addCertificates(to: &planner) : [])
  }

  private func addLibraries(_ closure: LibraryClosure, to planner: inout LayerPlanner) throws {
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
    // Beside the C library: there the loader looks without any configuration.
    let libraries = closure.allLibraries.filter { $0.origin == .system }
    let reference = libraries.first { $0.name.hasPrefix("libc.") } ?? libraries.first
    let folder = reference.map { FileTree.parent(of: $0.file.path) } ?? "/lib"
    for library in libraries {
      let path = library.name.hasPrefix("/") ? FileTree.absolute(library.name) : folder + "/" + library.name
      let file = PlannedFile(path: String(path.dropFirst()), content: .file(try SourceFile(library.file.path)))
      try planner.add(file, to: .system, owner: "the library \(library.file.path)")
    }
  }

  private func addTimeZones(to planner: inout LayerPlanner) throws -> [String] {
    guard FileTree.isDirectory(timeZones) else {
      return ["\(timeZones) is not on this machine: in the image, TimeZone(identifier:) fails"]
    }
    // posix and right repeat all of them, without and with leap seconds; localtime is this machine's own.
    let files = try FolderFiles.list(
      timeZones, at: "usr/share/zoneinfo", leavingLinks: .leftOut, excluding: ["posix", "right", "localtime"])
    for file in files where !planner.holds(file.path) { try planner.add(file, to: .system, owner: timeZones) }
    return []
  }

  private func addCertificates(to planner: inout LayerPlanner) throws -> [String] {
    guard let path = authorities else {
      return ["no certificate authorities are on this machine: in the image, https fails"]
    }
    let place = String(path.dropFirst())
    guard !planner.holds(place) else { return [] }
    try planner.add(PlannedFile(path: place, content: .file(SourceFile(path)), mode: 0o644), to: .system, owner: path)
    return []
  }

  /// This machine's bundle of certificate authorities.
  var authorities: String? { certificates.first(where: FileTree.exists) }

  /// A statically linked program names no libraries, but holds the paths that they would open.
  private func needs(of closure: LibraryClosure) throws -> (zones: Bool, certificates: Bool) {
    let zones = closure.asksFor("libFoundation")
    let libraries = ["libFoundationNetworking", "libcurl", "libssl", "libgnutls"]
    let certificates = libraries.contains(where: closure.asksFor)
    if zones && certificates { return (true, true) }
    let zonePath = "/usr/share/zoneinfo"
    let path = closure.executable.path
    // All at once, so that the program is read once.
    let texts = [zonePath, "/etc/ssl/certs", "/etc/pki/tls/certs"]
    let end = try closure.executable.loadedEnd()
    let found =
      try searches?.occurring(texts, in: path, before: end) ?? FileSearch.occurring(texts, in: path, before: end)
    return (zones || found.contains(zonePath), certificates || found.contains { $0 != zonePath })
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
