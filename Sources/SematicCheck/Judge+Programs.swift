import SematicAssembly
import SematicELF
import SematicOCI

/// What the programs need to be loaded and to speak https.
extension Judge {
  mutating func platform(_ wanted: Platform?) throws -> Verdict {
    let own = configuration.platform
    if let wanted, !own.satisfies(wanted) {
      return .fails(.platform, "it is for \(own), not for \(wanted)", mend: "build it for \(wanted)")
    }
    guard own.os == "linux" else {
      return .fails(.platform, "it is for \(own): workers run on Linux", mend: "build it for linux/\(own.architecture)")
    }
    let programs: [ProgramLoading]
    do {
      programs = try loadings()
    } catch is UnreadableLayer {
      return .holds(.platform, "\(own), by its configuration")
    }
    for program in programs.compactMap(\.objects.first) {
      guard let platform = program.file.machine.platform else { continue }
      if platform.architecture != own.architecture {
        return .fails(
          .platform, "it says \(own), but /\(program.path) is for \(platform)",
          mend: "build the program for \(own), or the image for \(platform)")
      }
    }
    return .holds(.platform, own.description)
  }

  mutating func cLibrary() throws -> Verdict {
    let programs = try loadings()
    guard !programs.isEmpty else { return try noProgram(.cLibrary) }
    if programs.allSatisfy({ $0.objects.first?.file.isStatic == true }) {
      return .notNeeded(.cLibrary, "the program is linked statically")
    }
    let problems = programs.flatMap(\.missingVersions)
    let present = programs.compactMap(\.cLibraryVersion).first
    guard problems.isEmpty else {
      var seen: Set<String> = []
      let wanted = problems.filter { seen.insert($0.version).inserted }.prefix(4)
        .map { "\($0.version) of \($0.library), which \($0.neededBy) needs" }.joined(separator: ", ")
      let mend =
        "choose a newer base (Swift 6.3 for Linux needs GLIBC_2.35: Debian 12, Ubuntu 22.04), or link statically"
      return .fails(.cLibrary, "not there: \(wanted)" + (present.map { "; the image has \($0)" } ?? ""), mend: mend)
    }
    let needed = ProgramLoading.newest(
      programs.flatMap(\.objects).flatMap(\.file.versionNeeds).map(\.version), of: "GLIBC")
    switch (needed, present) {
    case (let needed?, let present?): return .holds(.cLibrary, "\(needed) is needed, \(present) is there")
    case (let needed?, nil):
      return .unknown(.cLibrary, "\(needed) is needed, and the image's C library does not say its version")
    case (nil, _): return .holds(.cLibrary, "no version is asked for")
    }
  }

  mutating func libraries() throws -> Verdict {
    let programs = try loadings()
    guard !programs.isEmpty else { return try noProgram(.libraries) }
    for program in programs {
      guard let object = program.objects.first, let loader = object.file.interpreter else { continue }
      if try tree.resolve(loader).found == nil {
        return .fails(
          .libraries, "the loader \(loader) of /\(object.path) is not in the image",
          mend: "choose a base with a C library of this kind, or link statically")
      }
    }
    var seen: Set<String> = []
    let missing = programs.flatMap(\.missing).filter { seen.insert($0.name).inserted }
    guard missing.isEmpty else {
      let list = missing.prefix(6).map { "\($0.name), which \($0.neededBy) needs" }.joined(separator: "; ")
      let more = missing.count > 6 ? ", and \(missing.count - 6) more" : ""
      return .fails(
        .libraries, "not there: \(list)\(more)",
        mend: "install the packages that have them, put them beside the program, or link statically")
    }
    let later = programs.flatMap(\.laterProblems)
    guard later.isEmpty else {
      return .fails(
        .libraries, "not there, when the program loads it: \(later.prefix(4).joined(separator: "; "))",
        mend: "install the packages that have them (libcurl4), or build the image with swift-sematic, which adds them")
    }
    let count = Set(programs.flatMap { $0.objects.dropFirst().map(\.path) }).count
    return .holds(.libraries, count == 0 ? "none is needed" : "all \(count) are there")
  }

  private func noProgram(_ rule: Rule) throws -> Verdict {
    .unknown(rule, "no program was found to judge")
  }

  private static let certificateFiles = [
    "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  ]

  mutating func certificates() throws -> Verdict {
    let verdict = try certificatesThemselves()
    guard kind != .python, verdict.status != .fails, let program = try speaksOnlyWithCurl() else { return verdict }
    return .unknown(
      .certificates, "if \(program) has to speak https, it needs libcurl, which is not in the image",
      mend: "install libcurl4 and ca-certificates")
  }

  /// A program that loads libcurl when it runs, where there is none.
  private mutating func speaksOnlyWithCurl() throws -> String? {
    try loadings().first { program in
      guard let object = program.objects.first, object.file.loads.isEmpty else { return false }
      return object.mentions.contains { $0.hasPrefix("libcurl") } && !program.objects.contains { isCurl($0.path) }
    }?.objects.first.map { "/" + $0.path }
  }

  private mutating func programsThatLoad() throws -> [ProgramLoading] {
    kind == .swift ? try loadings().filter { $0.objects.first?.file.loads.isEmpty == false } : []
  }

  private func isCurl(_ path: String) -> Bool { ImagePath.split(path).name.hasPrefix("libcurl") }

  private mutating func certificatesThemselves() throws -> Verdict {
    let given = configuration.environmentValue("SSL_CERT_FILE").map { [$0] } ?? []
    for path in given + Self.certificateFiles {
      if let found = try tree.resolve(path).found, found.entry.kind == .file, found.entry.size > 0 {
        return .holds(.certificates, path)
      }
    }
    // Only a program that names what it loads looks there.
    for program in try programsThatLoad() {
      let path = program.laterFolder + "/ca-certificates.crt"
      if let found = try tree.resolve(path).found, found.entry.kind == .file, found.entry.size > 0 {
        return .holds(.certificates, path)
      }
    }
    if kind != .swift, let place = try pythonPackage("certifi/cacert.pem") {
      return .holds(.certificates, "\(place)/certifi/cacert.pem")
    }
    let mend = "install ca-certificates, or COPY them to \(Self.certificateFiles[0])"
    guard kind == .swift else {
      let hasSematic = try pythonPackage("sematic/resolvers/worker.py") != nil
      return hasSematic && kind == .python
        ? .fails(.certificates, "none is in the image", mend: mend)
        : .unknown(.certificates, "none was found; sematic's own packages bring some for Python", mend: mend)
    }
    let programs = try loadings()
    guard !programs.isEmpty else { return try noProgram(.certificates) }
    let speakers = ["libssl.", "libcurl", "libgnutls", "libFoundationNetworking"]
    let usesTLS = programs.flatMap(\.objects).contains { object in
      object.mentions.contains { $0.hasPrefix("/") }
        || speakers.contains { ImagePath.split(object.path).name.hasPrefix($0) }
    }
    return usesTLS
      ? .fails(.certificates, "none is in the image, and the program can speak https", mend: mend)
      : .notNeeded(.certificates, "the program does not speak https")
  }
}
