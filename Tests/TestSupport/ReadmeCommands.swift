import SematicFiles

/// Runs commands of the README as a person would, in a scratch folder that has ImageTool compiled already.
package struct ReadmeCommands {
  private let folder: TemporaryFolder
  private let environment: [String: String]
  private let scratch: String

  /// - Parameter path: the folder that they are run in.
  package init(in path: String, scratch: String = VerbScratch.path, environment: [String: String]) throws {
    self.scratch = scratch
    folder = try TemporaryFolder("readme")
    self.environment = SwiftPackageRun.environment.merging(environment) { $1 }
    try folder.write(
      "setup.sh",
      """
      swift() {
        local command=$1
        shift
        command swift "$command" --scratch-path '\(scratch)' "$@"
      }
      cd '\(path)'
      mkdir -p .build
      ln -sfn '\(scratch)/swift-sematic' .build/swift-sematic

      """)
  }

  /// - Returns: what is not as the README shows it; nil where all is.
  package func run(_ transcript: Transcript) throws -> String? {
    let result = try ScratchTurn.take(scratch) {
      try ChildProcess.run(
        ["bash", "-c", "source '\(folder.file("setup.sh"))'\n\(transcript.command)"], environment: environment)
    }
    let isFailure = transcript.output.contains { $0.hasPrefix("error: ") }
    if transcript.matches(result.output), (result.status == 0) != isFailure { return nil }
    return "README.md:\(transcript.line): $ \(transcript.command)\nshown:\n\(transcript.output)\nis "
      + "\(result.status):\n\(result.output)"
  }
}
