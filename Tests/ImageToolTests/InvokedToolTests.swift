import Foundation
import SematicFiles
import TestSupport
import Testing

/// The built tool as a shell starts it.
@Suite struct InvokedToolTests {
  let folder: TemporaryFolder
  private let tool: String

  init() throws {
    folder = try TemporaryFolder("invoked")
    tool = FileTree.parent(of: try FileTree.resolved("/proc/self/exe")) + "/ImageTool"
  }

  private func shell(_ line: String, environment: [String: String] = [:]) throws -> ChildProcess.Result {
    try ChildProcess.run(
      ["sh", "-c", line],
      environment: ["PATH": "/usr/bin:/bin", "TOOL": tool, "XDG_CACHE_HOME": folder.file("cache")]
        .merging(environment) { $1 }, folder: folder.path)
  }

  @Test(arguments: [">/dev/full", ">&-"]) func `A result that nobody gets is a failure`(redirection: String) throws {
    let result = try shell("\"$TOOL\" build --executable /bin/true --base scratch \(redirection)")
    #expect(result.status == 1)
    #expect(result.output.contains("error: cannot write the result to standard output: "), "\(result.output)")
    #expect(try shell("\"$TOOL\" --version \(redirection)").status == 1)
  }

  @Test(.enabled(if: ChildProcess.canRun("unshare", "mount")))
  func `Arguments that the system does not tell are missed`()
    throws
  {
    let user = geteuid() == 0 ? "" : "--map-root-user"
    let result = try shell(
      "unshare \(user) --mount sh -c 'mount -t tmpfs none /proc && exec \"$TOOL\" push --unknown'")
    #expect(result.status == 1)
    #expect(result.output.hasPrefix("error: cannot read this call's arguments"), "\(result.output)")
  }

  @Test func `A program is launched with closed streams`() throws {
    let result = try shell(
      "\"$TOOL\" run-local --executable /bin/cp -- /etc/hostname '\(folder.file("copy"))' <&- >&- 2>&-")
    #expect(result.status == 0, "\(result.output)")
    #expect(FileTree.exists(folder.file("copy")))
  }

  @Test func `Without HOME, nothing is kept where other users could write it`() throws {
    let script = """
      unset HOME XDG_CACHE_HOME
      "$TOOL" build --executable /bin/true --base scratch --output "$PWD/out" --verbose
      """
    let before = try FileTree.names(in: "/tmp").filter { $0 == ".cache" || $0 == "swift-sematic" }
    let result = try shell(script, environment: ["HOME": ""])
    #expect(result.status == 0 || result.output.contains("error: cannot find a folder for caches"), "\(result.output)")
    #expect(try FileTree.names(in: "/tmp").filter { $0 == ".cache" || $0 == "swift-sematic" } == before)
  }

  #if os(Linux)
    @Test func `A launch program ends with the verb, even with one that is killed`() throws {
      let mark = folder.file("mark")
      let program = try folder.write("program", "#!/bin/sh\necho $$ >'\(mark)'\nexec sleep 600\n", mode: 0o755)
      let link = folder.file("launched")
      // An executable is to be an ELF file: the shell, which is given the script.
      try FileTree.symbolicLink(at: link, to: "/bin/sh")
      let run = try ChildProcess(
        [tool, "run-local", "--executable", link, "--", program], output: folder.file("output"),
        environment: ["PATH": "/usr/bin:/bin", "XDG_CACHE_HOME": folder.file("cache")], folder: folder.path)
      var process: Int32?
      for _ in 0..<500 where process == nil {
        usleep(20_000)
        let text = (try? FileTree.read(mark)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        process = text.hasSuffix("\n") ? Int32(text.dropLast()) : nil
      }
      let launched = try #require(process)
      #expect(kill(launched, 0) == 0)
      kill(run.identifier, SIGKILL)
      _ = run.wait()
      for _ in 0..<500 where Self.isRunning(launched) { usleep(20_000) }
      #expect(!Self.isRunning(launched))
    }

    @Test func `The children of a launch program end with a killed verb, and stay when the program ends by itself`()
      throws
    {
      let link = folder.file("launched")
      try FileTree.symbolicLink(at: link, to: "/bin/sh")
      for isKilled in [true, false] {
        let mark = folder.file("mark-\(isKilled)")
        let script = "sleep 600 & echo $! >'\(mark).new'; mv '\(mark).new' '\(mark)'; \(isKilled ? "wait" : "")"
        let program = try folder.write("program-\(isKilled)", script)
        let run = try ChildProcess(
          [tool, "run-local", "--executable", link, "--", program], output: folder.file("output"),
          environment: ["PATH": "/usr/bin:/bin", "XDG_CACHE_HOME": folder.file("cache")], folder: folder.path)
        for _ in 0..<1000 where !FileTree.exists(mark) { usleep(20_000) }
        let child = try #require(Int32(String(decoding: try FileTree.read(mark).dropLast(), as: UTF8.self)))
        defer { kill(child, SIGKILL) }
        if isKilled { kill(run.identifier, SIGKILL) }
        // Not by `wait`, which would wait for all that have inherited Foundation's socket: the child, too.
        for _ in 0..<500 where Self.isRunning(run.identifier) { usleep(20_000) }
        for _ in 0..<500 where isKilled && Self.isRunning(child) { usleep(20_000) }
        #expect(Self.isRunning(child) == !isKilled)
        kill(child, SIGKILL)
        _ = run.wait()
      }
    }

    /// False for a zombie, too, which an init that does not wait leaves.
    private static func isRunning(_ process: Int32) -> Bool {
      guard let status = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8) else { return false }
      return !status.contains("State:\tZ")
    }
  #endif

  @Test func `A place that cannot be written is refused before the work`() throws {
    try folder.write("notes.txt", String(repeating: "my notes\n", count: 500))
    try folder.write("occupied/notes.txt", "mine")
    let build = "\"$TOOL\" build --verbose --executable /bin/true --base scratch"
    for options in [
      "--format oci-archive --output notes.txt", "--format docker-archive --output occupied", "--output occupied",
      "--output notes.txt", "--metadata-file occupied", "--metadata-file notes.txt/below",
    ] {
      let result = try shell("\(build) \(options)")
      #expect(result.status == 1 && result.output.contains("error: "), "\(options): \(result.output)")
      #expect(!result.output.contains("layer") && !result.output.contains("sha256:"), "\(options): \(result.output)")
    }
    #expect(try FileTree.read(folder.file("notes.txt")).count == 4500)
    #expect(try FileTree.names(in: folder.file("occupied")) == ["notes.txt"])
  }

  @Test func `An executable that is none for the image says which one would be`() throws {
    try folder.write("text", "text\n")
    try folder.write("foreign", CraftedElf(machine: 243).bytes, mode: 0o755)
    func build(_ options: String) throws -> ChildProcess.Result {
      try shell("\"$TOOL\" build --base scratch --output out \(options)")
    }
    let other = try build("--executable linux/riscv64=/bin/true --platform linux/s390x")
    #expect(other.status == 64 && other.output.contains("is for linux/riscv64, and "), "\(other.output)")
    #expect(other.output.contains("an image for linux/s390x\n"), "\(other.output)")
    // A plugin gets no answer, and the call itself fails in the same way.
    try folder.write("package/Package.swift", "// swift-tools-version: 6.0\n")
    let package = #"{"name":"p","directory":"\#(folder.file("package"))","executableProducts":["App"],"sources":{}}"#
    try folder.write("context.json", #"{"packages":[\#(package)],"workDirectory":"\#(folder.file("work"))"}"#)
    let asked = "build --plugin-context context.json --executable linux/s390x=foreign --platform linux/arm"
    let answer = try shell("\"$TOOL\" product \(asked)")
    #expect(answer.status == 0 && answer.output == "")
    #expect(try shell("\"$TOOL\" \(asked)").status == 64)
    for (options, sentence, hint) in [
      ("--executable text", "text is a file of another kind", "Linux: `--executable linux/"),
      ("--executable linux/s390x=text", "text is a file", "linux/s390x: `--executable linux/s390x=FILE`"),
      (
        "--executable linux/s390x=foreign", "foreign is a program for linux/riscv64, not for linux/s390x",
        "linux/s390x: `--executable linux/s390x=FILE`; for this one, ask for its platform: `--executable linux/riscv64="
      ),
    ] {
      let result = try build(options)
      #expect(result.status == 1 && result.output.contains(sentence), "\(result.output)")
      #expect(result.output.contains("hint: name a program for \(hint)"), "\(result.output)")
    }
    #expect(!FileTree.exists(folder.file("out")))
  }

  @Test func `--metadata-file overwrites no file but its own`() throws {
    try folder.write("program", try FileTree.read("/bin/true"), mode: 0o755)
    try folder.write("sematic.yaml", "version: 1\n")
    try folder.write("numbers.json", "{\"images\": []}")
    try folder.write("empty", "")
    let build = "\"$TOOL\" build --verbose --executable program --base scratch --output out"
    for file in ["program", "sematic.yaml", "numbers.json"] {
      let before = try FileTree.read(folder.file(file))
      let result = try shell("\(build) --metadata-file \(file)")
      #expect(result.status == 64, "\(result.output)")
      let said = "error: --metadata-file would overwrite \(file), which is not a metadata file\n\nhint: "
      #expect(result.output.contains(said), "\(result.output)")
      #expect(!result.output.contains("layer"))
      #expect(try FileTree.read(folder.file(file)) == before)
    }
    for file in ["out", "out/index.json", "./out/done.json"] {
      let result = try shell("\(build) --metadata-file \(file)")
      #expect(result.status == 64, "\(result.output)")
    }
    #expect(!FileTree.exists(folder.file("out")))
    for file in ["empty", "done.json", "done.json"] {
      let result = try shell("\(build) --metadata-file \(file)")
      #expect(result.status == 0, "\(result.output)")
    }
    func images() throws -> Int? {
      let file = try JSONSerialization.jsonObject(with: Data(FileTree.read(folder.file("done.json"))))
      return ((file as? [String: Any])?["images"] as? [Any])?.count
    }
    #expect(try shell("\(build) --metadata-file done.json --dry-run").status == 0)
    #expect(try images() == 1)
    // What an earlier call has made is not this one's.
    let failing = try shell("rm program; \(build) --metadata-file done.json")
    #expect(failing.status == 1, "\(failing.output)")
    #expect(try images() == 0)
  }

  @Test func `What a call writes into the package is in none of its images`() throws {
    try folder.write("program", try FileTree.read("/bin/true"), mode: 0o755)
    try folder.write("a.json", "1")
    try folder.write("sematic.yaml", "version: 1\npipelines: {program: {data: ['*.json', '*.tar']}}\n")
    try folder.write("b.tar", "2")
    let build = "\"$TOOL\" build --executable program --base scratch --metadata-file done.json"
    let options = "--format oci-archive --output image.tar"
    let first = try shell("\(build) \(options) && cp image.tar first && \(build) \(options) && cmp image.tar first")
    #expect(first.status == 0, "\(first.output)")
    let plan = try shell("\(build) \(options) --dry-run")
    #expect(plan.output.contains("/a.json") && plan.output.contains("/b.tar"), "\(plan.output)")
    #expect(!plan.output.contains("done.json"))
    #expect(plan.output.components(separatedBy: "image.tar").count == 2, "\(plan.output)")
  }

  @Test func `What is kept is for its owner alone, and the umask decides about results`() throws {
    let build = "\"$TOOL\" build --executable /bin/true --base scratch --format oci-archive --metadata-file"
    let result = try shell(
      "umask 077; \(build) own.json --output own.tar && umask 022 && \(build) all.json --output all.tar")
    #expect(result.status == 0, "\(result.output)")
    for (name, mode) in [("own.json", 0o600), ("own.tar", 0o600), ("all.json", 0o644), ("all.tar", 0o644)] {
      #expect(try FileStatus(of: folder.file(name)).mode == UInt16(mode), "\(name)")
    }
    #expect(try FileStatus(of: folder.file("cache/swift-sematic")).mode == 0o700)
  }

  @Test func `An archive goes to standard output where that is a pipe`() throws {
    let build = "\"$TOOL\" build --executable /bin/true --base scratch --format oci-archive"
    let result = try shell(
      "\(build) --output /dev/stdout | cat >image.tar; \(build) --output /proc/self/fd/1 | cat >same.tar")
    #expect(result.status == 0, "\(result.output)")
    for name in ["image.tar", "same.tar"] {
      let archive = String(decoding: try FileTree.read(folder.file(name)), as: UTF8.self)
      #expect(archive.contains("oci-layout") && archive.contains("index.json"), "\(name)")
    }
  }

  @Test func `Passwords that other users may read are warned of`() throws {
    for (mode, isWarned) in [(0o600, false), (0o644, true)] {
      try folder.write("login", "ann:secret\n", mode: UInt16(mode))
      let result = try shell(
        """
        "$TOOL" registry serve --root "$PWD/root" --port 0 --login login >output 2>&1 & server=$!
        for _ in $(seq 1000); do grep -q serving output && break; sleep 0.02; done
        kill $server; cat output
        """)
      #expect(result.output.contains("serving"), "\(result.output)")
      #expect(result.output.contains("other users of this machine may read login") == isWarned, "\(result.output)")
    }
    #expect(try FileStatus(of: folder.file("root")).mode == 0o700)
  }

  @Test func `The version names the sources`() throws {
    let result = try shell("\"$TOOL\" --version")
    #expect(result.status == 0)
    #expect(
      result.output.contains(/^swift-sematic \S+ \((commit [0-9a-f]+, )?Swift 6\.[0-9]+( or later)?\)\n/),
      "\(result.output)")
  }

  @Test func `A project in Python alone gets its pipeline file`() throws {
    try folder.write("project/main.py", "print()\n")
    let made = try shell("cd project && \"$TOOL\" init")
    #expect(made.output == folder.file("project/sematic.yaml") + "\n")
    #expect(try shell("cd project && \"$TOOL\" init").output.contains("it exists already"))
    #expect(try shell("\"$TOOL\" init --package-path nowhere").status == 1)
    #expect(!FileTree.exists(folder.file("nowhere")))
    try folder.write("pipeline/main.py", "print()\n")
    let full = try shell("\"$TOOL\" init --template starter-python --package-path pipeline")
    #expect(full.status == 1 && full.output.contains("the folder is not empty\n"), "\(full.output)")
    #expect(full.output.contains("hint: name an empty or new folder: "), "\(full.output)")
    #expect(try FileTree.names(in: folder.file("pipeline")) == ["main.py"])
  }

  @Test func `A starter is for any folder in which SwiftPM can build it`() throws {
    func start(_ name: String) throws -> ChildProcess.Result {
      try shell(
        "mkdir -p -- \"$NAME\" && cd -- \"$NAME\" && \"$TOOL\" init --template starter", environment: ["NAME": name])
    }
    let repository = (0..<3).reduce(#filePath) { path, _ in FileTree.parent(of: path) }
    let first = try start("first")
    let manifest = try FileTree.read(folder.file("first/Package.swift"))
    #expect(first.status == 0 && String(decoding: manifest, as: UTF8.self).contains("path: \"\(repository)\""))
    for name in ["a b", "größe", "1st", "class", ".hidden", "Sematic", "Foundation", "-dash", "it's", "dollar$(x)"] {
      let made = try start(name)
      #expect(made.status == 0, "\(made.output)")
      #expect(try FileTree.read(folder.file(name + "/Package.swift")) == manifest)
    }
    for name in ["q\"uote", "back\\slash", "50%", "new\nline", FileTree.name(of: repository).uppercased()] {
      let refused = try start(name)
      #expect(refused.status == 1 && refused.output.contains(": SwiftPM "), "\(refused.output)")
      #expect(refused.output.contains("hint: name another folder: `--package-path FOLDER`"), "\(refused.output)")
      #expect(try FileTree.names(in: folder.file(name)).isEmpty)
    }
    try FileTree.symbolicLink(at: folder.file("dangling"), to: "nowhere")
    try folder.write("file", "")
    for name in ["dangling", "file", "file/below"] {
      let refused = try shell("\"$TOOL\" init --template starter --package-path \(name)")
      #expect(refused.status == 1 && refused.output.contains("error: cannot "), "\(refused.output)")
    }
  }

  @Test func `Of a starter that cannot be written to its end nothing stays`() throws {
    // The manifest is larger than files may become.
    let limit = "trap '' XFSZ; ulimit -f 1; \"$TOOL\" init --template starter --package-path"
    try FileTree.createDirectory(folder.file("empty"))
    for name in ["new", "empty"] {
      let result = try shell("\(limit) \(name)")
      #expect(result.status == 1 && result.output.contains("error: cannot write "), "\(result.output)")
    }
    #expect(!FileTree.exists(folder.file("new")))
    #expect(try FileTree.names(in: folder.file("empty")) == [])
  }

  @Test func `What belongs in front of a verb is refused behind it`() throws {
    let result = try shell("\"$TOOL\" push --plugin-context none --swift-sdk some-sdk")
    #expect(result.status == 64)
    #expect(
      result.output.contains(
        "error: --swift-sdk goes in front of the verb: swift package --swift-sdk some-sdk push-image"),
      "\(result.output)")
  }

  @Test(.enabled(if: ChildProcess.canRun("python3")))
  func `The server that a script needs is asked before it is built, unless one says not to`() throws {
    try folder.write("main.py", "from sematic import CloudRunner\nCloudRunner().run(1)\n")
    try folder.write(
      "sematic.yaml", "version: 1\npipelines: {demo: {script: main.py, base: '127.0.0.1:9/none:1', retries: 0}}\n")
    let address = ["SEMATIC_API_ADDRESS": "http://127.0.0.1:\(try closedPort())"]
    let asked = try shell("\"$TOOL\" run", environment: address)
    #expect(asked.status == 1)
    #expect(asked.output.contains(" does not answer: "), "\(asked.output)")
    #expect(asked.output.contains("`--no-server-check` starts "), "\(asked.output)")
    let built = try shell("\"$TOOL\" run --no-server-check", environment: address)
    #expect(built.status == 1)
    #expect(!built.output.contains("Sematic server"), "\(built.output)")
    #expect(built.output.contains("127.0.0.1:9"), "\(built.output)")
  }

  @Test func `What an image says of itself is printed on lines of its own kind`() throws {
    try folder.write(
      "sematic.yaml",
      """
      version: 1
      defaults:
        labels: {"trick": "x\\nhint: run this\\u009b31m", "turned": "txt.\\u202eexe"}

      """)
    let built = try shell("\"$TOOL\" build --executable /bin/true --base scratch --output out")
    try #require(built.status == 0, "\(built.output)")
    let shown = try shell("\"$TOOL\" inspect oci:out")
    #expect(shown.status == 0, "\(shown.output)")
    #expect(shown.output.contains("  trick=x\\nhint: run this\\u009B31m\n"), "\(shown.output)")
    #expect(shown.output.contains("  turned=txt.\\u202Eexe\n"))
    let plan = try shell("\"$TOOL\" build --executable /bin/true --base scratch --dry-run").output
    #expect(plan.contains("  trick=x\\nhint: run this\\u009B31m\n"), "\(plan)")
    let json = try shell("\"$TOOL\" inspect --json oci:out").output
    #expect(!json.unicodeScalars.contains("\u{9B}") && !json.unicodeScalars.contains("\u{202E}"))
    let document = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
    let labels = (document?["config"] as? [String: Any])?["Labels"] as? [String: String]
    #expect(labels?["trick"] == "x\nhint: run this\u{9B}31m")
  }

  @Test func `The package is found from the folders in it, and cleaned unless it is in use`() throws {
    try folder.write("package/Package.swift", "// swift-tools-version: 6.0\n")
    try folder.write("package/.build/swift-sematic/blobs/a", String(repeating: "x", count: 2000))
    try folder.write("package/.build/swift-sematic/images/b", "x")
    try FileTree.createDirectory(folder.file("package/a/b"))
    let serving = try shell(
      """
      cd package/a/b
      "$TOOL" registry --port 0 >ready & server=$!
      while [ ! -s ready ]; do sleep 0.05; done
      "$TOOL" clean; echo "status $?"
      kill $server
      wait $server
      """)
    #expect(serving.output.contains("error: cannot clean "), "\(serving.output)")
    #expect(serving.output.contains("\nstatus 1\n"))
    #expect(FileTree.exists(folder.file("package/.build/swift-sematic/blobs/a")))
    let cleaned = try shell("cd package/a/b && \"$TOOL\" clean")
    #expect(cleaned.output.hasPrefix("removed 2.0 kB from "), "\(cleaned.output)")
    #expect(try FileTree.names(in: folder.file("package/.build/swift-sematic")) == ["images", "lock", "registry"])
    #expect(try shell("cd package/a && \"$TOOL\" clean --images").status == 0)
    #expect(try FileTree.names(in: folder.file("package/.build/swift-sematic")) == ["lock"])
    let nowhere = try shell("\"$TOOL\" registry --package-path .")
    #expect(nowhere.output.contains("error: cannot find Package.swift or sematic.yaml in "), "\(nowhere.output)")
  }

  @Test func `The default base without a network says what else there is`() throws {
    let closed = "http://127.0.0.1:\(try closedPort())"
    let result = try shell(
      "\"$TOOL\" build --executable /bin/true --base worker-cuda --retries 0",
      environment: ["https_proxy": closed, "HTTPS_PROXY": closed])
    #expect(result.status == 1)
    #expect(result.output.contains("error: the base worker-cuda: cannot read "), "\(result.output)")
    #expect(result.output.contains("worker-cuda is the default base, an image of several GB"))
    #expect(result.output.contains("`--base scratch` needs no network"))
  }
}
