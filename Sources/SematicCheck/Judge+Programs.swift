import SematicELF
import SematicOCI

/// The rules about what programs need to be loaded and to use https.
extension Judge {
  func platform(_ wanted: Platform?) throws -> Verdict {
    let own = configuration.platform
    if let wanted, !own.satisfies(wanted) {
      return .fail(.platform, "it is for \(own), not for \(wanted)", fix: "build it for \(wanted)")
    }
    guard own.os == "linux" else {
      return .fail(.platform, "it is for \(own): workers run on Linux", fix: "build it for linux/\(own.architecture)")
    }
    let programs: [LoadedProgram]
    do {
      programs = try loadedPrograms()
    } catch is UnreadableLayer {
      return .pass(.platform, "\(own), by its configuration")
    }
    for file in programs.map(\.file) {
      guard let platform = try file.machine.platformName.map(Platform.init) else { continue }
      if platform.architecture != own.architecture {
        return .fail(
          .platform, "it says \(own), but \(file.path) is for \(platform)",
          fix: "build the program for \(own), or the image for \(platform)")
      }
    }
    return .pass(.platform, own.description)
  }

  func cLibrary() throws -> Verdict {
    let programs = try loadedPrograms()
    guard !programs.isEmpty else { return try noProgram(.cLibrary) }
    if programs.allSatisfy(\.file.isStatic) {
      return .notNeeded(.cLibrary, "the program is linked statically")
    }
    let problems = programs.flatMap(\.libraries.missingVersions).filter { !$0.isRuntimeLoaded }
    let present = programs.compactMap(\.cLibraryVersion).first
    guard problems.isEmpty else {
      var seen: Set<String> = []
      let wanted = problems.filter { seen.insert($0.version).inserted }.prefix(4)
        .map { "\($0.version) of \($0.library), which \($0.neededBy) needs" }.joined(separator: ", ")
      let fix =
        "choose a newer base (Swift 6.3 for Linux needs GLIBC_2.35: Debian 12, Ubuntu 22.04), or link the C library "
        + "into the program, too (`linking: static`)"
      return .fail(.cLibrary, "missing: \(wanted)" + (present.map { "; the image has \($0)" } ?? ""), fix: fix)
    }
    let files = programs.map(\.file) + programs.flatMap(\.libraries.allLibraries).map(\.file)
    let needed = LibraryClosure.newestVersion(in: files.flatMap(\.versionNeeds).map(\.version), of: "GLIBC")
    switch (needed, present) {
    case (let needed?, let present?): return .pass(.cLibrary, "needs \(needed), has \(present)")
    case (let needed?, nil):
      return .unknown(.cLibrary, "needs \(needed), and the image's C library does not say its version")
    case (nil, _): return .pass(.cLibrary, "no version is needed")
    }
  }

  func libraries() throws -> Verdict {
    let programs = try loadedPrograms()
    guard !programs.isEmpty else { return try noProgram(.libraries) }
    for file in programs.map(\.file) {
      guard let loader = file.interpreter, try tree.resolve(loader).found == nil else { continue }
      return .fail(
        .libraries, "the loader \(loader) of \(file.path) is not in the image",
        fix: "choose a base with a C library of this kind, or link the program with all of it (`linking: static`)")
    }
    var seen: Set<String> = []
    let missing = programs.flatMap(\.libraries.missing).filter { seen.insert($0.name).inserted }
    guard missing.isEmpty else {
      let list = missing.prefix(6).map(\.sentence).joined(separator: "; ")
      let more = missing.count > 6 ? ", and \(missing.count - 6) more" : ""
      return .fail(
        .libraries, "missing: \(list)\(more)",
        fix: try (hasPackages() ? "install the packages that provide them, or " : "")
          + "build the image on a machine that has them: swift-sematic brings them along")
    }
    let problems = programs.flatMap(\.runtimeProblems)
    guard problems.isEmpty else {
      return .fail(
        .libraries, "missing at run time: \(problems.prefix(4).joined(separator: "; "))",
        fix: try (hasPackages() ? "install the packages that provide them (libcurl4), or " : "")
          + "build the image with swift-sematic, which adds them")
    }
    let count = Set(programs.flatMap(\.libraries.allLibraries).map(\.file.path)).count
    return .pass(.libraries, count == 0 ? "none is needed" : "all \(count) found")
  }

  /// Whether something can be installed in the image.
  private func hasPackages() throws -> Bool {
    try ["/var/lib/dpkg", "/var/lib/rpm", "/usr/lib/sysimage/rpm", "/lib/apk"].contains {
      try tree.resolve($0).found != nil
    }
  }

  private func noProgram(_ rule: CheckRule) throws -> Verdict {
    .unknown(rule, "no program was found to check")
  }

  func certificates() throws -> Verdict {
    let verdict = try certificatesThemselves()
    guard kind != .python, verdict.status != .fail, let program = try speaksOnlyWithCurl() else { return verdict }
    return .unknown(
      .certificates, "if \(program) uses https, it needs libcurl, which is not in the image",
      fix: "install libcurl4 and ca-certificates")
  }

  /// A program that loads libcurl when it runs, where there is none.
  private func speaksOnlyWithCurl() throws -> String? {
    try loadedPrograms().first { program in
      program.file.dlopenNotes.isEmpty && program.mentions.contains { $0.hasPrefix("libcurl") }
        && !program.libraryNames.contains { $0.hasPrefix("libcurl") }
    }?.file.path
  }

  private func programsThatLoad() throws -> [LoadedProgram] {
    kind == .swift ? try loadedPrograms().filter { !$0.file.dlopenNotes.isEmpty } : []
  }

  private func certificatesThemselves() throws -> Verdict {
    let given = configuration.environmentValue("SSL_CERT_FILE").map { [$0] } ?? []
    for path in given + CertificateFiles.paths {
      if let found = try tree.resolve(path).found, found.entry.kind == .file, found.entry.size > 0 {
        return .pass(.certificates, path)
      }
    }
    // Only a program that names what it loads looks there.
    for program in try programsThatLoad() {
      let path = program.bundleFolder + "/ca-certificates.crt"
      if let found = try tree.resolve(path).found, found.entry.kind == .file, found.entry.size > 0 {
        return .pass(.certificates, path)
      }
    }
    // Templates/worker-entrypoint.sh puts them where all look: root can.
    let own = "/sematic/lib/ca-certificates.crt"
    if configuration.entrypoint.first == "/sematic/entrypoint", let found = try tree.resolve(own).found,
      found.entry.kind == .file, try user()?.number == 0
    {
      return .pass(.certificates, own)
    }
    if kind != .swift, let place = try pythonPackage("certifi/cacert.pem") {
      return .pass(.certificates, "\(place)/certifi/cacert.pem")
    }
    let fix = "install ca-certificates, or COPY them to \(CertificateFiles.paths[0])"
    guard kind == .swift else {
      let hasSematic = try pythonPackage("sematic/resolvers/worker.py") != nil
      return hasSematic && kind == .python
        ? .fail(.certificates, "none is in the image", fix: fix)
        : .unknown(.certificates, "none was found; sematic's own packages bring some for Python", fix: fix)
    }
    let programs = try loadedPrograms()
    guard !programs.isEmpty else { return try noProgram(.certificates) }
    let speakers = ["libssl.", "libcurl", "libgnutls", "libFoundationNetworking"]
    let usesTLS = programs.contains { program in
      program.mentions.contains { $0.hasPrefix("/") }
        || program.libraryNames.contains { name in speakers.contains { name.hasPrefix($0) } }
    }
    return usesTLS
      ? .fail(.certificates, "none is in the image, and the program can use https", fix: fix)
      : .notNeeded(.certificates, "the program does not use https")
  }
}

/// The places where systems have the certificate authorities that they trust.
package enum CertificateFiles {
  package static let paths = [
    "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  ]
}
