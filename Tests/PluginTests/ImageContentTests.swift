import Foundation
import SematicFiles
import SematicOCI
import TestSupport
import Testing

extension PluginTests {
  /// What is in the images, and how they run, above nothing and above real roots.
  @Suite(.enabled(if: WorkerBase.isAvailable && DockerRegistry.isAvailable)) struct ImageContentTests {
    let copy: StarterCopy

    init() throws { copy = try .shared() }

    @Test func `Every base keeps what it says of itself, and ours comes above it`() throws {
      let layout = try WorkerBase.layout()
      let registry = try DockerRegistry()
      let mirrored = try ChildProcess.run([
        "skopeo", "--insecure-policy", "copy", "--quiet", "--dest-tls-verify=false",
        "oci:\(layout):\(WorkerBase.extraTag)", "docker://\(registry.address)/base:extra",
      ])
      #expect(mirrored.status == 0, "\(mirrored.output)")
      try copy.configure(
        """
        version: 1
        pipelines:
          Probe:
            base: \(try copy.workerBase()):\(WorkerBase.tag)
            bases:
              extra: \(registry.address)/base:extra
            registry: \(registry.address)
            repository: team/probe
            env: {COLOUR: green, LANG: de_DE.UTF-8}
            labels: {org.example.team: vision}
        """)
      let result = try copy.run(["run-pipeline", "--pipeline", "Probe"])
      #expect(result.status == 0, "\(result.errorOutput)")
      let images = try ProbeReport(result.output).images

      let worker = try ContainerBundle(registry: #require(images["default"]))
      let report = try ProbeReport(worker.run(["--run_id", "1"]).output)
      #expect(report.arguments == ["--run_id", "1"])
      #expect(report.foundResources)
      #expect(report.user == 1000)
      #expect(report.folder == "/home/worker")
      #expect(report.environment["COLOUR"] == "green")
      #expect(report.environment["LANG"] == "de_DE.UTF-8")
      #expect(report.environment["LD_LIBRARY_PATH"]?.split(separator: ":").contains("/usr/local/nvidia/lib") == true)
      #expect(report.environment["NVIDIA_VISIBLE_DEVICES"] == "all")
      let path = report.environment["PATH"]?.split(separator: ":") ?? []
      #expect(path.contains("/sematic/bin") && path.contains("/usr/bin"))
      let settings = worker.configuration.document["config"]
      #expect(settings?["Healthcheck"]?["Test"]?.strings == ["CMD", "true"])
      #expect(settings?["StopSignal"]?.string == "SIGTERM")
      #expect(worker.configuration.labels["org.example.base"] == "worker")
      #expect(worker.configuration.labels["org.example.team"] == "vision")
      let python = try worker.run(["-c", "print(6 * 7)"], program: ["/usr/bin/python3"])
      #expect(python.output == "42\n")

      let extra = try ContainerBundle(registry: #require(images["extra"]))
      let other = try ProbeReport(extra.run([]).output)
      #expect(other.user == 0)
      #expect(other.foundResources)
      #expect(other.environment["EXTRA"] == "1")
      #expect(other.environment["PATH"]?.contains("/opt/extra/bin") == true)
      #expect(try extra.run(program: ["/bin/cat", "/etc/worker-extra"]).output == "the second base\n")
      // The base's layers came over by a mount, not by an upload of their bytes.
      #expect(registry.log.contains("mount="))
    }

    @Test func `The folder of the program is writable for the image's user`() throws {
      for user in ["1000:1000", "0:0"] {
        try copy.configure(
          "version: 1\npipelines: {Probe: {base: \"\(try copy.workerBase()):\(WorkerBase.tag)\", user: \"\(user)\"}}\n"
        )
        let bundle = try Self.build(copy)
        let written = try bundle.run(
          ["-c", "echo '#!/bin/sh\necho wrapped' > /sematic/bin/ray && chmod +x /sematic/bin/ray && ray"],
          program: ["/bin/sh"])
        #expect(written.output == "wrapped\n", "as \(user)")
      }
    }

    @Test func `User, working directory and variables are those of the pipeline file`() throws {
      try copy.configure(
        """
        version: 1
        defaults: {env: {A: lower, B: kept}}
        pipelines:
          Probe: {base: scratch, user: "1234:5678", workdir: /app/here, env: {A: "upper = ä $x"}}
        """)
      let bundle = try Self.build(copy)
      let report = try ProbeReport(bundle.run([]).output)
      #expect(report.user == 1234)
      #expect(report.folder == "/app/here")
      // Without root, umoci gives all files to whom it runs as.
      if geteuid() == 0 {
        for folder in ["app/here", "home/user"] {
          var status = stat()
          #expect(lstat("\(bundle.root)/\(folder)", &status) == 0)
          #expect(status.st_uid == 1234 && status.st_gid == 5678, "\(folder)")
        }
      }
      #expect(report.environment["A"] == "upper = ä $x")
      #expect(report.environment["B"] == "kept")
    }

    @Test func `A crash says where, above nothing and above Debian`() throws {
      for base in ["scratch", "\(try copy.workerBase()):\(WorkerBase.tag)"] {
        func trap(_ setting: String = "") throws -> String {
          try copy.configure("version: 1\npipelines: {Probe: {base: \"\(base)\"\(setting)}}\n")
          let result = try Self.build(copy).run(["--trap", "100"])
          #expect(result.status == 132)
          return result.output
        }
        let crash = try trap()
        // The program is stripped: names, but no lines.
        #expect(crash.contains("Program crashed: Illegal instruction"), "\(base): \(crash)")
        #expect(crash.contains("Probe.element(_:)"), "\(base): \(crash)")
        #expect(try !trap(", backtraces: false").contains("crashed"))
        let own = try trap(", env: {SWIFT_BACKTRACE: \"enable=no\"}")
        #expect(!own.contains("crashed"))
        #expect(try ProbeReport(own).environment["SWIFT_BACKTRACE"]?.hasSuffix(",enable=no") == true)
      }
    }

    @Test func `Data keeps its name, its content and whether it is executable, whatever the umask`() throws {
      let deep = (0..<36).map { "folder-\($0)" }.joined(separator: "/")
      let names = [
        "mit leerzeichen.txt", "ümläut-日本.txt", "quote'\"$x.txt", "\(deep)/name.txt",
        String(repeating: "n", count: 240) + ".txt",
      ]
      #expect(names.contains { $0.utf8.count > 300 })
      let folder = copy.path + "/data/names"
      defer { try? FileTree.remove(folder) }
      for name in names { try AtomicFile.write(Array("of \(name)".utf8), to: "\(folder)/\(name)", mode: 0o600) }
      try AtomicFile.write(Array("#!/bin/sh\n".utf8), to: folder + "/run.sh", mode: 0o700)
      try FileTree.createDirectory(folder, mode: 0o700)
      try copy.configure(
        "version: 1\npipelines: {Probe: {base: scratch, user: \"1234\", workdir: /work, data: [\"data/names/**\"]}}\n")
      let bundle = try Self.build(copy)
      for name in names {
        let path = "work/data/names/\(name)"
        #expect(try String(decoding: FileTree.read("\(bundle.root)/\(path)"), as: UTF8.self) == "of \(name)")
        #expect(try bundle.status(path).mode == 0o644)
        #expect(try bundle.status(FileTree.parent(of: path)).mode == 0o755)
      }
      #expect(try bundle.status("work/data/names/run.sh").mode == 0o755)
      #expect(try bundle.status("sematic/bin/Probe").mode & 0o777 == 0o755)
      // The program itself, as another user, finds it by its name.
      let read = try bundle.run(["--read", "data/names/\(names[1])"])
      #expect(read.output.hasSuffix("of \(names[1])"), "\(read.output)")
    }

    static func build(_ copy: StarterCopy, _ arguments: [String] = []) throws -> ContainerBundle {
      let folder = try TemporaryFolder("image")
      let result = try copy.run(["build-image", "--pipeline", "Probe", "--output", folder.file("layout")] + arguments)
      #expect(result.status == 0, "\(result.errorOutput)")
      let tag = try #require(try LayoutReader(folder.file("layout")).tags().first)
      return try ContainerBundle(layout: folder.file("layout"), tag: tag)
    }
  }
}
