import Foundation
import SematicFiles
import TestSupport
import Testing

extension EndToEndTests {
  /// The README's `console` blocks about pipelines, run as they stand.
  @Suite(.serialized) struct ReadmeStarterTests {
    let cluster: Cluster

    init() throws { cluster = try Cluster.shared() }

    @Test(arguments: ["Pipelines in Swift", "Python"]) func `What the README shows is what happens`(
      section: String
    ) throws {
      let readme = String(decoding: try FileTree.read(VerbScratch.repository + "/README.md"), as: UTF8.self)
      let transcripts = Transcript.blocks(in: readme).joined().filter { $0.section == section }
      #expect(transcripts.count > 1)
      // ImageTool is compiled by the first verb.
      _ = try PackageCopy(of: "starter-pipeline", in: cluster).verb(["run-local"])
      let home = VerbScratch.home + "/readme"
      try? FileTree.remove(home)
      try FileTree.createDirectory(home)
      // What a person who follows it has: a server, Sematic for the Python of the shell, a place to get packages from.
      let commands = try ReadmeCommands(
        in: home, scratch: VerbScratch.other,
        environment: try PackageCopy.environment(cluster).merging([
          "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": try SematicServer.wheels(),
        ]) { $1 })
      for transcript in transcripts {
        let complaint = try commands.run(transcript)
        #expect(complaint == nil, "\(complaint ?? "")")
        for package in try FileTree.names(in: home) { try PackageCopy.describeBases(in: "\(home)/\(package)", cluster) }
      }
    }
  }
}
