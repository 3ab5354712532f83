import Foundation
import SematicFiles
import SematicOCI
import SematicSystem
import TestSupport
import Testing

@testable import SematicPython

/// Real pip, with wheels that lie on this disk.
@Suite(.enabled(if: CraftedWheel.isAvailable)) struct PipInstallTests {
  let folder: TemporaryFolder
  let target = PythonTarget(version: "3.9", platform: Platform(architecture: "amd64"), glibc: "2.31")

  init() throws { folder = try TemporaryFolder("pip") }

  private static let templates =
    #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined() + "/Templates"

  private static let host = PipHost(
    script: templates + "/install-requirements.py",
    siteScript: ["sitecustomize", "next-sitecustomize"].map { name in
      (try? FileTree.read("\(templates)/\(name).py")).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }.joined(separator: "\n"),
    run: { command, output in
      try SematicSystem.ChildProcess(
        executable: command[0], arguments: Array(command.dropFirst()),
        environment: ProcessInfo.processInfo.environment, streams: (0, output, output)
      ).wait()
    }, log: { _ in })

  private func written(_ requirements: String) throws -> RequirementsFile {
    try folder.write("requirements.txt", "--no-index\n--find-links wheels\n" + requirements)
    return try RequirementsFile(folder.file("requirements.txt"))
  }

  private func pip() throws -> PipInstall {
    PipInstall(try RequirementsFile(folder.file("requirements.txt")), for: target, on: Self.host)
  }

  @discardableResult
  private func install(_ requirements: String, into name: String = "packages") throws -> String {
    try folder.write("requirements.txt", "--no-index\n--find-links wheels\n" + requirements)
    try pip().run(into: folder.file(name))
    return folder.file(name)
  }

  private func failure(_ requirements: String) throws -> RequirementsError {
    try #require(throws: RequirementsError.self) { try install(requirements) }
  }

  private func wheel(_ name: String, _ version: String = "1.0", tag: String = "py3-none-any", requires: [String] = [])
    throws
  {
    var wheel = CraftedWheel(name)
    (wheel.version, wheel.tag, wheel.requires) = (version, tag, requires)
    try wheel.write(in: folder.file("wheels"))
  }

  private func text(_ path: String) throws -> String { String(decoding: try FileTree.read(path), as: UTF8.self) }

  @Test func `wheels are those of the image's Python, system and C library, not of this machine's`() throws {
    for tag in [
      "cp39-cp39-manylinux_2_31_x86_64", "cp39-cp39-manylinux_2_36_x86_64", "cp311-cp311-manylinux_2_17_x86_64",
      "cp39-cp39-manylinux2014_aarch64", "py3-none-any",
    ] { try wheel("chosen", tag: tag) }
    let packages = try install("chosen\n")
    #expect(try text(packages + "/chosen.py").hasPrefix("tag = 'cp39-cp39-manylinux_2_31_x86_64'"))
  }

  @Test func `dependencies come along, by the markers of the image's Python`() throws {
    try wheel(
      "top",
      requires: [
        "old; python_version < '3.10'", "new; python_version >= '3.10'", "arm; platform_machine == 'aarch64'",
        "intel; platform_machine == 'x86_64' and sys_platform == 'linux'", "full; python_full_version < '3.9.1'",
      ])
    for name in ["old", "new", "arm", "intel", "full"] { try wheel(name) }
    let names = try FileTree.names(in: install("top\n")).filter { $0.hasSuffix(".py") }
    #expect(names == ["full.py", "intel.py", "old.py", "top.py"])
  }

  @Test func `what no wheel fits is named, with the Python and the platform`() throws {
    try wheel("native", tag: "cp311-cp311-manylinux_2_17_x86_64")
    let error = try failure("native==1.0\n")
    #expect(
      error.description
        == "cannot install requirements.txt for Python 3.9 on linux/amd64: no wheel of 'native==1.0' fits")
    #expect(error.details.first?.hasPrefix("pip: ") == true)
    #expect(error.hint?.hasPrefix("choose a version that has one") == true)
  }

  @Test func `a conflict is told with both sides`() throws {
    try wheel("left", requires: ["common==1.0"])
    try wheel("right", requires: ["common==2.0"])
    try wheel("common", "1.0")
    try wheel("common", "2.0")
    let error = try failure("left\nright\n")
    #expect(error.details.joined().contains("left 1.0 depends on common==1.0"))
    #expect(error.details.joined().contains("right 1.0 depends on common==2.0"))
    #expect(error.hint == "relax or remove the version of one of the requirements above")
  }

  @Test func `hashes are checked`() throws {
    try wheel("hashed")
    let good = try Digest.of(FileTree.read(folder.file("wheels/hashed-1.0-py3-none-any.whl"))).hex
    try install("hashed==1.0 --hash=sha256:\(good)\n")
    let bad = String(repeating: "0", count: 64)
    let error = try failure("hashed==1.0 --hash=sha256:\(bad)\n")
    #expect(error.details.joined().contains("DO NOT MATCH THE HASHES"))
    #expect(error.details.joined().contains(good))
  }

  @Test func `an index that is not there is told from a package that is not there`() {
    let failure = PipFailure(
      """
      WARNING: Retrying (Retry(total=0, connect=None)) after connection broken by 'NewConnectionError'
      ERROR: Could not find a version that satisfies the requirement missing (from versions: none)
      ERROR: No matching distribution found for missing
      """)
    #expect(failure.isOffline)
    #expect(failure.unmatched == "missing")
    #expect(
      failure.lines == ["Could not find a version that satisfies the requirement missing (from versions: none)"])
  }

  @Test func `an index that cannot be reached is said, with what to look at`() throws {
    try folder.write("requirements.txt", "--index-url http://127.0.0.1:\(try closedPort())/simple\nmissing\n")
    let error = try #require(throws: RequirementsError.self) { try pip().run(into: folder.file("packages")) }
    #expect(error.description.hasPrefix("cannot install requirements.txt for Python 3.9 on linux/amd64: pip failed"))
    #expect(error.hint?.hasPrefix("the package index cannot be reached") == true)
  }

  @Test func `packages that no requirements asked for in a month are removed`() throws {
    let now: Int64 = 2_000_000_000
    let day: Int64 = 24 * 3600
    func write(_ digit: String, usedDaysAgo days: Int64) throws -> String {
      let name = String(repeating: digit, count: 64)
      try folder.write("python/\(name)/module.py", "")
      let used = try folder.write("python/\(name).used", "")
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSince1970: Double(now - days * day))], ofItemAtPath: used)
      return name
    }
    let (old, new) = (try write("0", usedDaysAgo: 31), try write("a", usedDaysAgo: 29))
    try folder.write("python/bases/x", "3.11")
    let store = PackageStore(folder.file("python"))
    store.removeUnused(now: now)
    #expect(try Set(FileTree.names(in: folder.file("python"))) == [new, new + ".used", "bases"])
    store.markAsUsed(folder.file("python/" + new))
    store.removeUnused()
    #expect(FileTree.exists(folder.file("python/" + new)))
    #expect(!FileTree.exists(folder.file("python/" + old)))
  }

  @Test func `what several commands want at the same time is installed once`() throws {
    try wheel("plain")
    let requirements = try written("plain\n")
    let (runs, results) = (Guarded(0), Guarded<[String]>([]))
    let host = PipHost(
      script: Self.host.script, siteScript: Self.host.siteScript,
      run: { command, output in
        runs.withLock { $0 += 1 }
        return try Self.host.run(command, output)
      }, log: { _ in })
    DispatchQueue.concurrentPerform(iterations: 3) { _ in
      let result = Result {
        try PackageStore(folder.file("store")).install(requirements, for: target, on: host)
      }
      results.withLock { $0.append((try? result.get()) ?? "\(result)") }
    }
    let entry = try PackageStore(folder.file("store")).entry(for: requirements, target: target)
    #expect(results.withLock { $0 } == [entry, entry, entry])
    #expect(runs.withLock { $0 } == 1)
    #expect(FileTree.exists(entry + "/plain.py"))
  }

  @Test func `packages that somebody reads are never replaced`() throws {
    try wheel("plain")
    let requirements = try written("plain\n")
    func install(_ store: PackageStore) throws -> String {
      try store.install(requirements, for: target, on: Self.host, anew: true)
    }
    let place = folder.file("store")
    var reader: PackageStore? = PackageStore(place)
    let entry = try #require(try reader.map(install))
    let inode = try FileStatus(of: entry).inode
    #expect(try reader.map(install) == entry)
    let other = PackageStore(place)
    let own = try install(other)
    #expect(own != entry && FileTree.exists(own + "/plain.py"))
    #expect(try FileStatus(of: entry).inode == inode)
    reader = nil
    #expect(try install(other) == entry)
    #expect(try FileStatus(of: entry).inode != inode)
  }

  @Test func `what a killed installation leaves is known as such`() throws {
    try wheel("plain")
    let (place, seen) = (folder.file("store"), Guarded<[String]>([]))
    let host = PipHost(
      script: Self.host.script, siteScript: Self.host.siteScript,
      run: { command, output in
        let names = try FileTree.names(in: place)
        seen.withLock { $0 = names }
        return try Self.host.run(command, output)
      }, log: { _ in })
    let entry = try PackageStore(place).install(try written("plain\n"), for: target, on: host)
    let names = seen.withLock { $0 }.filter { $0 != "lock" }
    #expect(names.count == 2)
    for name in names {
      // Process numbers end at 4194304 on Linux.
      let left = try folder.write("store/" + name.replacingOccurrences(of: "-\(getpid())-", with: "-2000000000-"), "")
      try SealedFile.seal(left)
    }
    Leftovers.remove(in: place)
    let name = FileTree.name(of: entry)
    #expect(try FileTree.names(in: place) == [name, name + ".used", "lock"])
  }

  @Test func `the pip of the shell's Python is known without starting it`() throws {
    for place in [
      "v/lib/python3.11/site-packages/pip-23.0", "h/.local/lib/python3.11/site-packages/pip-24.1",
      // On macOS.
      "h/Library/Python/3.9/lib/python/site-packages/pip-25.2",
    ] {
      try folder.write(place + ".dist-info/METADATA", "")
    }
    try folder.write("v/bin/python3", "", mode: 0o755)
    let environment = ["PATH": "/none:\(folder.file("v/bin")):/usr/bin", "HOME": folder.file("h")]
    let found = PipVersion.installed(environment: environment).map(FileTree.name(of:))
    #expect(Set(found) == ["pip-23.0.dist-info", "pip-24.1.dist-info", "pip-25.2.dist-info"])
    #expect(PipVersion.installed(environment: [:]).isEmpty)
  }

  @Test func `what pip leaves is the same from any folder, without bytecode, paths and this machine's Python`() throws {
    var wheel = CraftedWheel("tool")
    wheel.commands = ["hello": "tool:main"]
    wheel.files = ["tool/__init__.py": "def main(): print('hello')\n", "tool/data.txt": "data"]
    let path = try wheel.write(in: folder.file("elsewhere"))
    var contents: [[String: String]] = []
    for (index, copy) in ["a/b", "c"].enumerated() {
      let local = folder.file(copy) + "/" + wheel.fileName
      try FileTree.linkOrCopy(path, to: local)
      let packages = try install("\(local)\n", into: "packages \(index)")
      try InstalledPackages.normalize(packages, for: target)
      contents.append(try Self.contents(packages))
    }
    #expect(contents[0] == contents[1])
    #expect(contents[0].keys.sorted().filter { $0.contains("pycache") || $0.contains("direct_url") } == [])
    #expect(contents[0].values.filter { $0.contains(folder.path) } == [])
    #expect(contents[0]["bin/hello"]?.hasPrefix("#!/usr/bin/python3\n") == true)
    let elsewhere = PythonTarget(version: target.version, platform: target.platform, path: "/opt/py/bin/python3")
    try InstalledPackages.normalize(folder.file("packages 1"), for: elsewhere)
    let moved = try Self.contents(folder.file("packages 1"))["bin/hello"]
    #expect(moved?.hasPrefix("#!/opt/py/bin/python3\n") == true)
    #expect(contents[0]["tool-1.0.dist-info/RECORD"]?.split(separator: "\n").contains("bin/hello,,") == true)
  }

  @Test(arguments: [
    "-e ./sub/maker-1.0", "-e file:sub/maker-1.0", "--editable=./sub/maker-1.0[extra]", "-e ../package/sub/maker-1.0",
    "sub/maker-1.0",
  ])
  func `a folder of sources is installed as a package like all others, and stays as it is`(line: String) throws {
    try sources("maker", tag: "py3-none-any", in: "package/sub")
    try wheel("dependency")
    // From the file's own folder, and from the package's, where people start pip.
    for file in ["package/requirements.txt", "package/deep/requirements.txt"] {
      try folder.write(file, "--no-index\n--find-links \(folder.file("wheels"))\n\(line)\n")
      let requirements = try RequirementsFile(folder.file(file), package: folder.file("package"))
      #expect(requirements.isSettled)
      let packages = folder.file("packages")
      guard !line.contains("..") || !file.contains("deep") else { continue }
      try PipInstall(requirements, for: target, on: Self.host).run(into: packages)
      let names = try FileTree.names(in: packages).filter { !$0.hasSuffix(".dist-info") }
      #expect(Set(names).subtracting(["dependency.py", "__pycache__"]) == ["maker.py"])
      #expect(names.contains("dependency.py") == line.contains("extra"))
      #expect(try text(packages + "/maker.py") == "from = 'sources'\n")
      try FileTree.remove(packages)
      let left = try FileTree.names(in: folder.file("package/sub/maker-1.0")).filter { $0 != "__pycache__" }
      #expect(Set(left) == ["maker.py", "pyproject.toml"])
    }
  }

  @Test func `RECORD names files where they are`() throws {
    var wheel = CraftedWheel("tool")
    wheel.files = [
      "tool.py": "", "tool-1.0.data/headers/tool.h": "", "include.py": "", "tool-1.0.data/data/share/a, b.txt": "data",
      "tool-1.0.data/scripts/run": "#!python\n",
      "tool-1.0.data/scripts/binary": "\u{7f}ELF",
    ]
    try wheel.write(in: folder.file("wheels"))
    let packages = try install("tool\n")
    try InstalledPackages.normalize(packages, for: target)
    let record = try text(packages + "/tool-1.0.dist-info/RECORD").split(separator: "\n").map(String.init)
    #expect(record.contains("bin/run,,"))
    // A header's folder would have the version of this machine's Python.
    #expect(!FileTree.exists(packages + "/include"))
    #expect(FileTree.exists(packages + "/include.py"))
    #expect(record.contains("bin/binary,,"))
    #expect(record.contains("\"share/a, b.txt\",,"))
    let script = """
      import csv, os, sys
      for path, *_ in csv.reader(open(sys.argv[1] + "/tool-1.0.dist-info/RECORD")):
          if not os.path.exists(os.path.join(sys.argv[1], path)): print(path)
      """
    #expect(try TestSupport.ChildProcess.run(["python3", "-c", script, packages]).output == "")
  }

  @Test func `pth files are read in the folder of packages, and other sitecustomize modules run as well`() throws {
    var wheel = CraftedWheel("paths")
    wheel.files = [
      "paths.pth": "paths/vendored\nimport os; os.environ['PATHS_HOOK'] = 'ran'\n",
      "paths/vendored/inner.py": "place = 'vendored'\n",
      "other.py": "place = 'packages'\n", "paths/vendored/both.py": "place = 'vendored'\n",
    ]
    try wheel.write(in: folder.file("wheels"))
    let packages = try PackageStore(folder.file("store"))
      .install(try written("paths\n"), for: target, on: Self.host)
    try folder.write("base/sitecustomize.py", "import os\nos.environ['BASE_HOOK'] = 'ran'\n")
    try folder.write("base/both.py", "place = 'base'\n")
    try folder.write("base/inner.py", "place = 'base'\n")
    let path = [packages + "/.site", packages, folder.file("base")].joined(separator: ":")
    let script = """
      import inner, other, both, os, sitecustomize
      print(inner.place, other.place, both.place, os.environ["PATHS_HOOK"], os.environ["BASE_HOOK"], sitecustomize.__file__)
      """
    let result = try TestSupport.ChildProcess.run(
      ["python3", "-c", script], environment: ProcessInfo.processInfo.environment.merging(["PYTHONPATH": path]) { $1 })
    #expect(result.output == "vendored packages vendored ran ran \(folder.file("base"))/sitecustomize.py\n")

    let plain = CraftedWheel("plain")
    try plain.write(in: folder.file("wheels"))
    let others = try PackageStore(folder.file("store")).install(try written("plain\n"), for: target, on: Self.host)
    #expect(!FileTree.exists(others + "/.site"))
  }

  @Test func `a build that fails ends with its last line, which is the reason`() throws {
    try sources("broken", tag: "py3-none-any", in: ".", build: "import absent_module")
    let error = try failure("./broken-1.0\n")
    #expect(error.details.first?.hasPrefix("pip: ") == true)
    #expect(error.details.last == "pip: ModuleNotFoundError: No module named 'absent_module'", "\(error.details)")
    #expect(!error.details.joined().contains("File "), "\(error.details)")
  }

  @Test func `a failure of pip itself ends with its exception`() {
    let failure = PipFailure(
      """
      Collecting a
      ERROR: Exception:
      Traceback (most recent call last):
        File "/pip/cli.py", line 160, in exc_logging_wrapper
          status = run_func(*args)
      KeyError: 'inner'

      During handling of the above exception, another exception occurred:

      Traceback (most recent call last):
        File "/pip/cli.py", line 160, in exc_logging_wrapper
      OSError: the disk is full
      """)
    #expect(failure.lines == ["OSError: the disk is full"])
    let old = PipFailure(
      """
      Processing ./bad
        ERROR: Command errored out with exit status 1:
        Complete output (2 lines):
        Traceback (most recent call last):
          File "<string>", line 1, in <module>
        ModuleNotFoundError: No module named 'numpy'
        ----------------------------------------
      WARNING: Discarding file:///bad. Command errored out with exit status 1
      ERROR: Command errored out with exit status 1: python setup.py egg_info Check the logs for full command output.
      """)
    #expect(old.lines == ["Processing ./bad", "ModuleNotFoundError: No module named 'numpy'"])
  }

  @Test(arguments: [
    "#\n# This file is autogenerated by pip-compile with Python 3.12\n# by the following command:\n",
    "# This file was autogenerated by uv via the following command:\n#    uv pip compile r.in --python-version 3.12.1\n",
  ])
  func `versions that were chosen for another Python are told with both`(header: String) throws {
    try wheel("native", tag: "cp312-cp312-manylinux_2_17_x86_64")
    try folder.write("requirements.txt", header + "--no-index\n--find-links wheels\nnative==1.0\n")
    let error = try #require(throws: RequirementsError.self) { try pip().run(into: folder.file("packages")) }
    #expect(
      error.description
        == "cannot install requirements.txt for Python 3.9 on linux/amd64: its versions were chosen for Python 3.12")
    #expect(error.details.last?.contains("native==1.0") == true)
    #expect(error.hint?.contains("uv pip compile --python-version") == true)
  }

  @Test func `requirements that are all marked for another Python are no success`() throws {
    try wheel("new")
    #expect(try failure("new==1.0 ; python_version >= '3.11'\n").reason == .leftOut)
    try install("new==1.0 ; sys_platform == 'win32'\n")
  }

  @Test func `a version that is for newer Pythons is told with them`() {
    let failure = PipFailure(
      """
      ERROR: Ignored the following versions that require a different python version: 2.0.3 Requires-Python >=3.9; 2.1.0 Requires-Python >=3.10
      ERROR: Could not find a version that satisfies the requirement numpy==2.1.0 (from versions: 1.0)
      ERROR: No matching distribution found for numpy==2.1.0
      """)
    let error = RequirementsError(file: "r.txt", target: "Python 3.8 on linux/amd64", reason: .pip(failure))
    #expect(
      error.description
        == "cannot install r.txt for Python 3.8 on linux/amd64: no wheel of 'numpy==2.1.0' fits, which requires Python >=3.10"
    )
  }

  private func project(_ text: String, extras: [String] = []) throws -> [String] {
    try folder.write("pyproject.toml", text)
    let packages = folder.file("packages")
    try? FileTree.remove(packages)
    let file = try RequirementsFile(folder.file("pyproject.toml"), extras: extras)
    let host = PipHost(
      script: Self.host.script, siteScript: Self.host.siteScript,
      run: { command, output in
        let environment = ProcessInfo.processInfo.environment.merging(
          ["PIP_NO_INDEX": "1", "PIP_FIND_LINKS": folder.file("wheels")]) { $1 }
        return try SematicSystem.ChildProcess(
          executable: command[0], arguments: Array(command.dropFirst()), environment: environment,
          streams: (0, output, output)
        ).wait()
      }, log: { _ in })
    try PipInstall(file, for: target, on: host).run(into: packages)
    return try FileTree.names(in: packages).filter { $0.hasSuffix(".py") }
  }

  @Test func `a pyproject has dependencies, and extras by their names`() throws {
    for name in ["one", "two", "three", "four"] { try wheel(name) }
    let text = """
      [project]
      name = "My.App"
      dependencies = ["one>=1.0", "two; python_version >= '3.10'"]
      requires-python = ">=3.9"
      [project.optional-dependencies]
      Dev_Tools = ["three"]
      gpu = ["four==1.0"]
      all = ["my-app[dev-tools,gpu]"]
      """
    #expect(try project(text) == ["one.py"])
    #expect(try project(text, extras: ["dev-tools"]) == ["one.py", "three.py"])
    #expect(try project(text, extras: ["all"]) == ["four.py", "one.py", "three.py"])
    #expect(try project("[project]\nname = 'x'\n") == [])
  }

  @Test(arguments: [
    ("a", "it is not valid TOML: "),
    ("[tool.poetry]\n", "it has no table [project]"),
    ("[project]\ndynamic = ['dependencies']\n", "its dependencies are dynamic: only a build of the package tells them"),
    ("[project]\ndependencies = ['a b']\n", "'a b' is not a requirement: "),
    ("[project]\ndependencies = ['--index-url=x']\n", "'--index-url=x' is not a requirement: "),
    ("[project]\nrequires-python = '>=3.11'\n", "it requires Python >=3.11, and the base has Python 3.9"),
    (
      "[project]\noptional-dependencies = {one = [], two = []}\n",
      "it has no extra 'gpu' in its optional-dependencies: there are one, two"
    ),
  ])
  func `a pyproject that cannot be used says why`(text: String, problem: String) throws {
    let error = try #require(throws: RequirementsError.self) {
      try project(text, extras: problem.contains("gpu") ? ["gpu"] : [])
    }
    #expect(
      error.description.hasPrefix("cannot install pyproject.toml for Python 3.9 on linux/amd64: " + problem), "\(error)"
    )
  }

  @Test func `a package that was made for another system does not come through`() throws {
    try wheel("foreign", tag: "cp311-cp311-linux_x86_64")
    let packages = folder.file("unpacked")
    let result = try TestSupport.ChildProcess.run([
      "python3", "-m", "zipfile", "-e", folder.file("wheels/foreign-1.0-cp311-cp311-linux_x86_64.whl"), packages,
    ])
    #expect(result.status == 0, "\(result.output)")
    let incompatible = try #require(throws: InstalledPackages.Incompatible.self) {
      try InstalledPackages.normalize(packages, for: target)
    }
    #expect(incompatible.package == "foreign-1.0")
    #expect(incompatible.tags == ["cp311-cp311-linux_x86_64"])
  }

  @Test func `sources are built where the file says so, and only there`() throws {
    try sources("built", tag: "py3-none-any")
    let error = try failure("built\n")
    #expect(error.hint?.contains("--no-binary NAME") == true)
    let packages = try install("--no-binary built\nbuilt\n")
    try InstalledPackages.normalize(packages, for: target)
    #expect(try text(packages + "/built.py") == "from = 'sources'\n")
  }

  @Test func `what was built of sources for this machine alone does not come through`() throws {
    try sources("native", tag: "cp311-cp311-linux_x86_64")
    let error = #expect(throws: (any Error).self) {
      try InstalledPackages.normalize(install("--no-binary native\nnative\n"), for: target)
    }
    // pip itself refuses it where this machine's Python is another one.
    #expect(error is InstalledPackages.Incompatible || error is RequirementsError, "\(String(describing: error))")
  }

  /// An archive of sources that brings the program which makes a wheel of it.
  private func sources(_ name: String, tag: String) throws {
    try sources(name, tag: tag, in: ".")
    try FileTree.createDirectory(folder.file("wheels"))
    let result = try TestSupport.ChildProcess.run([
      "tar", "-czf", folder.file("wheels/\(name)-1.0.tar.gz"), "-C", folder.path, "\(name)-1.0",
    ])
    #expect(result.status == 0, "\(result.output)")
  }

  /// The folder of such an archive. Building it leaves a folder behind, as setuptools does.
  private func sources(_ name: String, tag: String, in place: String, build: String = "import os") throws {
    try folder.write(
      "\(place)/\(name)-1.0/pyproject.toml",
      "[build-system]\nrequires = []\nbuild-backend = 'maker'\nbackend-path = ['.']\n")
    try folder.write(
      "\(place)/\(name)-1.0/maker.py",
      """
      import os, zipfile
      def build_wheel(folder, settings=None, metadata=None):
          \(build)
          os.makedirs("build/lib")
          name = "\(name)-1.0-\(tag).whl"
          with zipfile.ZipFile(folder + "/" + name, "w") as wheel:
              about = "\(name)-1.0.dist-info/"
              wheel.writestr("\(name).py", "from = 'sources'\\n")
              wheel.writestr(
                  about + "METADATA", "Metadata-Version: 2.1\\nName: \(name)\\nVersion: 1.0\\n"
                  + "Provides-Extra: extra\\nRequires-Dist: dependency; extra == 'extra'\\n")
              wheel.writestr(about + "WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: \(tag)\\n")
              wheel.writestr(about + "RECORD", "\(name).py,,\\n")
          return name
      """)
  }

  private static func contents(_ folder: String, _ inside: String = "") throws -> [String: String] {
    var result: [String: String] = [:]
    for name in try FileTree.names(in: folder + inside) {
      let path = inside + "/" + name
      if FileTree.isDirectory(folder + path) {
        result.merge(try contents(folder, path)) { $1 }
      } else {
        result[String(path.dropFirst())] = String(decoding: try FileTree.read(folder + path), as: UTF8.self)
      }
    }
    return result
  }
}
