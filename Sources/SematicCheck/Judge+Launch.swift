import SematicAssembly
import SematicOCI

/// What is started.
extension Judge {
  mutating func entrypoint() throws -> Verdict {
    let launch = try launched()
    func fails(_ detail: String, _ mend: String) -> Verdict { .fails(.entrypoint, detail, mend: mend) }
    guard let word = launch.words.first else {
      let command = configuration.command.isEmpty ? "" : ", only a command, which Kubernetes replaces by the arguments"
      return fails("there is none\(command)", Self.entrypointMend(launch.kind))
    }
    if launch.isShellForm {
      return fails("the shell form drops the worker's arguments", Self.entrypointMend(launch.kind))
    }
    let line = launch.words.joined(separator: " ")
    guard let first = launch.first else {
      return fails("\(word) is not in the image", "put it there, or name what is there by its absolute path")
    }
    guard first.entry.kind == .file else { return fails("\(word) is no file", "name a program or a script") }
    if first.entry.mode & 0o111 == 0 { return fails("\(word) is not executable", "RUN chmod 755 \(word)") }
    if let user = try user() {
      let isReachable = try tree.isReachable(first.path, for: user)
      guard isReachable, user.may(.execute, first.entry) else {
        return fails("user \(user.name) may not execute \(word)", "RUN chmod 755 on it and the folders above it")
      }
    }
    switch launch.fact {
    case .elf: break
    case .text(let text):
      // What runs Python hands the arguments on; a script that calls something else may not need to.
      if text.contains(Launch.workerModule), !Launch.passesArguments(text) {
        return fails("the script \(word) drops the worker's arguments", "end it with: exec ... \"$@\"")
      }
      guard text.hasPrefix("#!") else {
        return fails("\(word) is neither a program nor a script that begins with #!", "begin it with #!/bin/sh")
      }
    case .other(let what): return fails("\(word) is \(what)", "name a program for Linux or a script")
    case nil: break
    }
    return .holds(.entrypoint, line)
  }

  private static func entrypointMend(_ kind: WorkerKind) -> String {
    kind == .swift
      ? "ENTRYPOINT [\"/sematic/bin/PROGRAM\"]"
      : "ENTRYPOINT [\"/usr/bin/python3\", \"-m\", \"\(Launch.workerModule)\"], or [\"/sematic/bin/PROGRAM\"] for Swift"
  }

  /// `#!/bin/sh` asks for a shell, which images without a distribution do not have.
  func interpreter() throws -> Verdict {
    let launch = try launched()
    guard let script = launch.script else { return .notNeeded(.interpreter, "the entrypoint is no script") }
    let line = script.prefix { !$0.isNewline }
    guard line.hasPrefix("#!"), let name = line.dropFirst(2).split(whereSeparator: { $0 == " " || $0 == "\t" }).first
    else { return .unknown(.interpreter, "the script does not name one") }
    let mend = "choose a base that has \(name), or an entrypoint that is a program"
    switch try tree.resolve(String(name)) {
    case .found(let found) where found.entry.kind == .file && found.entry.mode & 0o111 != 0:
      return .holds(.interpreter, String(name) + Self.arrow(String(name), found.path))
    case .found: return .fails(.interpreter, "\(name) cannot be executed", mend: mend)
    case .missing(let path): return .fails(.interpreter, "/\(path) is not in the image", mend: mend)
    case .loop, .notAFolder: return .fails(.interpreter, "\(name) leads nowhere", mend: mend)
    }
  }

  mutating func python() throws -> Verdict {
    kind == .swift ? .notNeeded(.python, "a Swift worker") : forPython(try pythonItself())
  }

  /// What was found against a rule that Python workers alone have to keep.
  func forPython(_ verdict: Verdict) -> Verdict {
    guard verdict.status == .fails else { return verdict }
    return switch kind {
    case .python: verdict
    case .swift: .notNeeded(verdict.rule, "a Swift worker; \(verdict.detail)")
    case .unknown:
      .unknown(verdict.rule, "if it is a Python worker, it fails: \(verdict.detail)", mend: verdict.mend)
    }
  }

  private mutating func pythonItself() throws -> Verdict {
    let path = "/usr/bin/python3"
    let mend = "install Python 3 there, or link it: RUN ln -s \"$(command -v python3)\" \(path)"
    switch try tree.resolve(path) {
    case .missing(let place):
      let way = "/" + place == path ? "" : " leads to /\(place), which"
      return .fails(.python, way.isEmpty ? "\(path) is not in the image" : "\(path)\(way) is not there", mend: mend)
    case .loop: return .fails(.python, "\(path) is a loop of links", mend: mend)
    case .notAFolder(let place):
      return .fails(.python, "\(path) leads through /\(place), which is no folder", mend: mend)
    case .found(let found):
      guard found.entry.kind == .file else { return .fails(.python, "\(path) is no file", mend: mend) }
      let isAllowed = try user().map { try tree.isReachable(found.path, for: $0) && $0.may(.execute, found.entry) }
      guard found.entry.mode & 0o111 != 0, isAllowed ?? true else {
        return .fails(.python, "\(path) may not be executed by the image's user", mend: "RUN chmod 755 /\(found.path)")
      }
      if case .other(let what) = try files.fact(of: found) {
        return .fails(.python, "\(path) is \(what)", mend: mend)
      }
      let version = try tree.pythonVersion().map { ", Python \($0)" } ?? ""
      return .holds(.python, path + Self.arrow(path, found.path) + version)
    }
  }

  static func arrow(_ path: String, _ place: String) -> String { path == "/" + place ? "" : " -> /\(place)" }

  func sources() throws -> Verdict {
    let launch = try launched()
    switch launch.kind {
    case .swift:
      let programs = launch.words.filter { $0.hasPrefix("/sematic/bin/") }
      for program in programs {
        guard let found = try tree.resolve(program).found, found.entry.kind == .file else {
          return .fails(.sources, "\(program) is not in the image", mend: "COPY the program to \(program)")
        }
      }
      return .holds(.sources, (programs.isEmpty ? launch.words : programs).joined(separator: " "))
    case .python, .unknown:
      if let place = try pythonPackage("sematic/resolvers/worker.py") {
        return .holds(.sources, "sematic is in \(place); what it imports is not checked")
      }
      return .unknown(
        .sources, "sematic is in none of Python's usual folders, nor in PYTHONPATH or the working directory",
        mend: "RUN python3 -m pip install sematic, unless it is elsewhere")
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
