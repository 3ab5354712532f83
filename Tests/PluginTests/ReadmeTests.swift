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

    @Test func `The lines for macOS work here, without the SDK`() throws {
      let copy = try StarterCopy.shared()
      try copy.configure(
        String(decoding: FileTree.read(StarterCopy.repository + "/Templates/starter/sematic.yaml"), as: UTF8.self))
      let readme = String(decoding: try FileTree.read(StarterCopy.repository + "/README.md"), as: UTF8.self)
      let section = try #require(readme.components(separatedBy: "\n## ").first { $0.hasPrefix("On macOS\n") })
      let lines = section.split(separator: "\n").filter { $0.hasPrefix("    swift package ") }
      #expect(lines.count == 4)
      for line in lines {
        let words = line.replacing("--swift-sdk x86_64-swift-linux-musl", with: "").split(separator: " ").map(
          String.init)
        let result = try copy.run(Array(words.dropFirst(2)))
        #expect(result.status == 0, "\(line): \(result.errorOutput)")
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
