import SematicOCI

/// The rules about what a container starts.
extension Judge {
  /// `#!/bin/sh` asks for a shell, which images without a distribution do not have.
  func interpreter() throws -> Verdict {
    guard let script = try started().script else { return .notNeeded(.interpreter, "the entrypoint is no script") }
    guard let shebang = Shebang(script) else { return .unknown(.interpreter, "the script does not name one") }
    return try interpreter(shebang, depth: 1)
  }

  /// - Parameter depth: the number of the script: an interpreter may be a script itself, which names another one.
  private func interpreter(_ shebang: Shebang, depth: Int) throws -> Verdict {
    guard !shebang.isFromWindows else {
      return .fail(
        .interpreter, "the script's first line ends with a carriage return, which the kernel takes for a part of it",
        fix: "give the script Unix line endings: sed -i 's/\\r$//'")
    }
    let name = shebang.interpreter
    let fix = "choose a base that has \(shebang.wanted ?? name), or an entrypoint that is a program"
    switch try tree.resolve(name) {
    case .found(let found) where found.entry.kind == .file && found.entry.mode & 0o111 != 0:
      guard let wanted = shebang.wanted else {
        if case .text(let text) = try files.fact(of: found) {
          // As often as the kernel does it.
          guard depth < 5, let next = Shebang(text) else {
            return .fail(.interpreter, "\(name) is a script without an interpreter of its own", fix: fix)
          }
          return try interpreter(next, depth: depth + 1)
        }
        return .pass(.interpreter, name + Self.arrow(name, found.path))
      }
      guard let program = try program(wanted), program.entry.kind == .file, program.entry.mode & 0o111 != 0 else {
        return .fail(.interpreter, "\(name) looks for \(wanted), which is not on the image's PATH", fix: fix)
      }
      return .pass(.interpreter, "\(wanted) -> /\(program.path)")
    case .found: return .fail(.interpreter, "\(name) cannot be executed", fix: fix)
    case .missing(let path): return .fail(.interpreter, "/\(path) is not in the image", fix: fix)
    case .loop, .notAFolder: return .fail(.interpreter, "\(name) leads nowhere", fix: fix)
    }
  }

  func program(_ word: String) throws -> FoundFile? { try ImageStart.program(word, configuration, in: files) }

  func python() throws -> Verdict {
    kind == .swift ? .notNeeded(.python, "a Swift worker") : forPython(try pythonItself())
  }

  /// What was found against a rule that Python workers alone have to keep.
  func forPython(_ verdict: Verdict) -> Verdict {
    guard verdict.status == .fail else { return verdict }
    return switch kind {
    case .python: verdict
    case .swift: .notNeeded(verdict.rule, "a Swift worker; \(verdict.detail)")
    case .unknown:
      .unknown(verdict.rule, "for a Python worker this fails: \(verdict.detail)", fix: verdict.fix)
    }
  }

  private func pythonItself() throws -> Verdict {
    let path = "/usr/bin/python3"
    let fix = "install Python 3 there, or link it: RUN ln -s \"$(command -v python3)\" \(path)"
    switch try tree.resolve(path) {
    case .missing(let place):
      let way = "/" + place == path ? "" : " leads to /\(place), which"
      return .fail(.python, way.isEmpty ? "\(path) is not in the image" : "\(path)\(way) is not there", fix: fix)
    case .loop: return .fail(.python, "\(path) is a loop of links", fix: fix)
    case .notAFolder(let place):
      return .fail(.python, "\(path) leads through /\(place), which is not a folder", fix: fix)
    case .found(let found):
      guard found.entry.kind == .file else { return .fail(.python, "\(path) is not a file", fix: fix) }
      let isAllowed = try user().map { try tree.isReachable(found.path, for: $0) && $0.may(.execute, found.entry) }
      guard found.entry.mode & 0o111 != 0, isAllowed ?? true else {
        return .fail(.python, "\(path) cannot be executed by the image's user", fix: "RUN chmod 755 /\(found.path)")
      }
      if case .other(let what) = try files.fact(of: found) {
        return .fail(.python, "\(path) is \(what)", fix: fix)
      }
      let version = try tree.pythonVersion().map { ", Python \($0)" } ?? ""
      return .pass(.python, path + Self.arrow(path, found.path) + version)
    }
  }

  static func arrow(_ path: String, _ place: String) -> String { path == "/" + place ? "" : " -> /\(place)" }

  func sources() throws -> Verdict {
    let start = try started()
    switch start.kind {
    case .swift:
      let programs = start.words.filter { $0.hasPrefix("/sematic/bin/") }
      for program in programs {
        guard let found = try tree.resolve(program).found, found.entry.kind == .file else {
          return .fail(.sources, "\(program) is not in the image", fix: "COPY the program to \(program)")
        }
      }
      return .pass(.sources, (programs.isEmpty ? start.words : programs).joined(separator: " "))
    case .python, .unknown:
      if let place = try pythonPackage("sematic/resolvers/worker.py") {
        return .pass(.sources, "sematic is in \(place); what it imports is not checked")
      }
      return .unknown(
        .sources, "sematic is in none of Python's usual folders, nor in PYTHONPATH or the working directory",
        fix: "RUN python3 -m pip install sematic, unless it is elsewhere")
    }
  }

  /// The folder of Python's search path that has a file.
  /// - Parameter python: the path by which Python is started: one of a virtual environment has packages of its own.
  func pythonPackage(_ file: String, of python: String? = nil) throws -> String? {
    let version = try tree.pythonVersion() ?? "3"
    let given = (configuration.environmentValue("PYTHONPATH") ?? "").split(separator: ":").map(String.init)
    var folders = given + [configuration.workingDirectory ?? "/"]
    let own = python.map { ImagePath.split(ImagePath.split($0).folder).folder + "/lib" }
    for root in [own, "/usr/local/lib", "/usr/lib"].compactMap({ $0 }) {
      folders += ["dist-packages", "site-packages", ""].map { "\(root)/python\(version)/\($0)" }
    }
    folders += ["/usr/lib/python3/dist-packages"]
    return try folders.first { try tree.resolve("\($0)/\(file)").found != nil }
  }
}
