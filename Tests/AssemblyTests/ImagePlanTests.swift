import Foundation
import SematicFiles
import SematicOCI
import TestSupport
import Testing

@testable import SematicAssembly
@testable import SematicELF

@Suite struct ImagePlanTests {
  let product: CraftedProduct

  init() throws { product = try CraftedProduct() }

  /// Of a base image like Sematic's.
  private func base(_ change: (inout ImageConfiguration) -> Void = { _ in }) throws -> ImageConfiguration {
    let text = """
      {"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": []}, "config": {
      "Env": ["PATH=/opt/venv/bin:/usr/bin", "LANG=C.UTF-8", "KEEP=a=b"], "Cmd": ["bash"], "Entrypoint": ["/init"],
      "WorkingDir": "/srv", "User": "worker", "Labels": {"vendor": "x", "name": "base"}, "StopSignal": "SIGINT"}}
      """
    var configuration = try ImageConfiguration(bytes: Data(text.utf8))
    change(&configuration)
    return configuration
  }

  @Test func `above a base, the plan is this`() throws {
    try product.folder.write("data/table one.csv", "1,2\n")
    let settings = ImageSettings(
      environment: ["LANG": "de", "ADDED": "x y"], labels: ["name": "ours"], annotations: ["who": "me"], user: "1000",
      data: [
        .init(source: product.folder.file("data/table one.csv"), destination: "data/table one.csv"),
        .init(source: product.folder.file("data/table one.csv"), destination: "/opt/tables/"),
      ])
    let plan = try product.plan(.image(base()), settings)
    // It has the path of the test's folder in it.
    let size = try FileStatus(of: product.folder.file("build/App")).size
    #expect(
      plan.description == """
        platform: linux/amd64
        entrypoint: /sematic/entrypoint /sematic/bin/App
        working directory: /srv
        user: 1000
        environment:
          PATH=/sematic/bin:/opt/venv/bin:/usr/bin
          LANG=de
          KEEP=a=b
          ADDED=x y
        labels:
          name=ours
          vendor=x
        annotations:
          who=me
        layer certificates: 1 file, 11 B
           755          -  /sematic/
           755          -  /sematic/lib/
           644       11 B  /sematic/lib/ca-certificates.crt
        layer runtime: 1 file, 120 B
           755          -  /sematic/
          1777          -  /sematic/bin/
           755      120 B  /sematic/bin/libswiftCore.so
        layer system libraries: 1 file, 251 B
           755          -  /sematic/
          1777          -  /sematic/bin/
           755      251 B  /sematic/bin/libcurl.so.4
        layer data: 2 files, 8 B
           644        4 B  /opt/tables/table one.csv
           644        4 B  /srv/data/table one.csv
        layer resources: 3 files, 31 B
           755          -  /sematic/
          1777          -  /sematic/bin/
           755          -  /sematic/bin/app_App.resources/
           644        5 B  /sematic/bin/app_App.resources/a.txt
           755          -  /sematic/bin/app_App.resources/bin/
           755       26 B  /sematic/bin/app_App.resources/bin/run
           777          -  /sematic/bin/app_App.resources/link -> bin/../a.txt
        layer libraries: 1 file, 337 B
           755          -  /sematic/
          1777          -  /sematic/bin/
           755      337 B  /sematic/bin/libShapes.so
        layer program: 2 files, \(size + 20) B
           755          -  /sematic/
          1777          -  /sematic/bin/
           755      \(size) B  /sematic/bin/App
           755       20 B  /sematic/entrypoint
        needs of the base: at least GLIBC_2.35
        warning: libnowhere.so, which libShapes.so needs, is nowhere on this machine: the program starts only if the base \
        has it

        """)
  }

  @Test func `the image is the base with the plan's settings and layers, and what else the base says`() throws {
    let configuration = try base()
    let plan = try product.plan(.image(configuration), ImageSettings(labels: ["a": "b"], annotations: ["c": "d"]))
    let digest = try Digest.of(Array("layer".utf8))
    let layer = Layer(
      descriptor: Descriptor(mediaType: .layerGzip, digest: digest, size: 5), diffID: digest, content: .file("/x"),
      createdBy: plan.layers[0].createdBy)
    let image = try plan.apply(to: Image(configuration: configuration, layers: []), layers: [layer])
    #expect(image.configuration.entrypoint == ["/sematic/entrypoint", "/sematic/bin/App"])
    #expect(image.configuration.command.isEmpty)
    #expect(image.configuration.environment == plan.environment)
    #expect(image.configuration.user == "worker")
    #expect(image.configuration.workingDirectory == "/srv")
    #expect(image.configuration.labels == ["vendor": "x", "name": "base", "a": "b"])
    #expect(image.configuration.document["config"]?["StopSignal"] == .string("SIGINT"))
    #expect(
      image.configuration.document["history"]?.array?.last?["created_by"] == .string("swift-sematic: certificates"))
    #expect(image.configuration.diffIDs == [digest])
    let record = #"{"labels":{"a":"b"},"layers":1,"leading":{"PATH":["/sematic/bin"]},"needs":["GLIBC_2.35"]}"#
    #expect(image.annotations == ["c": "d", ImageOverlay.annotation: record])
  }

  @Test func `where nothing else is the working directory, it is a folder of ours`() throws {
    for path in [nil, "", "/"] as [String?] {
      let plan = try product.plan(.image(base { $0.workingDirectory = path }))
      #expect(plan.workingDirectory == "/sematic/app")
      let entry = PlannedFile(path: "sematic/app", content: .directory, mode: 0o755)
      #expect(plan.layers.last?.files.contains(entry) == true)
    }
    #expect(try product.plan(.image(base()), ImageSettings(workingDirectory: "/x/./y/")).workingDirectory == "/x/y")
    let error = try #require(throws: ImagePlanError.self) {
      try product.plan(.image(base()), ImageSettings(workingDirectory: "x"))
    }
    #expect(error.description == "the working directory 'x' is not an absolute path")
  }

  @Test func `PATH is the settings', the base's or the usual one, with our folder in front once`() throws {
    func path(_ base: String?, _ ours: String?) throws -> String? {
      let configuration = try self.base { configuration in
        configuration.environment = base.map { ["PATH=\($0)"] } ?? []
      }
      let plan = try product.plan(
        .image(configuration), ImageSettings(environment: ours.map { ["PATH": $0] } ?? [:]))
      return plan.environment.first { $0.hasPrefix("PATH=") }
    }
    #expect(try path("/a:/sematic/bin/:/b", nil) == "PATH=/sematic/bin:/a:/b")
    #expect(try path("/a", "/c") == "PATH=/sematic/bin:/c")
    #expect(try path("", nil) == "PATH=/sematic/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
    #expect(try path(nil, nil) == "PATH=/sematic/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
  }

  @Test func `LD_LIBRARY_PATH is set only where the program cannot look beside itself`() throws {
    var program = product
    program.runpath = "$ORIGIN/x"
    try FileTree.symbolicLink(at: product.folder.file("build/x"), to: ".")
    for library in ["libswiftCore.so", "libcurl.so.4"] {
      try CraftedElf.library().write("build/\(library)", in: product.folder)
    }
    let plan = try program.plan(.image(base { $0.setEnvironment("LD_LIBRARY_PATH", "/usr/local/cuda/lib64:") }))
    #expect(plan.environment.contains("LD_LIBRARY_PATH=/sematic/bin:/usr/local/cuda/lib64"))
    #expect(try program.plan(.image(base())).environment.contains("LD_LIBRARY_PATH=/sematic/bin"))
    #expect(!(try product.plan(.image(base())).environment.contains { $0.hasPrefix("LD_LIBRARY_PATH") }))
  }

  @Test func `a program of another processor than the base's, or the one asked for, is refused`() throws {
    let arm = try base { $0.platform = Platform(architecture: "arm64", variant: "v8") }
    let error = try #require(throws: ImagePlanError.self) { try product.plan(.image(arm)) }
    #expect(error.description == "the program App is for linux/amd64, but the base image is for linux/arm64/v8")
    #expect(
      error.hint
        == "build the program for linux/arm64/v8 with `--swift-sdk`, or the image for linux/amd64, by its base or `--platform linux/amd64`"
    )
    let second = try #require(throws: ImagePlanError.self) {
      try product.plan(.image(base()), wanted: Platform(architecture: "s390x"))
    }
    #expect(
      second.description
        == "the program App is for linux/amd64, but the platform that was asked for is for linux/s390x")
    // What the base's own programs need of a processor is not ours to judge.
    _ = try product.plan(.image(base { $0.platform = Platform(architecture: "amd64", variant: "v3") }))
    let windows = try base { $0.platform = Platform(os: "windows", architecture: "amd64") }
    #expect(throws: ImagePlanError.self) { try product.plan(.image(windows)) }
  }

  @Test func `more layers than Docker takes are an error`() throws {
    func plan(above layers: Int) throws -> ImagePlan {
      let digest = try Digest.of([1])
      let layer = Layer(
        descriptor: Descriptor(mediaType: .layerGzip, digest: digest, size: 1), diffID: digest, content: .base)
      return try product.plan(.image(base { $0.append(Array(repeating: layer, count: layers)) }))
    }
    let own = try plan(above: 0).layers.count
    #expect(try plan(above: 127 - own).layers.count == own)
    let error = try #require(throws: ImagePlanError.self) { try plan(above: 128 - own) }
    #expect(
      error.description
        == "the image would have 128 layers, \(128 - own) of the base and \(own) of its own, and Docker "
        + "takes at most 127")
  }

  @Test func `the image says when it was made, as the settings say`() throws {
    let time = try CreationTime(sourceDateEpoch: "1700000000")
    let image = try product.scratchPlan(ImageSettings(created: time)).apply(
      to: .scratch(Platform(architecture: "amd64")), layers: [])
    #expect(image.configuration.document["created"]?.string == "2023-11-14T22:13:20Z")
  }

  @Test(arguments: ["", ".", "..", "a/b"])
  func `a product's name is the name of a file`(name: String) throws {
    var other = product
    other.name = name
    let error = try #require(throws: ImagePlanError.self) { try other.plan(.image(base())) }
    #expect(error.description.hasPrefix("'\(name)' cannot be the name of a launch program: "))
  }

  @Test func `without a base, the plan is this`() throws {
    let plan = try product.scratchPlan(ImageSettings(workingDirectory: "/srv/app"))
    #expect(
      plan.description == """
        platform: linux/amd64
        entrypoint: /sematic/bin/App
        working directory: /srv/app
        environment:
          PATH=/sematic/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
          HOME=/tmp
        layer system: 1 file, 44 B
           755          -  /etc/
           644       44 B  /etc/nsswitch.conf
           700          -  /root/
          1777          -  /tmp/
        layer resources: 3 files, 31 B
           755          -  /sematic/
          1777          -  /sematic/bin/
           755          -  /sematic/bin/app_App.resources/
           644        5 B  /sematic/bin/app_App.resources/a.txt
           755          -  /sematic/bin/app_App.resources/bin/
           755       26 B  /sematic/bin/app_App.resources/bin/run
           777          -  /sematic/bin/app_App.resources/link -> bin/../a.txt
        layer program: 3 files, 238 B
           755          -  /etc/
           644       27 B  /etc/group
           644       91 B  /etc/passwd
           755          -  /sematic/
          1777          -  /sematic/bin/
           755      120 B  /sematic/bin/App
           755          -  /srv/
           755          -  /srv/app/

        """)
  }

  @Test(
    arguments: [
      (nil, "", "", "", FileOwner.root), ("root", "", "", "", .root),
      ("nobody", "", "", "", FileOwner(user: 65534, group: 65534)),
      (
        "1234", "user:x:1234:1234::/home/user:/sbin/nologin\n", "user:x:1234:\n", "home/user",
        .init(user: 1234, group: 1234)
      ),
      ("12:34", "user:x:12:34::/home/user:/sbin/nologin\n", "user:x:34:\n", "home/user", .init(user: 12, group: 34)),
      (
        "worker:staff", "worker:x:1000:1000::/home/worker:/sbin/nologin\n", "staff:x:1000:\n", "home/worker",
        .init(user: 1000, group: 1000)
      ),
      ("worker:0", "worker:x:1000:0::/home/worker:/sbin/nologin\n", "", "home/worker", .init(user: 1000, group: 0)),
    ] as [(String?, String, String, String, FileOwner)])
  func `without a base, its user has entries and a home, and owns the working directory`(
    user: String?, passwd: String, group: String, home: String, owner: FileOwner
  ) throws {
    let plan = try product.scratchPlan(ImageSettings(user: user))
    #expect(plan.user == user)
    let files = try #require(plan.layers.last).files
    func text(_ path: String) -> String? {
      guard case .bytes(let bytes)? = files.first(where: { $0.path == path })?.content else { return nil }
      return String(decoding: bytes, as: UTF8.self)
    }
    let users = "root:x:0:0:root:/root:/sbin/nologin\nnobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin\n"
    #expect(text("etc/passwd") == users + passwd)
    #expect(text("etc/group") == "root:x:0:\nnogroup:x:65534:\n" + group)
    #expect(files.first { $0.path == "sematic/app" }?.owner == owner)
    let folder = files.first { $0.path == home }
    #expect(home.isEmpty || folder?.owner == owner && folder?.mode == 0o700)
  }

  @Test func `above a base, a user by number owns the working directory where it is ours`() throws {
    func owner(_ user: String, _ folder: String) throws -> FileOwner? {
      let plan = try product.plan(.image(base { $0.workingDirectory = folder }), ImageSettings(user: user))
      return plan.layers.last?.files.first { $0.path == "sematic/app" }?.owner
    }
    #expect(try owner("1000:50", "/") == FileOwner(user: 1000, group: 50))
    #expect(try owner("worker", "/") == .root)
    #expect(try owner("1000", "/srv") == nil)
  }

  @Test func `without a base, the program starts itself, at home in the temporary folder`() throws {
    let plan = try product.scratchPlan()
    #expect(plan.entrypoint == ["/sematic/bin/App"])
    #expect(!plan.layers.flatMap(\.files).contains { $0.path == "sematic/entrypoint" })
    #expect(plan.platform == Platform(architecture: "amd64"))
    #expect(
      plan.environment == [
        "PATH=/sematic/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/tmp",
      ])
    #expect(try product.scratchPlan(ImageSettings(environment: ["HOME": "/x"])).environment.first == "HOME=/x")
  }
}
