import SematicOCI

/// What is started.
extension Judge {
  mutating func entrypoint() throws -> Verdict {
    let start = try started()
    func fail(_ detail: String, _ fix: String) -> Verdict { .fail(.entrypoint, detail, fix: fix) }
    guard let word = start.words.first else {
      let command = configuration.command.isEmpty ? "" : ", only a command, which Kubernetes replaces by the arguments"
      return fail("there is none\(command)", Self.entrypointFix(start.kind))
    }
    if start.isShellForm {
      return fail("the shell form drops the worker's arguments", Self.entrypointFix(start.kind))
    }
    let line = start.words.joined(separator: " ")
    guard let first = start.first else {
      return fail("\(word) is not in the image", "put it there, or name what is there by its absolute path")
    }
    guard first.entry.kind == .file else { return fail("\(word) is no file", "name a program or a script") }
    if first.entry.mode & 0o111 == 0 { return fail("\(word) is not executable", "RUN chmod 755 \(word)") }
    if let user = try user() {
      let isReachable = try tree.isReachable(first.path, for: user)
      guard isReachable, user.may(.execute, first.entry) else {
        return fail("user \(user.name) may not execute \(word)", "RUN chmod 755 on it and the folders above it")
      }
    }
    switch start.fact {
    case .elf: break
    case .text(let text):
      // What runs Python hands the arguments on; a script that calls something else may not need to.
      if text.contains(ImageStart.workerModule), !ImageStart.passesArguments(text) {
        return fail("the script \(word) drops the worker's arguments", "end it with: exec ... \"$@\"")
      }
      guard text.hasPrefix("#!") else {
        return fail("\(word) is neither a program nor a script that begins with #!", "begin it with #!/bin/sh")
      }
    case .other(let what): return fail("\(word) is \(what)", "name a program for Linux or a script")
    case nil: break
    }
    return .pass(.entrypoint, line)
  }

  private static func entrypointFix(_ kind: WorkerKind) -> String {
    kind == .swift
      ? "ENTRYPOINT [\"/sematic/bin/PROGRAM\"]"
      : "ENTRYPOINT [\"/usr/bin/python3\", \"-m\", \"\(ImageStart.workerModule)\"], or [\"/sematic/bin/PROGRAM\"] for Swift"
  }

  /// `#!/bin/sh` asks for a shell, which images without a distribution do not have.
  func interpreter() throws -> Verdict {
    let start = try started()
    guard let script = start.script else { return .notNeeded(.interpreter, "the entrypoint is no script") }
    let line = script.prefix { !$0.isNewline }
    guard line.hasPrefix("#!"), let name = line.dropFirst(2).split(whereSeparator: { $0 == " " || $0 == "\t" }).first
    else { return .unknown(.interpreter, "the script does not name one") }
    let fix = "choose a base that has \(name), or an entrypoint that is a program"
    switch try tree.resolve(String(name)) {
    case .found(let found) where found.entry.kind == .file && found.entry.mode & 0o111 != 0:
      return .pass(.interpreter, String(name) + Self.arrow(String(name), found.path))
    case .found: return .fail(.interpreter, "\(name) cannot be executed", fix: fix)
    case .missing(let path): return .fail(.interpreter, "/\(path) is not in the image", fix: fix)
    case .loop, .notAFolder: return .fail(.interpreter, "\(name) leads nowhere", fix: fix)
    }
  }

  mutating func python() throws -> Verdict {
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

  private mutating func pythonItself() throws -> Verdict {
    let path = "/usr/bin/python3"
    let fix = "install Python 3 there, or link it: RUN ln -s \"$(command -v python3)\" \(path)"
    switch try tree.resolve(path) {
    case .missing(let place):
      let way = "/" + place == path ? "" : " leads to /\(place), which"
      return .fail(.python, way.isEmpty ? "\(path) is not in the image" : "\(path)\(way) is not there", fix: fix)
    case .loop: return .fail(.python, "\(path) is a loop of links", fix: fix)
    case .notAFolder(let place):
      return .fail(.python, "\(path) leads through /\(place), which is no folder", fix: fix)
    case .found(let found):
      guard found.entry.kind == .file else { return .fail(.python, "\(path) is no file", fix: fix) }
      let isAllowed = try user().map { try tree.isReachable(found.path, for: $0) && $0.may(.execute, found.entry) }
      guard found.entry.mode & 0o111 != 0, isAllowed ?? true else {
        return .fail(.python, "\(path) may not be executed by the image's user", fix: "RUN chmod 755 /\(found.path)")
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
  func pythonPackage(_ file: String) throws -> String? {
    let version = try tree.pythonVersion() ?? "3"
    let given = (configuration.environmentValue("PYTHONPATH") ?? "").split(separator: ":").map(String.init)
    var folders = given + [configuration.workingDirectory ?? "/"]
    for root in ["/usr/local/lib", "/usr/lib"] {
      folders += ["dist-packages", "site-packages"].map { "\(root)/python\(version)/\($0)" }
    }
    folders += ["/usr/lib/python3/dist-packages"]
    return try folders.first { try tree.resolve("\($0)/\(file)").found != nil }
  }
}
