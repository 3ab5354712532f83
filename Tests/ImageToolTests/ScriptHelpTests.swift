import Foundation
import SematicFiles
import TestSupport
import Testing

/// The scripts of the repository explain themselves, and refuse what they do not know before they do anything.
@Suite(.enabled(if: ChildProcess.canRun("bash", "git", "python3"))) struct ScriptHelpTests {
  private static let scripts: [String] = {
    let listed = try? ChildProcess.run(["git", "-C", VerbScratch.repository, "ls-files", "--stage"])
    // The entrypoints of images pass their arguments on.
    return (listed?.output ?? "").split(separator: "\n").filter {
      $0.hasPrefix("100755") && !$0.hasSuffix("entrypoint.sh")
    }
    .compactMap { $0.split(separator: "\t").last.map(String.init) }
  }()

  private func run(_ script: String, _ arguments: [String]) throws -> ChildProcess.Result {
    try ChildProcess.run(
      ["\(VerbScratch.repository)/\(script)"] + arguments, environment: SwiftPackageRun.environment, folder: "/")
  }

  @Test func `The scripts are found`() {
    #expect(Set(Self.scripts).isSuperset(of: ["Templates/try", "Tests/run", ".github/release/bundle"]))
  }

  @Test(arguments: scripts) func `--help prints the comment at the head`(script: String) throws {
    let text = String(decoding: try FileTree.read("\(VerbScratch.repository)/\(script)"), as: UTF8.self)
    let first = try #require(text.split(separator: "\n").dropFirst().first).trimmingPrefix(/# |"""/)
    let help = try run(script, ["--help"])
    #expect(help.status == 0)
    #expect(help.output.hasPrefix(first + "\n"), "\(help.output)")
    #expect(!help.output.contains("set -euo"))
    #expect(try run(script, ["-h"]).output == help.output)
  }

  @Test(arguments: scripts) func `An unknown option is misuse, in one line`(script: String) throws {
    let refused = try run(script, ["--no-such-option"])
    #expect(refused.status == 64)
    #expect(refused.output.wholeMatch(of: /error: .+\n/) != nil, "\(refused.output)")
  }

  @Test(arguments: [
    ["Templates/install-packages", "git"], ["Templates/try", "a", "b"], ["Tests/cross-sdk"], ["Tests/fuzz", "yaml"],
    ["Tests/fuzz", "60", "xml"], ["Tests/macos/check", "NoTarget"], ["Tests/install", "git"],
    ["Tests/Benchmarks/run", "none"], [".github/release/prepare", "1.x"], [".github/release/bundle", "--glibc", "new"],
  ]) func `So is an argument that a script cannot use`(command: [String]) throws {
    let refused = try run(command[0], Array(command.dropFirst()))
    #expect(refused.status == 64)
    #expect(refused.output.wholeMatch(of: /error: .+\n/) != nil, "\(refused.output)")
  }
}
