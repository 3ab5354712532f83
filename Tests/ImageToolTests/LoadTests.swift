import Foundation
import SematicFiles
import SematicOCI
import TestSupport
import Testing

@testable import ImageTool

/// Images that go into container runtimes: podman itself, and stand-ins for the others that read what these would.
@Suite struct LoadTests {
  let folder: TemporaryFolder
  private let tool: String

  init() throws {
    folder = try TemporaryFolder("load")
    tool = FileTree.parent(of: try FileTree.resolved("/proc/self/exe")) + "/ImageTool"
    try FileTree.createDirectory(folder.file("tmp"))
    try FileTree.createDirectory(folder.file("bin"))
    // Nothing but what is put there is on PATH: not the runtimes of this machine.
    for name in [
      "sh", "cat", "tar", "tee", "skopeo", "jq", "sleep", "find", "sed", "rm", "mkdir", "ls", "runc", "head",
    ] {
      if let path = ChildProcess.find(name) { try FileTree.symbolicLink(at: folder.file("bin/\(name)"), to: path) }
    }
    try program("/bin/true")
  }

  private func program(_ path: String) throws {
    try? FileTree.remove(folder.file("program"))
    try folder.write("program", try FileTree.read(path), mode: 0o755)
  }

  private var environment: [String: String] {
    [
      "PATH": folder.file("bin"), "TMPDIR": folder.file("tmp"), "XDG_CACHE_HOME": folder.file("cache"),
      "HERE": folder.path,
    ]
  }

  private func build(_ options: String...) throws -> ChildProcess.Result {
    try ChildProcess.run(
      [tool, "build", "--executable", "program", "--base", "scratch"] + options, environment: environment,
      folder: folder.path)
  }

  private func runtime(_ name: String, _ script: String) throws {
    try? FileTree.remove(folder.file("bin/\(name)"))
    try folder.write("bin/\(name)", "#!/bin/sh\n" + script, mode: 0o755)
  }

  @Test(.enabled(if: ChildProcess.canRun("podman", "runc") && geteuid() == 0))
  func `podman runs what was loaded, and is sent only the layers that it lacks`() throws {
    let podman = try #require(ChildProcess.find("podman"))
    try runtime(
      "podman",
      """
      PATH=/usr/bin:/bin:/usr/sbin:/sbin
      podman() {
        \(podman) --root "$HERE/root" --runroot "$HERE/run" --storage-driver vfs --cgroup-manager cgroupfs --runtime runc "$@"
      }
      case $1 in
      load) tee "$HERE/stream" | podman "$@" ;;
      run) shift; podman run --network=none --ulimit nofile=20000:20000 --ulimit nproc=20000:20000 "$@" ;;
      *) podman "$@" ;;
      esac

      """)
    let first = try build("--load", "--tag", "other")
    #expect(first.status == 0, "\(first.output)")
    #expect(first.output.hasSuffix("localhost/program:program_default\n"), "\(first.output)")
    let listed = try ChildProcess.run(
      [folder.file("bin/podman"), "images", "--format", "{{.Repository}}:{{.Tag}}"], environment: environment
    ).output
    #expect(listed.contains("localhost/program:program_default") && listed.contains("localhost/program:other"))
    let whole = try FileStatus(of: folder.file("stream")).size

    try program("/bin/echo")
    let second = try build("--load-into", "podman")
    #expect(second.status == 0, "\(second.output)")
    #expect(second.output.contains("into podman, 1 of 3 layers sent\n"), "\(second.output)")
    #expect(try FileStatus(of: folder.file("stream")).size < whole / 2)
    let command = try #require(second.output.split(separator: "\n").first { $0.hasPrefix("run it: ") })
    let ran = try ChildProcess.run(
      ["sh", "-c", command.dropFirst("run it: ".count) + " loaded"], environment: environment)
    #expect(ran.status == 0 && ran.output == "loaded\n", "\(ran.output)")

    // The runtime has the image by the name, but not its layers.
    let emptied = try ChildProcess.run(
      [folder.file("bin/podman"), "rmi", "--all", "--force"], environment: environment)
    #expect(emptied.status == 0, "\(emptied.output)")
    let third = try build("--load")
    #expect(third.status == 0 && third.output.contains("3 of 3 layers sent"), "\(third.output)")
    #expect(try FileTree.names(in: folder.file("tmp")) == [])
  }

  /// Keeps what it is sent in a folder, adds what it had, and has skopeo read the whole.
  private static let standIn = """
    has=$HERE/${0##*/}
    case "${0##*/} $*" in
    'docker version' | 'nerdctl info' | 'ctr version' | 'container system status') exit 0 ;;
    'docker image inspect '* | 'nerdctl image inspect '* | 'container image inspect '*) cat "$has.layers"; exit ;;
    'ctr images ls --quiet name==localhost/program:program_default') cat "$has.layers"; exit ;;
    'ctr content ls --quiet') cd "$has/blobs/sha256" && ls | sed s/^/sha256:/; exit ;;
    'docker load --quiet' | 'nerdctl load' | 'ctr images import -' | 'container image load') ;;
    *) echo "unexpected: ${0##*/} $*" >&2; exit 1 ;;
    esac
    mkdir -p "$has"
    rm -f "$has/index.json" "$has/manifest.json"
    tar -xf - -C "$has" || exit 1
    name=oci:$has:program_default
    case ${0##*/} in docker)
      tar -cf "$has.tar" -C "$has" .
      name=docker-archive:$has.tar:localhost/program:program_default ;;
    esac
    skopeo --insecure-policy copy --quiet "$name" "dir:$HERE/copy" || exit 1
    skopeo inspect --config "$name" | jq -c .rootfs.diff_ids >"$has.layers"

    """

  @Test(
    .enabled(if: ChildProcess.canRun("skopeo", "jq")),
    arguments: ContainerRuntime.allCases.filter { $0 != .podman })
  func `A runtime gets what it reads, and what it lacks where it can tell`(name: ContainerRuntime) throws {
    try runtime(name.rawValue, Self.standIn)
    let first = try build("--load", "--metadata-file", "done.json")
    #expect(first.status == 0 && first.output.contains("3 of 3 layers sent"), "\(first.output)")
    #expect(first.output.contains("\nrun it: \(name.rawValue) run --rm localhost/program:program_default"))
    let metadata = try JSONDecoder().decode(
      JSONValue.self, from: Data(try FileTree.read(folder.file("done.json"))))
    #expect(metadata["images"]?.array?.first?["reference"]?.string == "localhost/program:program_default")
    try program("/bin/echo")
    let second = try build("--load-into", name.rawValue)
    let sent = name == .container ? 3 : 1
    #expect(second.status == 0 && second.output.contains("\(sent) of 3 layers sent"), "\(second.output)")
    // It says that it has layers, which are gone.
    try FileTree.remove(folder.file(name.rawValue))
    try program("/bin/false")
    let third = try build("--load")
    #expect(third.status == 0 && third.output.contains("3 of 3 layers sent"), "\(third.output)")
    #expect(try FileTree.names(in: folder.file("tmp")) == [])
    // Nothing else was written.
    #expect(!FileTree.exists(folder.file("cache/swift-sematic/images")))
  }

  @Test func `A runtime that is missing is an error that names others, before the work`() throws {
    let none = try build("--load")
    #expect(none.status == 1, "\(none.output)")
    #expect(none.output.contains("error: cannot load the image: none of podman, docker, nerdctl, ctr, container is on"))
    #expect(none.output.contains("hint: install one of them, or write a file: `--format docker-archive --output FILE`"))
    try runtime("docker", "exit 0")
    let other = try build("--load-into", "podman")
    #expect(other.status == 1)
    #expect(other.output.contains("error: cannot load the image into podman: it is not on PATH"), "\(other.output)")
    #expect(other.output.contains("hint: `--load-into docker` loads it into docker"))
    #expect(try build("--load-into", "rkt").status == 64)
    for options in [["--output", "out"], ["--thin"], ["--format", "oci-archive"]] {
      let mixed = try ChildProcess.run(
        [tool, "build", "--executable", "program", "--load"] + options, environment: environment, folder: folder.path)
      #expect(mixed.status == 64 && mixed.output.contains("--load writes no file"), "\(mixed.output)")
    }
  }

  @Test func `A runtime whose daemon does not run is an error before the work`() throws {
    try runtime("docker", "echo Client: 1; echo 'Cannot connect to the Docker daemon' >&2; exit 1")
    let result = try build("--load", "--verbose")
    #expect(result.status == 1)
    #expect(
      result.output.contains(
        """
        error: cannot load the image into docker: `docker version` exited with status 1
        Client: 1
        Cannot connect to the Docker daemon

        hint: start its daemon
        """), "\(result.output)")
    #expect(!result.output.contains("layer"))
    let plan = try build("--load", "--dry-run")
    #expect(plan.status == 0 && plan.output.contains("on scratch, to docker"), "\(plan.output)")
  }

  /// What a runtime does instead of loading, and what is said of it.
  private static let failures = [
    ("cat >/dev/null; echo 'no space left' >&2; exit 125", "exited with status 125\nno space left\n"),
    ("exec <&-; echo no; exit 3", "exited with status 3\nno\n"),
    ("head -c 100 >/dev/null; exit 0", "ended before it had read the image"),
    ("cat >/dev/null; kill -9 $$", "was ended by signal 9"),
    (
      "cat >\"$TMPDIR/rest\"; i=0; while [ $i -lt 50 ]; do i=$((i+1)); echo \"line $i\"; done; exit 1",
      "exited with status 1\nline 41\n"
    ),
  ]

  @Test(arguments: failures)
  func `A load that fails says the runtime's last words and leaves nothing behind`(
    script: String, said: String
  ) throws {
    var random = SeededRandom(1)
    try folder.write("data.bin", (0..<1_000_000).map { _ in UInt8.random(in: 0...255, using: &random) })
    try folder.write("sematic.yaml", "version: 1\npipelines:\n  program:\n    data: [data.bin]\n")
    try runtime("podman", "[ $1 = load ] || exit 125\n" + script)
    let result = try build("--load")
    #expect(result.status == 1, "\(result.output)")
    #expect(
      result.output.contains("error: cannot load the image into podman: `podman load --quiet` \(said)"),
      "\(result.output)")
    #expect(result.output.contains("\nhint: ") != said.contains("signal"))
    #expect(try FileTree.names(in: folder.file("tmp")) == [])
  }

  @Test(arguments: ContainerRuntime.allCases)
  func `A runtime that ends well and has not loaded the image is an error`(name: ContainerRuntime) throws {
    let asks = name == .ctr ? "'images ls'*" : "'image inspect'*"
    for (answer, said) in [("", ""), ("echo no such image >&2; exit 1", "no such image\n")] {
      let script = "case \"$*\" in \(asks)) \(answer.isEmpty ? ":" : answer) ;; *) cat >/dev/null ;; esac\n"
      try runtime(name.rawValue, script)
      let result = try build("--load-into", name.rawValue)
      #expect(result.status == 1, "\(result.output)")
      #expect(result.output.contains("error: cannot load the image into \(name.rawValue): `\(name.rawValue) "))
      let question = LaunchEnvironment.shellLine(name.presenceCommand("localhost/program:program_default"))
      #expect(
        result.output.contains("` ended well, but the image is not there: `\(question)`\n\(said)"), "\(result.output)")
      #expect(!result.output.contains("run it:"))
    }
    // The shell does not even read.
    try runtime(name.rawValue, "exit 0\n")
    #expect(try build("--load-into", name.rawValue).status == 1)
  }

  #if os(Linux)
    @Test(arguments: [SIGINT, SIGTERM]) func `A signal ends the runtime, and nothing is left`(signal: Int32) throws {
      // The next load leaves layers out, and is not repeated with them.
      try runtime("podman", "cat >/dev/null; echo id")
      try #require(build("--load").status == 0)
      try runtime(
        "podman",
        "[ $1 = load ] || exit 125\nhead -c 1 >\"$TMPDIR/half\"; echo started >>\"$HERE/starts\"; echo $$ >\"$HERE/process\"; exec sleep 600"
      )
      let run = try ChildProcess(
        [tool, "build", "--executable", "program", "--base", "scratch", "--load"], output: folder.file("output"),
        environment: environment, folder: folder.path)
      let process = try run.waitUntil(folder.file("process")) { Int32($0.trimmingCharacters(in: .newlines)) }
      kill(run.identifier, signal)
      #expect(run.wait() == 1)
      #expect(kill(process, 0) != 0)
      let output = String(decoding: try FileTree.read(folder.file("output")), as: UTF8.self)
      #expect(output.contains("`podman load --quiet` was ended by signal \(signal)"), "\(output)")
      #expect(try FileTree.read(folder.file("starts")) == Array("started\n".utf8))
      #expect(try FileTree.names(in: folder.file("tmp")) == [])
    }
  #endif

  @Test func `Layers are present by what each runtime says`() throws {
    func layer(_ number: Int) throws -> Layer {
      Layer(
        descriptor: Descriptor(mediaType: .layerGzip, digest: try Digest.of([UInt8(number)]), size: 1),
        diffID: try Digest.of([UInt8(number), 0]), content: .file("/\(number)"))
    }
    let layers = try (0..<3).map(layer)
    let digests = layers.map(\.descriptor.digest)
    let identifiers = layers.map(\.diffID.description)
    let others = "not JSON\n\n[1, {}]\n[\"\(identifiers[0])\"]\n[\"\(identifiers[0])\", \"x\", \"\(identifiers[2])\"]\n"
    // docker knows a layer by those below it.
    #expect(ContainerRuntime.docker.present(layers, in: others) == [digests[0]])
    #expect(ContainerRuntime.nerdctl.present(layers, in: others) == [digests[0], digests[2]])
    #expect(ContainerRuntime.podman.present(layers, in: "\(digests[0])\n\(digests[2])\n") == [digests[0]])
    #expect(ContainerRuntime.ctr.present(layers, in: "\(digests[1])\nsha256:00\n") == [digests[1]])
    #expect(ContainerRuntime.docker.present(layers, in: "") == [])
    let arm = Platform(architecture: Platform.host.architecture == "arm64" ? "amd64" : "arm64")
    #expect(
      ContainerRuntime.ctr.runCommand("localhost/a:b", arm, process: "a")
        == ["ctr", "run", "--rm", "--platform", "\(arm)", "localhost/a:b", "a"])
  }
}
