import Foundation
import SematicFiles
import SematicOCI
import TestSupport
import Testing

/// A pipeline in Python, from its script to a container, by the tool itself.
@Suite(
  .enabled(if: ContainerBundle.isAvailable && WorkerBase.isAvailable && CraftedWheel.isAvailable), .serialized)
struct PythonImageTests {
  /// Everything that a worker in the container says of itself.
  private struct Report: Decodable {
    let arguments: [String]
    let module: String
    let greeting: String
    let home: String
    let writable: [String: Bool]
    let path: [String]
    let command: String?
    let base: String?
  }

  private static let worker = """
    import json, os, shutil, subprocess, sys, tempfile
    import steps, dependency, inside

    def can_write(folder):
        try:
            with tempfile.TemporaryFile(dir=folder): return True
        except OSError: return False

    print(json.dumps({
        "arguments": sys.argv[1:], "module": steps.__file__, "greeting": steps.greet("\\u00e4 b"),
        "home": os.environ["HOME"], "path": os.environ["PATH"].split(":"), "command": shutil.which("dependency-command"),
        "writable": {name: can_write(os.path.expanduser(name)) for name in ["~", "/sematic/bin", "/tmp"]},
        "base": os.environ.get("LD_LIBRARY_PATH")}))
    """

  private let folder: TemporaryFolder
  private let tool: String
  private var package: String { folder.file("package") }

  init() throws {
    folder = try TemporaryFolder("python")
    tool = FileTree.parent(of: try FileTree.resolved("/proc/self/exe")) + "/ImageTool"
    let wheels = folder.file("package/wheels")
    // As Sematic's own package is called, so that the image is what Sematic starts.
    var sematic = CraftedWheel("sematic")
    sematic.files = [
      "sematic/__init__.py": "", "sematic/resolvers/__init__.py": "", "sematic/resolvers/worker.py": Self.worker,
    ]
    sematic.requires = ["dependency; sys_platform == 'linux'"]
    try sematic.write(in: wheels)
    var dependency = CraftedWheel("dependency")
    dependency.commands = ["dependency-command": "dependency:main"]
    dependency.files = [
      "dependency.py": "def main(): print('dependency')\n", "dependency.pth": "vendored_by_it\n",
      "vendored_by_it/inside.py": "",
    ]
    try dependency.write(in: wheels)

    try folder.write("package/Package.swift", "// swift-tools-version: 6.1\n")
    try folder.write("package/requirements.txt", "--no-index\n--find-links wheels\nsematic==1.0\n")
    try folder.write(
      "package/py/main.py",
      "import os, sys, steps\nprint(os.environ.get('SEMATIC_CONTAINER_IMAGE_URIS'), steps.greet('local'), sys.argv[1:])\n"
    )
    try folder.write(
      "package/py/steps.py",
      """
      import subprocess

      def greet(name):
          return subprocess.run(["greet", name], check=True, capture_output=True, text=True).stdout.strip()

      """)
    try folder.write(
      "package/sematic.yaml",
      "version: 1\npipelines: {demo: {script: py/main.py, requirements: requirements.txt}}\n")
  }

  /// A Swift executable, once for all tests.
  private static let greet = Result { () throws -> String in
    let folder = FileTree.parent(of: try FileTree.resolved("/proc/self/exe")) + "/swift-sematic-test-greet"
    guard !FileTree.exists(folder + "/greet") else { return folder + "/greet" }
    let work = try TemporaryFolder("greet")
    let source = try work.write("greet.swift", "print(\"hello\", CommandLine.arguments[1])\n")
    let result = try ChildProcess.run([
      "swiftc", source, "-o", work.file("greet"), "-Xlinker", "-rpath", "-Xlinker", "$ORIGIN",
    ])
    guard result.status == 0 else { throw ChildProcess.Failure(result.output) }
    try FileTree.createDirectory(folder)
    let file = try AtomicFile(folder + "/greet", mode: 0o755)
    try InputFile(work.file("greet")).forEachChunk { try file.write($0) }
    try file.commit()
    return folder + "/greet"
  }

  private func run(
    _ verb: [String], base: String? = nil, environment: [String: String] = [:]
  ) throws -> ChildProcess.Result {
    let base = try base ?? "oci:\(WorkerBase.layout()):\(WorkerBase.tag)"
    var arguments = [tool, verb[0], "--package-path", package, "--executable", try Self.greet.get(), "--base", base]
    arguments += verb.dropFirst()
    return try ChildProcess.run(
      arguments, environment: ProcessInfo.processInfo.environment.merging(environment) { $1 }, folder: folder.path)
  }

  @Test func `all seven rules of an image for Sematic hold in the cluster's container`() throws {
    let registry = try DockerRegistry()
    // In the working directory, where `python -m` would look first.
    try folder.write("package/steps.py", "raise ImportError('the wrong module')\n")
    let pushed = try run(["push", "--registry", registry.address])
    try #require(pushed.status == 0, "\(pushed.output)")
    // 2: it is there, by the digest that was printed.
    let reference = try #require(pushed.output.split(separator: "\n").last.map(String.init))
    let bundle = try ContainerBundle(registry: reference)
    // 3: arguments alone are set.
    #expect(bundle.configuration.entrypoint == ["/sematic/entrypoint"])
    #expect(bundle.configuration.command.isEmpty)
    let script = String(decoding: try FileTree.read(bundle.root + "/sematic/entrypoint"), as: UTF8.self)
    #expect(script.hasPrefix("#!/bin/sh\n"))
    #expect(script.hasSuffix("/usr/bin/python3 -m sematic.resolvers.worker \"$@\"\n"))
    // 4
    let python = try FileTree.resolved(bundle.root + "/usr/bin/python3")
    #expect(python.hasPrefix(bundle.root) && FileManager.default.isExecutableFile(atPath: python))

    for user: (UInt32, UInt32)? in [nil, (1234, 1234)] {
      let result = try bundle.run(["--run_id", "0a b", "--resolve", "$HOME \"x\""], user: user)
      try #require(result.status == 0, "\(result.output)")
      let report = try JSONDecoder().decode(Report.self, from: Data(result.output.utf8))
      #expect(report.arguments == ["--run_id", "0a b", "--resolve", "$HOME \"x\""])
      // 1: the pipeline's modules and their dependencies, and the Swift executable that they call.
      #expect(report.module == "/sematic/app/py/steps.py")
      #expect(report.greeting == "hello ä b")
      #expect(report.command == "/sematic/python/bin/dependency-command")
      // 5, 6
      #expect(report.writable == ["~": true, "/sematic/bin": true, "/tmp": true], "as \(String(describing: user))")
      // 7
      #expect(report.path.first == "/sematic/bin")
      #expect(report.base == "/usr/local/nvidia/lib")
    }
    let command = try bundle.run([], program: ["/sematic/python/bin/dependency-command"])
    #expect(command.output == "dependency\n")
  }

  @Test func `equal packages give one digest in any folder, and pip runs for a change alone`() throws {
    func digest(_ arguments: [String] = []) throws -> (digest: String, output: String) {
      let file = folder.file("metadata.json")
      let result = try run(["build", "--metadata-file", file] + arguments)
      try #require(result.status == 0, "\(result.output)")
      struct Metadata: Decodable {
        struct Image: Decodable { let digest: String }
        let images: [Image]
      }
      return (try JSONDecoder().decode(Metadata.self, from: Data(FileTree.read(file))).images[0].digest, result.output)
    }
    let first = try digest()
    #expect(first.output.contains("installing requirements.txt for Python 3."))
    let second = try digest()
    #expect(second.digest == first.digest)
    #expect(!second.output.contains("installing"))
    let anew = try digest(["--no-cache"])
    #expect(anew.output.contains("installing requirements.txt"))
    #expect(anew.digest == first.digest)

    let other = folder.file("another folder")
    try FileTree.move(package, to: other)
    try FileTree.remove(other + "/.build")
    try FileTree.move(other, to: package)
    let moved = try digest()
    #expect(moved.output.contains("installing requirements.txt"))
    #expect(moved.digest == first.digest)

    try folder.write("package/requirements.txt", "--no-index\n--find-links wheels\ndependency\n")
    let changed = try digest()
    #expect(changed.output.contains("installing requirements.txt"))
    #expect(changed.digest != first.digest)
  }

  @Test func `a script is started with the package's executables on PATH, by the environment's Python`() throws {
    let result = try run(["run", "--local", "--quiet", "--", "a  b"])
    #expect(result.output.hasSuffix("None hello local ['a  b']\n"), "\(result.output)")
    #expect(result.status == 0)
    try folder.write("package/py/main.py", "import sys\nsys.exit(41)\n")
    #expect(try run(["run", "--local", "--quiet"]).status == 41)

    try folder.write("package/.venv/bin/python3", "#!/bin/sh\necho \"own: $@\"\n", mode: 0o755)
    let own = try run(["run", "--local", "--quiet"], environment: ["VIRTUAL_ENV": ""])
    #expect(own.output == "own: \(package)/py/main.py\n")
    #expect(try run(["run", "--local", "--quiet"], environment: ["VIRTUAL_ENV": "/active"]).status == 41)
  }

  @Test func `a project in Python alone needs no Package.swift`() throws {
    try FileTree.remove(package + "/Package.swift")
    try folder.write("package/py/steps.py", "def greet(name): return 'hello ' + name\n")
    func run(_ line: String) throws -> ChildProcess.Result {
      // Without Swift.
      let path = try #require(ChildProcess.find("python3")).split(separator: "/").dropLast().joined(separator: "/")
      return try ChildProcess.run(
        ["sh", "-c", "cd '\(package)/py' && \"$TOOL\" \(line)"],
        environment: ["TOOL": tool, "PATH": "/\(path):/usr/bin:/bin", "HOME": folder.path], folder: folder.path)
    }
    let local = try run("run-local -- x")
    #expect(local.status == 0 && local.output.hasSuffix("None hello local ['x']\n"), "\(local.output)")
    let built = try run("build --base oci:\(try WorkerBase.layout()):\(WorkerBase.tag)")
    try #require(built.status == 0, "\(built.output)")
    let layout = package + "/.build/swift-sematic/images/package"
    #expect(built.output.hasSuffix("oci:\(layout):demo_default\n"), "\(built.output)")
    let bundle = try ContainerBundle(layout: layout, tag: "demo_default")
    let result = try bundle.run(
      [], program: ["/usr/bin/python3", "-c", "import dependency, steps; print(steps.greet('image'))"])
    #expect(result.output == "hello image\n")
    #expect(String(decoding: try FileTree.read(package + "/.build/.gitignore"), as: UTF8.self) == "*\n")
  }

  @Test func `imports, files beside modules and relative paths are the same here and in the container`() throws {
    for (name, text) in [
      ("py/a/__init__.py", ""), ("py/a/words.txt", "beside"), ("space/deep/b.py", "NAME = __name__"),
      ("src/c.py", "NAME = 'src'"), ("py/steps.py", "NAME = 'own'"), ("src/steps.py", "NAME = 'src'"),
      ("data/table.csv", "table"), ("py/tests/x.py", ""),
      (
        "py/report.py",
        """
        import importlib.resources, os, sys
        import a, c, space.deep.b, steps

        def report(root):
            return [
                steps.NAME, c.NAME, space.deep.b.NAME, importlib.resources.read_text("a", "words.txt"),
                open(os.path.join(os.path.dirname(a.__file__), "words.txt")).read(), open("data/table.csv").read(),
                [os.path.relpath(place, root) for place in sys.path if place.startswith(root)],
                os.path.relpath(__file__, root), os.path.relpath(os.getcwd(), root), os.path.exists("py/tests")]

        """
      ),
      ("py/main.py", "import sys, report\nprint(report.report(sys.argv[1])[:-1])\n"),
      (
        "sematic.yaml",
        "version: 1\npipelines: {demo: {script: py/main.py, import_roots: [src], data: [data], exclude: [py/tests]}}\n"
      ),
    ] { try folder.write("package/" + name, text) }
    let local = try run(["run", "--local", "--quiet", "--", package], environment: ["PYTHONPATH": "/mine"])
    try #require(local.status == 0, "\(local.output)")
    #expect(
      local.output == "['own', 'src', 'space.deep.b', 'beside', 'beside', 'table', "
        + "['py', 'py', '.', 'src'], 'py/report.py', '.']\n")

    let built = try run(["build", "--output", folder.file("layout")])
    try #require(built.status == 0, "\(built.output)")
    #expect(built.output.contains("sources of py/main.py: 8 files, "), "\(built.output)")
    let bundle = try ContainerBundle(layout: folder.file("layout"), tag: "demo_default")
    let there = try bundle.run(
      ["/sematic/app"], program: ["/usr/bin/python3", "-c", "import sys, report; print(report.report(sys.argv[1]))"])
    // Python adds "" for a program given by -c, instead of the script's folder.
    let expected = local.output.dropLast(2).replacing("['py', 'py', '.', 'src']", with: "['py', '.', 'src']")
    #expect(there.output == expected + ", False]\n")
  }

  @Test func `an import that the image will not have is an error that names it`() throws {
    try folder.write(
      "package/py/main.py", "import steps, sematic.resolvers\nif __name__ == '__main__': import launching\n")
    try folder.write("package/py/steps.py", "import yaml\ndef step():\n    import torch\n")
    let missing = try run(["build"])
    #expect(missing.status == 1)
    #expect(
      missing.output.hasSuffix(
        """
        error: py/steps.py:1 imports yaml, which is neither in the sources, nor in the requirements, nor in the base, and 1 \
        more import would fail in the image
        py/steps.py:3 imports torch, which is neither in the sources, nor in the requirements, nor in the base

        hint: add its package to requirements.txt; an import that may fail belongs in 'try' with 'except ImportError'

        """), "\(missing.output)")

    try folder.write("package/py/steps.py", "from deep import tool\nimport apt_pkg_of_the_base\n")
    try folder.write("package/py/deep/tool.py", "")
    try folder.write(
      "package/sematic.yaml",
      "version: 1\npipelines: {demo: {script: py/main.py, src: [py/*.py], requirements: requirements.txt}}\n")
    let left = try run(["build"])
    #expect(left.status == 1)
    #expect(
      left.output.contains(
        "error: py/steps.py:1 imports deep.tool, which is py/deep/tool.py here and does not come along, and 1 more"),
      "\(left.output)")
    #expect(left.output.contains("hint: let it come along: "))
  }

  @Test func `what a base has that nobody has read is not guessed`() throws {
    let registry = try DockerRegistry()
    let reference = "\(registry.address)/team/base:1"
    let copied = try ChildProcess.run([
      "skopeo", "--insecure-policy", "copy", "--quiet", "--dest-tls-verify=false",
      "oci:\(WorkerBase.layout()):\(WorkerBase.tag)", "docker://\(reference)",
    ])
    try #require(copied.status == 0, "\(copied.output)")
    try folder.write("package/sematic.yaml", "version: 1\npipelines: {demo: {script: py/main.py}}\n")
    try folder.write("package/py/steps.py", "import yaml, sematic\n")
    let result = try run(["push", "--registry", registry.address], base: reference)
    #expect(result.status == 0, "\(result.output)")
    #expect(
      result.output.contains(
        "warning: py/steps.py:1 imports yaml, which is neither in the package nor in the requirements: it works only if the "
          + "base has it\n"), "\(result.output)")
    #expect(!result.output.contains("imports sematic"))
    try folder.write("package/py/left.py", "")
    try folder.write("package/py/steps.py", "import left\n")
    try folder.write(
      "package/sematic.yaml", "version: 1\npipelines: {demo: {script: py/main.py, exclude: [py/left.py]}}\n")
    let left = try run(["push", "--registry", registry.address], base: reference)
    #expect(left.status == 1)
    #expect(left.output.contains("error: py/steps.py:1 imports left, which is py/left.py here and"), "\(left.output)")
  }

  @Test func `a launch tells the script its image`() throws {
    let registry = try DockerRegistry()
    let result = try run(["run", "--registry", registry.address, "--", "x"])
    #expect(result.status == 0)
    let last = try #require(result.output.split(separator: "\n").last)
    #expect(last.hasPrefix("::default##\(registry.address)/"), "\(result.output)")
    #expect(last.hasSuffix(" hello local ['x']"))
  }

  @Test func `without its server, a launch in the cluster builds nothing, and a script that prints is started`() throws
  {
    let dead = ["SEMATIC_API_ADDRESS": "http://127.0.0.1:\(try closedPort())"]
    let registry = try DockerRegistry()
    let printing = try run(["run", "--registry", registry.address, "--", "x"], environment: dead)
    #expect(printing.status == 0, "\(printing.output)")
    try FileTree.remove(package + "/.build")
    try folder.write("package/py/main.py", "from sematic import CloudRunner\nprint(CloudRunner().run(1))\n")
    let refused = try run(["run", "--registry", registry.address, "--", "x"], environment: dead)
    #expect(refused.status == 1)
    #expect(refused.output.hasPrefix("error: the Sematic server at http://127.0.0.1:"), "\(refused.output)")
    #expect(!FileTree.exists(package + "/.build"))
    for arguments in [["run", "--dry-run"], ["build"], ["push", "--registry", registry.address]] {
      let other = try run(arguments, environment: dead)
      #expect(other.status == 0, "\(other.output)")
    }
  }

  @Test func `a machine without Python, or without pip, is told what to install`() throws {
    let python = try #require(ChildProcess.find("python3"))
    try folder.write("none/cat", "")
    let none = try run(["build"], environment: ["PATH": folder.file("none")])
    #expect(none.status == 1)
    #expect(
      none.output.contains(" on linux/amd64: there is no python3 on PATH\n\nhint: install Python 3 with pip on this")
        || none.output.contains(
          " on linux/arm64: there is no python3 on PATH\n\nhint: install Python 3 with pip on this"),
      "\(none.output)")
    // Without its site-packages it has no pip.
    try folder.write("bare/python3", "#!/bin/sh\nexec '\(python)' -I -S \"$@\"\n", mode: 0o755)
    let bare = try run(["build"], environment: ["PATH": folder.file("bare") + ":/usr/bin:/bin"])
    #expect(bare.status == 1)
    #expect(bare.output.contains(": python3 has no pip\n\nhint: install it: `python3 -m ensurepip`"), "\(bare.output)")
    let left = try FileTree.names(in: package + "/.build/swift-sematic/python")
    #expect(left.filter { !["bases", "lock"].contains($0) } == [])
  }

  @Test func `a plan installs nothing`() throws {
    let plan = try run(["build", "--dry-run"])
    #expect(plan.status == 0)
    #expect(plan.output.contains("pipeline demo: script py/main.py\n"))
    #expect(plan.output.contains("requirements: requirements.txt, not installed yet\n"))
    #expect(plan.output.contains("/sematic/app/py/steps.py\n"))
    #expect(!FileTree.exists(package + "/.build"))
  }

  @Test func `without a Python in the base, requirements are refused`() throws {
    let scratch = try ChildProcess.run([
      tool, "build", "--package-path", package, "--executable", try Self.greet.get(), "--base", "scratch",
    ])
    #expect(scratch.status == 1)
    #expect(
      scratch.output.hasSuffix(
        "error: an image without a base has no Python for the script\n\nhint: choose a base with Python, such as "
          + "worker-base\n"), "\(scratch.output)")
  }
}
