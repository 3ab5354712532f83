import Foundation
import SematicFiles
import TestSupport
import Testing

extension PluginTests {
  /// The README's `console` blocks, run as they stand in a copy of the starter package.
  @Suite struct ReadmeTests {
    @Test func `What the README shows is what happens`() throws {
      let copy = try StarterCopy.shared()
      try copy.configure(
        String(decoding: FileTree.read(StarterCopy.repository + "/Templates/starter/sematic.yaml"), as: UTF8.self))
      let readme = String(decoding: try FileTree.read(StarterCopy.repository + "/README.md"), as: UTF8.self)
      let blocks = Transcript.blocks(in: readme)
      #expect(!blocks.isEmpty)
      let commands = try ReadmeCommands(in: copy.path, environment: StarterCopy.credentials)
      for transcript in blocks.joined() where transcript.isForThePackage {
        let complaint = try commands.run(transcript)
        #expect(complaint == nil, "\(complaint ?? "")")
      }
    }
  }
}

extension Transcript {
  /// The scripts of the checkout itself are run by CI, and Tests/run would not end.
  /// Those for pipelines need a server: see EndToEndTests.
  fileprivate var isForThePackage: Bool {
    !command.hasPrefix("Tests/") && !command.hasPrefix("Templates/") && section != "Pipelines in Swift"
      && section != "Python"
  }
}
