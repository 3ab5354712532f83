import FileSystem
import Foundation
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
      let folder = try TemporaryFolder("readme")
      // The commands of a person, in the one scratch folder that has ImageTool compiled already.
      try folder.write(
        "setup.sh",
        """
        swift() {
          local command=$1
          shift
          command swift "$command" --scratch-path '\(copy.scratch)' "$@"
        }
        cd '\(copy.path)'

        """)
      for transcript in blocks.joined() where transcript.isForThePackage {
        let result = try ChildProcess.run(
          ["bash", "-c", "source '\(folder.file("setup.sh"))'\n\(transcript.command)"],
          environment: SwiftPackageRun.environment.merging(StarterCopy.credentials) { $1 })
        #expect(
          transcript.matches(result.output),
          "README.md:\(transcript.line): $ \(transcript.command)\nshown:\n\(transcript.output)\nis:\n\(result.output)")
        let isFailure = transcript.output.contains { $0.hasPrefix("error: ") }
        #expect((result.status == 0) != isFailure, "README.md:\(transcript.line)")
      }
    }
  }
}

extension Transcript {
  /// The scripts of the checkout itself are run by CI, and Tests/run would not end.
  fileprivate var isForThePackage: Bool { !command.hasPrefix("Tests/") && !command.hasPrefix("Templates/") }
}
