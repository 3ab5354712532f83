import SematicFiles
import SematicOCI
import TestSupport
import Testing

@testable import SematicAssembly
@testable import SematicELF

@Suite struct ImagePlanPythonTests {
  let product: CraftedProduct

  init() throws { product = try CraftedProduct() }

  private func worker(_ script: String = "py/main.py", roots: [String] = ["py", "", "src"]) throws -> PythonWorker {
    let source = try product.folder.write(script, "print()\n")
    return PythonWorker(
      entrypoint: "#!/bin/sh\nworker\n", startScript: "#!/bin/sh\nstart\n", siteScript: "# site\n", importRoots: roots,
      sources: [.init(source: source, destination: script)])
  }

  /// Two programs that share the toolchain's library, and one of them a bundle.
  private func programs() throws -> [ImageProgram] {
    let (first, libraries) = try product.artifacts(
      CraftedElf.program(["libswiftCore.so", "libc.so.6"], runpath: product.runpath))
    let other = try CraftedElf.program(["libswiftCore.so"], runpath: product.runpath).write(
      "build/Other", in: product.folder)
    var second = first
    (second.product, second.executable) = ("Other", other)
    let folders = LibraryFolders(system: [product.folder.file("lib")])
    return [
      ImageProgram(first, libraries: libraries),
      ImageProgram(second, libraries: try LibraryResolver(folders).resolve(ElfFile(other))),
    ]
  }

  private func base(_ variables: [String], _ architecture: String = "amd64") -> ImagePlan.Base {
    var configuration = ImageConfiguration(platform: Platform(architecture: architecture))
    configuration.environment = variables
    configuration.command = ["/bin/sh"]
    return .image(configuration)
  }

  private func packages() throws -> String {
    try product.folder.write("packages/lib/__init__.py", "")
    try product.folder.write("packages/bin/ray", "#!/usr/bin/python3\n", mode: 0o755)
    return product.folder.file("packages")
  }

  @Test func `sources, packages, programs and the worker's script have their places and layers`() throws {
    let plan = try ImagePlan(
      .worker(programs(), worker()), settings: ImageSettings(pythonPackages: packages()), base: base([]))
    let paths = Dictionary(uniqueKeysWithValues: plan.layers.map { ($0.kind, $0.files.map(\.path)) })
    #expect(plan.layers.map(\.kind) == [.runtime, .requirements, .resources, .program])
    #expect(
      paths[.requirements] == [
        "sematic", "sematic/python", "sematic/python/bin", "sematic/python/bin/ray", "sematic/python/lib",
        "sematic/python/lib/__init__.py",
      ])
    #expect(
      paths[.program] == [
        "sematic", "sematic/app", "sematic/app/py", "sematic/app/py/main.py", "sematic/bin", "sematic/bin/App",
        "sematic/bin/Other", "sematic/entrypoint", "sematic/site", "sematic/site/sitecustomize.py", "sematic/start",
      ])
    #expect(paths[.runtime]?.last == "sematic/bin/libswiftCore.so")
    #expect(plan.entrypoint == ["/sematic/entrypoint"])
    let bin = plan.layers.flatMap(\.files).filter { $0.path == "sematic/bin" }
    #expect(bin.allSatisfy { $0.mode == 0o1777 })
  }

  @Test func `the search paths of the base stay, behind ours`() throws {
    let plan = try ImagePlan(
      .worker(programs(), worker()), settings: ImageSettings(pythonPackages: packages()),
      base: base(["PATH=/opt/bin:/usr/bin:/sematic/bin/", "PYTHONPATH=/opt/python::/sematic/python"]))
    #expect(
      plan.environment == [
        "PATH=/sematic/bin:/sematic/python/bin:/opt/bin:/usr/bin",
        "PYTHONPATH=/sematic/site:/sematic/app/py:/sematic/app:/sematic/app/src:/sematic/python:/opt/python",
      ])
    let bare = try ImagePlan(.worker([], worker("main.py", roots: [""])), settings: ImageSettings(), base: base([]))
    #expect(bare.environment.contains("PYTHONPATH=/sematic/app"))
    #expect(!bare.layers.flatMap(\.files).contains { $0.path.hasPrefix("sematic/site") })
    #expect(bare.platform == Platform(architecture: "amd64"))
  }

  @Test func `what the packages' own libraries need of the base is said, and their Python`() throws {
    let folder = try packages()
    func write(_ name: String, _ machine: UInt16, _ needs: [(String, [String])]) throws {
      var library = CraftedElf(machine: machine)
      library.versionNeeds = needs.map { (library: $0, versions: $1) }
      try library.write("packages/" + name, in: product.folder)
    }
    try write("lib/_a.cpython-311-x86_64-linux-gnu.so", 62, [("libc.so.6", ["GLIBC_2.9", "GLIBC_2.28"])])
    try write("a.libs/libb.so.1", 62, [("libstdc++.so.6", ["GLIBCXX_3.4.21"])])
    // Of a library that comes along, for another processor, and not an ELF file.
    try write("lib/_c.abi3.so", 62, [("libgfortran.so.5", ["GLIBC_2.99"])])
    try write("a.libs/libgfortran.so.5", 62, [])
    try write("lib/_arm.so", 183, [("libc.so.6", ["GLIBC_2.99"])])
    try product.folder.write("packages/lib/text.so", "text")
    let python = ImageOverlay.Python(version: "3.11", path: "/usr/bin/python3")
    var settings = ImageSettings(pythonPackages: folder)
    settings.python = python
    let plan = try ImagePlan(.worker([], worker("main.py", roots: [""])), settings: settings, base: base([]))
    #expect(plan.requiredVersions == ["GLIBC_2.28", "GLIBCXX_3.4.21"])
    let record = try plan.apply(to: .scratch(plan.platform), layers: []).annotations[ImageOverlay.annotation]
    #expect(
      record == #"{"layers":0,"leading":{"PATH":["/sematic/bin","/sematic/python/bin"],"PYTHONPATH":["/sematic/app","#
        + #""/sematic/python"]},"needs":["GLIBC_2.28","GLIBCXX_3.4.21"],"#
        + #""python":{"path":"/usr/bin/python3","version":"3.11"}}"#)
    // Without packages there is nothing to say.
    settings.pythonPackages = nil
    let bare = try ImagePlan(.worker([], worker("main.py", roots: [""])), settings: settings, base: base([]))
    #expect(
      try bare.apply(to: .scratch(plan.platform), layers: []).annotations[ImageOverlay.annotation]
        == #"{"layers":0,"leading":{"PATH":["/sematic/bin"],"PYTHONPATH":["/sematic/app"]}}"#)
  }

  @Test func `sources and data are one tree, in the working directory of a script's own`() throws {
    let data = try product.folder.write("py/table.csv", "1\n")
    var configuration = ImageConfiguration(platform: Platform(architecture: "amd64"))
    configuration.workingDirectory = "/home/worker"
    let item = ImageSettings.DataItem(source: data, destination: "py/table.csv")
    func plan(_ settings: ImageSettings) throws -> ImagePlan {
      try ImagePlan(.worker([], worker()), settings: settings, base: .image(configuration))
    }
    let own = try plan(ImageSettings(data: [item]))
    #expect(own.workingDirectory == "/sematic/app")
    let files = own.layers.flatMap(\.files).map(\.path)
    #expect(own.layers.flatMap(\.files).filter { $0.path == "sematic/app" }.map(\.mode) == [0o1777, 0o1777])
    #expect(files.contains("sematic/app/py/main.py") && files.contains("sematic/app/py/table.csv"))

    let named = try plan(ImageSettings(workingDirectory: "/srv/project", data: [item]))
    #expect(named.workingDirectory == "/srv/project")
    #expect(named.environment.contains("PYTHONPATH=/sematic/site:/srv/project/py:/srv/project:/srv/project/src"))
    #expect(named.layers.flatMap(\.files).map(\.path).contains("srv/project/py/main.py"))

    let refused = try #require(throws: ImagePlanError.self) { try plan(ImageSettings(workingDirectory: "/lib")) }
    #expect(
      refused.description
        == "the source py/main.py cannot be /lib/py/main.py in the image: /lib is a symbolic link in most bases; use /usr/lib"
    )
  }

  @Test func `packages with pth files bring the module that reads them`() throws {
    let folder = try packages()
    try AtomicFile.write([], to: folder + "/.site/sitecustomize.py")
    let plan = try ImagePlan(
      .worker(programs(), worker()), settings: ImageSettings(pythonPackages: folder), base: base([]))
    let path = try #require(plan.environment.first { $0.hasPrefix("PYTHONPATH=") })
    #expect(path.hasPrefix("PYTHONPATH=/sematic/python/.site:"), "\(path)")
    #expect(path.contains(":/sematic/python"), "\(path)")
  }

  @Test func `what the settings name of the system is for the image's platform, also without a program`() throws {
    let arm = try CraftedElf.arm64.write("system/arm", in: product.folder)
    let intel = try CraftedElf.amd64.write("system/intel", in: product.folder)
    func plan(_ path: String, on architecture: String) throws -> ImagePlan {
      try ImagePlan(
        .worker([], worker()), settings: ImageSettings(systemItems: [.init(source: path, destination: "/opt/it")]),
        base: base([], architecture))
    }
    for (path, architecture) in [(arm, "arm64"), (intel, "amd64")] {
      #expect(try plan(path, on: architecture).layers.flatMap(\.files).contains { $0.path == "opt/it" })
    }
    let error = try #require(throws: ImagePlanError.self) { try plan(intel, on: "arm64") }
    #expect(error.reason == .notInSystem(intel))
    let text = try product.folder.write("system/text", "text")
    #expect(try plan(text, on: "wasm").layers.flatMap(\.files).contains { $0.path == "opt/it" })
  }

  @Test func `a Swift pipeline can have packages, too`() throws {
    let (artifacts, libraries) = try product.artifacts(CraftedElf())
    let plan = try ImagePlan(
      artifacts, settings: ImageSettings(pythonPackages: packages()), base: base([]), libraries: libraries,
      entrypoint: "#!/bin/sh\n")
    #expect(plan.environment.contains("PYTHONPATH=/sematic/python"))
    #expect(plan.entrypoint == ["/sematic/entrypoint", "/sematic/bin/App"])
  }

  @Test func `without a base there is no Python`() throws {
    let script = try #require(throws: ImagePlanError.self) {
      try ImagePlan(.worker([], worker()), settings: ImageSettings(), base: .scratch)
    }
    #expect(script.description == "an image without a base has no Python for the script")
    #expect(script.hint == "choose a base with Python, such as worker-base")
    let requirements = try #require(throws: ImagePlanError.self) {
      try product.scratchPlan(ImageSettings(pythonPackages: packages()))
    }
    #expect(requirements.description == "an image without a base has no Python for the requirements")
  }

  @Test func `two programs at one place are refused`() throws {
    let programs = try programs()
    var other = programs[1].artifacts
    other.product = programs[0].artifacts.product
    let second = ImageProgram(other, libraries: programs[1].libraries)
    #expect(throws: ImagePlanError.self) {
      try ImagePlan(.worker([programs[0], second], worker()), settings: ImageSettings(), base: base([]))
    }
  }
}
