import SematicELF
import SematicOCI

/// Whether the entrypoint starts what it names, and whether that gets the worker's arguments.
extension Judge {
  /// Why an entrypoint does not pass.
  private enum Problem {
    case fail(String, fix: String)
    /// Only running it would tell.
    case unknown(String, fix: String? = nil)
  }

  func entrypoint() throws -> Verdict {
    let start = try started()
    guard !start.words.isEmpty else {
      let command =
        configuration.command.isEmpty ? "" : ", only a command, which Kubernetes replaces with the arguments"
      return .fail(.entrypoint, "there is none\(command)", fix: entrypointFix)
    }
    return switch try problem(start.words) {
    case .fail(let detail, let fix): .fail(.entrypoint, detail, fix: fix)
    case .unknown(let detail, let fix): .unknown(.entrypoint, detail, fix: fix)
    case nil: .pass(.entrypoint, start.words.joined(separator: " "))
    }
  }

  private var entrypointFix: String {
    kind == .swift
      ? "ENTRYPOINT [\"/sematic/bin/PROGRAM\"]"
      : "ENTRYPOINT [\"/usr/bin/python3\", \"-m\", \"\(ImageStart.workerModule)\"], or [\"/sematic/bin/PROGRAM\"] for "
        + "Swift"
  }

  /// Follows a command to the program that gets the arguments.
  private func problem(_ words: [String]) throws -> Problem? {
    guard let word = words.first else {
      return .fail("it starts its first argument, and names none", fix: "add the program: \(entrypointFix)")
    }
    guard let file = try program(word) else {
      return .fail("\(word) is not in the image", fix: "add it, or give the absolute path of a program that is there")
    }
    guard file.entry.kind == .file else { return .fail("\(word) is not a file", fix: "name a program or a script") }
    if file.entry.mode & 0o111 == 0 { return .fail("\(word) is not executable", fix: "RUN chmod 755 \(word)") }
    if let user = try user() {
      let isReachable = try tree.isReachable(file.path, for: user)
      guard isReachable, user.may(.execute, file.entry) else {
        return .fail("user \(user.name) cannot execute \(word)", fix: "RUN chmod 755 on it and the folders above it")
      }
    }
    switch try files.fact(of: file) {
    case .elf(let elf, _):
      guard elf.kind.isProgram else { return .fail("\(word) is \(elf.kind.name)", fix: "name a program for Linux") }
      return try programProblem(words)
    case .text(let text):
      guard let shebang = Shebang(text) else {
        return .fail("\(word) is neither a program nor a script that begins with #!", fix: "begin it with #!/bin/sh")
      }
      return shebang.isShell ? try scriptProblem(text, "the script \(word)", words.dropFirst()) : nil
    case .other(let what): return .fail("\(word) is \(what)", fix: "name a program for Linux or a script")
    }
  }

  /// What a program does with the words behind it, where that is known.
  private func programProblem(_ words: [String]) throws -> Problem? {
    let name = ImagePath.split(words[0]).name
    if ShellCommand.isShell(name) { return try shellProblem(ShellCommand(words)) }
    if PythonCommand.isPython(name) { return try pythonProblem(PythonCommand(words), of: words[0]) }
    if ["env", "tini", "dumb-init"].contains(name) {
      var rest = words.dropFirst()
      while let word = rest.first, word.hasPrefix("-") || name == "env" && word.contains("=") {
        rest.removeFirst()
        if word == "--" { break }
        if ["-u", "-C", "-p", "-e"].contains(word) { _ = rest.popFirst() }
      }
      return try problem(Array(rest))
    }
    return nil
  }

  private func shellProblem(_ command: ShellCommand) throws -> Problem? {
    switch command.script {
    case nil: return .fail("the shell takes the worker's arguments as its own", fix: entrypointFix)
    case .file(let path):
      guard let found = try tree.resolve(absolute(path)).found ?? program(path), found.entry.kind == .file else {
        return .fail("the script \(path) is not in the image", fix: "COPY it there")
      }
      guard case .text(let text) = try files.fact(of: found) else {
        return .fail("\(path) is not a text that a shell can read", fix: "name a script")
      }
      return try scriptProblem(text, "the script \(path)", command.rest[...])
    case .text(let text):
      let script = ShellScript(text)
      if script.arguments == .dropped {
        return .fail("the shell form drops the worker's arguments", fix: entrypointFix)
      }
      guard !command.rest.isEmpty || script.passesZero else {
        return .fail(
          "the shell takes the worker's first argument as $0, so that it is lost",
          fix: "add a word behind the text: [\"/bin/sh\", \"-c\", \"exec ... \\\"$@\\\"\", \"worker\"]")
      }
      return try scriptProblem(text, "the shell's text", command.rest.dropFirst())
    }
  }

  /// - Parameter rest: the words behind the script, which it gets in front of the worker's arguments.
  private func scriptProblem(_ text: String, _ name: String, _ rest: ArraySlice<String>) throws -> Problem? {
    if text.contains("\r\n" as Character) {
      return .fail("\(name) has Windows line endings", fix: "give it Unix line endings: sed -i 's/\\r$//'")
    }
    let script = ShellScript(text)
    switch script.arguments {
    case .dropped: return .fail("\(name) drops the worker's arguments", fix: "end it with: exec ... \"$@\"")
    case .unknown:
      return .unknown(
        "only running \(name) would tell whether it hands on the worker's arguments",
        fix: "end it with: exec ... \"$@\"")
    case .passed: return script.isWrapper ? try problem(Array(rest)) : nil
    }
  }

  private func pythonProblem(_ command: PythonCommand, of python: String) throws -> Problem? {
    switch command.program {
    case nil: return .fail("Python takes the worker's arguments as its own", fix: entrypointFix)
    case .code: return .unknown("only running its code would tell what it does with the arguments")
    case .script(let path):
      guard try tree.resolve(absolute(path)).found != nil else {
        return .fail("the script \(path) is not in the image", fix: "COPY it there")
      }
      return nil
    case .module(let name):
      let path = name.split(separator: ".").joined(separator: "/")
      let place = ImagePath.isAbsolute(python) ? python : nil
      for file in ["\(path).py", "\(path)/__main__.py"] where try pythonPackage(file, of: place) != nil { return nil }
      return .unknown(
        "the module \(name) is in none of Python's usual folders, nor in PYTHONPATH or the working directory",
        fix: "RUN python3 -m pip install it, unless it is elsewhere")
    }
  }

  private func absolute(_ path: String) -> String {
    ImagePath.isAbsolute(path) ? path : (configuration.workingDirectory ?? "/") + "/" + path
  }
}
