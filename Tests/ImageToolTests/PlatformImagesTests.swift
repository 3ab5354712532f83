import Foundation
import SematicFiles
import SematicOCI
import TestSupport
import Testing

@testable import ImageTool

/// Images for two platforms below one index, by the tool itself.
@Suite struct PlatformImagesTests {
  private let folder: TemporaryFolder
  private let tool: String

  init() throws {
    folder = try TemporaryFolder("platforms")
    tool = FileTree.parent(of: try FileTree.resolved("/proc/self/exe")) + "/ImageTool"
    for (name, machine) in [("amd64", UInt16(62)), ("arm64", 183)] {
      var program = CraftedElf(machine: machine, type: 2)
      program.interpreter = nil
      try program.write("\(name)/App", in: folder)
    }
    try folder.write("package/data/table.csv", String(repeating: "1,2,3\n", count: 1000))
    try folder.write("package/sematic.yaml", "version: 1\npipelines: {App: {base: scratch, data: [data]}}\n")
  }

  private var executables: [String] {
    ["--executable", "linux/amd64=../amd64/App", "--executable", "linux/arm64=../arm64/App"]
  }

  private func run(_ arguments: [String], environment: [String: String] = [:]) throws -> ChildProcess.Result {
    try ChildProcess.run(
      [tool] + arguments,
      environment: ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": folder.path]
        .merging(environment) { $1 },
      folder: folder.file("package"))
  }

  private func index(_ layout: String) throws -> (digest: String, index: ImageIndex) {
    let reader = LayoutReader(layout)
    let digest = try reader.digest()
    return (digest, try JSONDecoder().decode(ImageIndex.self, from: try reader.blob(digest)))
  }

  private func manifests(_ layout: String) throws -> [Manifest] {
    let reader = LayoutReader(layout)
    return try index(layout).index.manifests.map {
      try JSONDecoder().decode(Manifest.self, from: try reader.blob($0.digest.description))
    }
  }

  @Test func `One index names the image of each platform, and they share what does not differ`() throws {
    let layout = folder.file("layout")
    let result = try run(["build", "--output", layout, "--metadata-file", folder.file("metadata")] + executables)
    #expect(result.status == 0, "\(result.output)")
    #expect(result.output.hasSuffix("oci:\(layout):App_default\n"), "\(result.output)")
    let (digest, found) = try index(layout)
    #expect(found.mediaType == .index)
    #expect(found.manifests.map(\.platform?.description) == ["linux/amd64", "linux/arm64"])
    let layers = try manifests(layout).map { $0.layers.map(\.digest) }
    // The data and the system's few files; the program differs.
    #expect(Set(layers[0]).intersection(layers[1]).count == layers[0].count - 1)
    let metadata = try JSONDecoder().decode(JSONValue.self, from: Data(FileTree.read(folder.file("metadata"))))
    let image = try #require(metadata["images"]?.array?.first)
    #expect(image["digest"]?.string == digest)
    #expect(image["platform"]?.string == "linux/amd64,linux/arm64")
    #expect(image["platforms"]?.array?.count == 2)
    #expect(image["layers"]?.array?.count == Set(layers[0] + layers[1]).count)

    // One platform alone is the same image without an index.
    let single = folder.file("single")
    #expect(try run(["build", "--output", single, "--executable", "../arm64/App"]).status == 0)
    #expect(try LayoutReader(single).digest() == found.manifests[1].digest.description)

    // And a base that is an index gives each platform its own.
    let above = folder.file("above")
    let second = try run(["build", "--output", above, "--base", "oci:\(layout)"] + executables)
    #expect(second.status == 0, "\(second.output)")
    let bases = try manifests(above).map { $0.annotations?["org.opencontainers.image.base.digest"] }
    #expect(bases == found.manifests.map(\.digest.description))
    #expect(try zip(manifests(above), layers).allSatisfy { $0.layers.map(\.digest).starts(with: $1) })
  }

  @Test func `An archive holds the index, and a docker-archive says at once that it cannot`() throws {
    let archive = folder.file("archive.tar")
    #expect(try run(["build", "--format", "oci-archive", "--output", archive] + executables).status == 0)
    for image in ["oci-archive:\(archive)", "oci-archive:\(archive):App_default"] {
      let inspected = try run(["inspect", image])
      #expect(inspected.status == 0, "\(inspected.output)")
      for platform in ["amd64", "arm64"] { #expect(inspected.output.contains("platform: linux/\(platform)\n")) }
    }
    let one = try run(["inspect", "oci-archive:\(archive)", "--platform", "linux/arm64"])
    #expect(one.output.contains("linux/arm64") && !one.output.contains("linux/amd64"))
    let refused = try run(
      ["build", "--format", "docker-archive", "--output", folder.file("docker.tar"), "--platform", "linux/amd64"]
        + ["--platform", "linux/arm64"] + executables)
    #expect(refused.status == 1)
    #expect(refused.output.contains("a docker-archive can hold an image for one platform alone"), "\(refused.output)")
    #expect(!FileTree.exists(folder.file("docker.tar")))
  }

  @Test func `docker is not even asked to load an image for several platforms`() throws {
    try folder.write("bin/docker", "#!/bin/sh\necho \"$*\" >>\"\(folder.file("asked"))\"\n", mode: 0o755)
    let result = try run(
      ["build", "--load-into", "docker", "--platform", "linux/amd64", "--platform", "linux/arm64"] + executables,
      environment: ["PATH": folder.file("bin") + ":/usr/bin:/bin"])
    #expect(result.status == 1)
    let said = "error: docker loads an image for one platform, and there are several\n\nhint: `--platform "
    #expect(result.output.hasPrefix(said), "\(result.output)")
    #expect(!FileTree.exists(folder.file("asked")))
  }

  @Test(.usualPort, .enabled(if: ChildProcess.canRun("python3")))
  func `A launch above an index has the image for this machine`() throws {
    let layout = folder.file("layout")
    try #require(run(["build", "--output", layout] + executables).status == 0)
    try folder.write("package/main.py", "import os\nprint('launched', os.environ['SEMATIC_CONTAINER_IMAGE_URIS'])\n")
    try folder.write("package/sematic.yaml", "version: 1\npipelines: {script: {script: main.py}}\n")
    let result = try run(
      ["run", "--base", "oci:\(layout)", "--no-server-check", "--metadata-file", folder.file("metadata")])
    #expect(result.status == 0, "\(result.output)")
    let metadata = try JSONDecoder().decode(JSONValue.self, from: Data(FileTree.read(folder.file("metadata"))))
    let image = try #require(metadata["images"]?.array?.first)
    #expect(image["platform"]?.string == Platform.host.description && image["platforms"] == nil)
    let reference = try #require(image["reference"]?.string)
    #expect(result.output.contains("\nlaunched ::default##\(reference)\n"), "\(result.output)")
    let number = try index(layout).index.manifests.firstIndex { $0.platform?.satisfies(.host) == true }
    let own = try manifests(layout)[#require(number)].layers.map(\.digest.description)
    let layers = (image["layers"]?.array ?? []).compactMap { $0["digest"]?.string }
    #expect(layers.starts(with: own))
  }

  @Test func `Each platform of an index is checked by itself`() throws {
    let layout = folder.file("layout")
    #expect(try run(["build", "--output", layout] + executables).status == 0)
    let checked = try run(["check", "oci:\(layout)"])
    #expect(checked.output.components(separatedBy: "worker: ").count == 3, "\(checked.output)")
    for platform in ["amd64", "arm64"] { #expect(checked.output.contains("platform: linux/\(platform), sha256:")) }
    let json = try JSONDecoder().decode(
      JSONValue.self, from: Data(run(["check", "oci:\(layout)", "--json"]).output.utf8))
    #expect(json["platforms"]?.array?.compactMap { $0["platform"]?.string } == ["linux/amd64", "linux/arm64"])
    #expect(try run(["check", "oci:\(layout)", "--platform", "linux/arm64"]).output.hasPrefix("worker: "))
    let built = try run(["build", "--output", folder.file("other"), "--check"] + executables)
    #expect(built.output.contains("default, linux/arm64: ") && built.output.contains("default, linux/amd64: "))
  }

  @Test func `A product that cannot be had for a platform is an error before anything is built`() throws {
    try folder.write("package/Package.swift", "// swift-tools-version: 6.1\n")
    try folder.write(
      "bin/swift",
      """
      #!/bin/sh
      echo "$*" >>"\(folder.file("asked"))"
      echo '{"name":"p","products":[{"name":"App","type":{"executable":null}}],"targets":[]}'

      """, mode: 0o755)
    let result = try run(
      ["build", "--platform", "linux/amd64", "--platform", "linux/arm64"],
      environment: ["PATH": folder.file("bin") + ":/usr/bin:/bin", "XDG_CONFIG_HOME": folder.file("none")])
    #expect(result.status == 1)
    #expect(result.output.contains("error: the product cannot be built for linux/"), "\(result.output)")
    #expect(result.output.contains("hint: install the Swift SDK"))
    #expect(!String(decoding: try FileTree.read(folder.file("asked")), as: UTF8.self).contains("build"))
  }

  @Test(.enabled(if: DockerRegistry.isAvailable))
  func `Layers that platforms share are asked for once and sent once`() throws {
    let registry = try DockerRegistry()
    let metadata = folder.file("metadata")
    let result = try run(["push", "--registry", registry.address, "--metadata-file", metadata] + executables)
    #expect(result.status == 0, "\(result.output)")
    let document = try JSONDecoder().decode(JSONValue.self, from: Data(FileTree.read(metadata)))
    let image = try #require(document["images"]?.array?.first)
    let digest = try #require(image["digest"]?.string)
    #expect(result.output.hasSuffix("\(registry.address)/app@\(digest)\n"), "\(result.output)")
    let layers = (image["layers"]?.array ?? []).compactMap { $0["digest"]?.string }
    let log = registry.log
    func count(_ text: String) -> Int { log.components(separatedBy: text).count - 1 }
    for layer in layers { #expect(count("HEAD /v2/app/blobs/\(layer)") == 1) }
    // The layers and two configurations; two manifests and the index.
    #expect(count("\"PUT /v2/app/blobs/uploads/") == layers.count + 2)
    #expect(count("\"PUT /v2/app/manifests/") == 3)
    #expect(count("\"PUT /v2/app/manifests/App_default") == 1)
    #expect(try run(["push", "--registry", registry.address] + executables).output.hasSuffix("@\(digest)\n"))
    #expect(registry.log.components(separatedBy: "\"PUT /v2/").count - 1 == count("\"PUT /v2/"))
  }

  @Test(.enabled(if: CraftedWheel.isAvailable))
  func `Requirements are installed for each platform's Python`() throws {
    for name in ["python3", "os.py"] { try folder.write("package/python/\(name)", "") }
    try folder.write("package/requirements.txt", "--no-index\n--find-links wheels\nnative==1.0\n")
    try folder.write(
      "package/sematic.yaml",
      """
      version: 1
      pipelines:
        base:
          base: scratch
          data:
            - {from: python/python3, to: /usr/bin/python3}
            - {from: python/os.py, to: /usr/lib/python3.11/os.py}
        App: {requirements: requirements.txt}
        script: {script: main.py, platforms: [linux/amd64, linux/arm64]}

      """)
    for machine in ["x86_64", "aarch64"] {
      var wheel = CraftedWheel("native")
      wheel.tag = "cp311-cp311-manylinux_2_17_\(machine)"
      try wheel.write(in: folder.file("package/wheels"))
    }
    let (base, layout) = (folder.file("base"), folder.file("layout"))
    #expect(try run(["build", "base", "--output", base] + executables).status == 0)
    let result = try run(["build", "App", "--base", "oci:\(base)", "--output", layout] + executables)
    #expect(result.status == 0, "\(result.output)")
    for (manifest, machine) in try zip(manifests(layout), ["x86_64", "aarch64"]) {
      let found = try manifest.layers.map { layer in
        try ChildProcess.run([
          "tar", "-xzOf", "\(layout)/blobs/sha256/\(layer.digest.hex)", "--wildcards", "*/native.py",
        ]).output
      }
      #expect(found.contains { $0.contains("tag = 'cp311-cp311-manylinux_2_17_\(machine)'") })
    }

    // A script alone needs no products.
    try folder.write("package/main.py", "print('here')\n")
    let scripts = folder.file("scripts")
    let script = try run(["build", "script", "--base", "oci:\(base)", "--output", scripts])
    #expect(script.status == 0, "\(script.output)")
    #expect(try index(scripts).index.manifests.map(\.platform?.architecture) == ["amd64", "arm64"])
  }

  // MARK: - Real programs

  @Test(.enabled(if: CrossSDK.isAvailable && DockerRegistry.isAvailable && ContainerBundle.isAvailable))
  func `One push has a program for each platform, and both run`() throws {
    try folder.write(
      "package/Package.swift",
      """
      // swift-tools-version: 6.0
      import PackageDescription
      let package = Package(
        name: "app", targets: [.executableTarget(name: "App", linkerSettings: [.linkedLibrary("m")])])

      """)
    // One library of the system besides the C library, as the SDK has it: the loader has to find both.
    try folder.write(
      "package/Sources/App/main.c",
      """
      #include <math.h>
      #include <stdio.h>
      #include <sys/utsname.h>

      int main(int count, char **arguments) {
        struct utsname name;
        uname(&name);
        printf("%s %.0f\\n", name.machine, cbrt(27 * count));
        return 0;
      }

      """)
    try folder.write("package/Sources/App/include/App.h", "")
    let environment = ["XDG_CONFIG_HOME": try CrossSDK(in: folder).configurationFolder]
    let platforms = ["--platform", "linux/amd64", "--platform", "linux/arm64"]
    let registry = try DockerRegistry()
    let pushed = try run(["push", "--registry", registry.address] + platforms, environment: environment)
    try #require(pushed.status == 0, "\(pushed.output)")
    let reference = try #require(pushed.output.split(separator: "\n").last.map(String.init))
    // The embedded registry gets the same.
    let embedded = try run(["push"] + platforms, environment: environment)
    #expect(embedded.output.split(separator: "@").last == reference.split(separator: "@").last.map { $0 + "\n" })

    let own = try ContainerBundle(registry: reference).run([])
    #expect(own.output == "\(CrossSDK.ownMachine) 3\n")
    let foreign = try ContainerBundle(registry: reference, architecture: CrossSDK.architecture)
    let emulated = try CrossSDK.emulated(foreign.configuration.entrypoint[0], root: foreign.root)
    #expect(emulated.output == "\(CrossSDK.machine) 3\n")

    guard ChildProcess.canRun("podman") else { return }
    for architecture in ["amd64", "arm64"] {
      // podman's limit is 50 characters.
      let storage = "/tmp/podman-\(UUID().uuidString.prefix(8))"
      defer { try? FileTree.remove(storage) }
      let pulled = try ChildProcess.run([
        "podman", "--root", storage + "/root", "--runroot", storage + "/run", "--storage-driver", "vfs", "pull",
        "--quiet", "--tls-verify=false", "--arch", architecture, reference,
      ])
      #expect(pulled.status == 0, "\(pulled.output)")
      let inspected = try ChildProcess.run([
        "podman", "--root", storage + "/root", "--runroot", storage + "/run", "--storage-driver", "vfs", "image",
        "inspect", "--format", "{{.Architecture}}", reference,
      ])
      #expect(inspected.output.hasSuffix("\(architecture)\n"), "\(inspected.output)")
    }
  }
}
