import Foundation
import SematicFiles

/// A Python wheel of a few files, zipped by hand.
package struct CraftedWheel {
  package var name: String
  package var version = "1.0"
  /// `cp311-cp311-manylinux_2_17_x86_64`
  package var tag = "py3-none-any"
  /// As in its metadata: `other>=2; python_version < "3.10"`.
  package var requires: [String] = []
  /// Command to `module:function`.
  package var commands: [String: String] = [:]
  /// By path; without any, a module with a function `tag`.
  package var files: [String: String] = [:]

  package init(_ name: String) { self.name = name }

  package var fileName: String { "\(name)-\(version)-\(tag).whl" }

  /// - Returns: its path.
  @discardableResult
  package func write(in folder: String) throws -> String {
    let information = "\(name)-\(version).dist-info"
    var all = files
    if files.isEmpty { all["\(name).py"] = "tag = '\(tag)'\nversion = '\(version)'\n" }
    let requirements = requires.map { "Requires-Dist: \($0)\n" }.joined()
    all["\(information)/METADATA"] = "Metadata-Version: 2.1\nName: \(name)\nVersion: \(version)\n\(requirements)"
    all["\(information)/WHEEL"] = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: \(tag)\n"
    if !commands.isEmpty {
      all["\(information)/entry_points.txt"] =
        "[console_scripts]\n" + commands.map { "\($0) = \($1)\n" }.sorted().joined()
    }
    all["\(information)/RECORD"] =
      all.keys.sorted().map { $0.contains(",") ? "\"\($0)\",,\n" : "\($0),,\n" }.joined() + "\(information)/RECORD,,\n"
    let source = try TemporaryFolder("wheel")
    for (path, text) in all { try source.write(path, text) }
    try FileTree.createDirectory(folder)
    let path = folder + "/" + fileName
    let script = """
      import os, sys, zipfile
      with zipfile.ZipFile(sys.argv[1], "w") as wheel:
          for root, _, names in os.walk("."):
              for name in sorted(names):
                  path = os.path.relpath(os.path.join(root, name), ".")
                  wheel.writestr(zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0)), open(path, "rb").read())
      """
    let result = try ChildProcess.run(["python3", "-c", script, path], folder: source.path)
    guard result.status == 0 else { throw ChildProcess.Failure("cannot zip \(fileName): \(result.output)") }
    return path
  }

  /// For `.enabled(if:)`: pip on this machine.
  package static var isAvailable: Bool {
    ChildProcess.canRun("python3") && (ProcessInfo.processInfo.environment["CI"] != nil || hasPip)
  }
  private static let hasPip = (try? ChildProcess.run(["python3", "-m", "pip", "--version"]).status) == 0
}
