import Foundation
import SematicFiles

/// What .github/release/bundle makes of this checkout, once for a test run. Only what changed is compiled anew.
package struct ReleaseBundle: Sendable {
  package static let version = "9.9.9"
  package static let address = "https://localhost/team/swift-sematic"
  package static let script = VerbScratch.repository + "/.github/release/bundle"
  /// Where it compiles.
  package static let home = VerbScratch.repository + "/.build/bundle"

  package let zip: String
  package let checksum: String
  /// The folder that the bundle has for this platform.
  package let folder: String
  /// What the command said.
  package let said: String

  package var tool: String { folder + "/ImageTool" }

  package static func made() throws -> ReleaseBundle { try result.get() }
  private static let result = Result { try ReleaseBundle() }

  /// For `.enabled(if:)`: a release build takes minutes.
  package static var isAvailable: Bool { ChildProcess.canRun("python3", "git", "readelf", "unzip") }

  private init() throws {
    let made = try Self.run(["--version", Self.version, "--package", Self.address])
    guard made.status == 0, let checksum = made.output.split(separator: "\n").last.map(String.init) else {
      throw ChildProcess.Failure("\(Self.script): \(made.status): \(made.output)")
    }
    let bundle = Self.home + "/ImageTool.artifactbundle"
    guard let triple = try FileTree.names(in: bundle).first(where: { $0 != "info.json" }) else {
      throw ChildProcess.Failure("\(bundle) has no platform")
    }
    zip = bundle + ".zip"
    self.checksum = checksum
    folder = "\(bundle)/\(triple)"
    said = made.output
  }

  package static func run(_ arguments: [String]) throws -> ChildProcess.Result {
    try ChildProcess.run([script] + arguments, environment: SwiftPackageRun.environment)
  }
}
