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

  private static let host = PipHost(
    script: #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
      + "/Templates/install-requirements.py",
    run: { command, output in
      try SematicSystem.ChildProcess(
        executable: command[0], arguments: Array(command.dropFirst()),
        environment: ProcessInfo.processInfo.environment, streams: (0, output, output)
      ).wait()
    }, log: { _ in })

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
    try folder.write("requirements.txt", "--index-url http://127.0.0.1:\(try freePort())/simple\nmissing\n")
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

  @Test func `the pip of the shell's Python is known without starting it`() throws {
    for place in ["v/lib/python3.11/site-packages/pip-23.0", "h/.local/lib/python3.11/site-packages/pip-24.1"] {
      try folder.write(place + ".dist-info/METADATA", "")
    }
    try folder.write("v/bin/python3", "", mode: 0o755)
    let environment = ["PATH": "/none:\(folder.file("v/bin")):/usr/bin", "HOME": folder.file("h")]
    let found = PipVersion.installed(environment: environment).map(FileTree.name(of:))
    #expect(Set(found) == ["pip-23.0.dist-info", "pip-24.1.dist-info"])
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
    #expect(contents[0]["tool-1.0.dist-info/RECORD"]?.split(separator: "\n").contains("bin/hello,,") == true)
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
    try folder.write(
      "\(name)-1.0/pyproject.toml",
      "[build-system]\nrequires = []\nbuild-backend = 'maker'\nbackend-path = ['.']\n")
    try folder.write(
      "\(name)-1.0/maker.py",
      """
      import zipfile
      def build_wheel(folder, settings=None, metadata=None):
          name = "\(name)-1.0-\(tag).whl"
          with zipfile.ZipFile(folder + "/" + name, "w") as wheel:
              about = "\(name)-1.0.dist-info/"
              wheel.writestr("\(name).py", "from = 'sources'\\n")
              wheel.writestr(about + "METADATA", "Metadata-Version: 2.1\\nName: \(name)\\nVersion: 1.0\\n")
              wheel.writestr(about + "WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: \(tag)\\n")
              wheel.writestr(about + "RECORD", "\(name).py,,\\n")
          return name
      """)
    try FileTree.createDirectory(folder.file("wheels"))
    let result = try TestSupport.ChildProcess.run([
      "tar", "-czf", folder.file("wheels/\(name)-1.0.tar.gz"), "-C", folder.path, "\(name)-1.0",
    ])
    #expect(result.status == 0, "\(result.output)")
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
