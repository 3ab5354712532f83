import Foundation
import SematicFiles

/// The validator of the SPDX project, from PyPI. Tests/spdx-tools installs it, and Tests/install runs that beforehand.
package enum SPDXValidator {
  private static let made = Result { () throws -> String in
    let script = FileTree.parent(of: FileTree.parent(of: #filePath)) + "/spdx-tools"
    let result = try ChildProcess.run([script])
    guard result.status == 0, let path = result.output.split(separator: "\n").last else {
      throw ChildProcess.Failure("\(script): \(result.status): \(result.output)")
    }
    return String(path)
  }

  /// For `.enabled(if:)`.
  package static var isAvailable: Bool {
    ChildProcess.canRun("python3", "flock")
      && (ProcessInfo.processInfo.environment["CI"] != nil || (try? made.get()) != nil)
  }

  /// What is wrong with a document; empty where it is valid.
  package static func problems(of document: Data) throws -> String {
    let folder = try TemporaryFolder("spdx")
    try AtomicFile.write(document, to: folder.file("document.spdx.json"))
    let result = try ChildProcess.run([made.get(), "--infile", folder.file("document.spdx.json")])
    return result.status == 0 && !result.output.contains("rror") ? "" : result.output + "status \(result.status)"
  }
}
