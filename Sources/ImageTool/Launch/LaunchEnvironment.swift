import SematicLaunch
import SematicSystem

/// What the launch program finds in its environment: no more of Sematic's variables than belong to this launch.
struct LaunchEnvironment: Equatable, Sendable {
  enum Image: Equatable, Sendable {
    /// `run-local`: no image is known.
    case none
    /// The user's own: Sematic's hook for a totally custom image.
    case custom(String)
    /// Base tag to `name@sha256:...`.
    case built([String: String])
  }

  let variables: [String: String]
  /// Those that this launch sets, as they are printed before it starts.
  let added: [String: String]

  /// - Parameters:
  ///   - libraryPath: LD_LIBRARY_PATH as the user has it, where SwiftPM has changed it; nil to leave it.
  ///   - surroundings: folders for the front of PATH and PYTHONPATH.
  init(
    inherited: [String: String], image: Image, commandLine: String, buildConfiguration: String?, libraryPath: String??,
    surroundings: HostProgram.Surroundings? = nil
  ) throws {
    var variables = inherited
    for stale in [
      ContainerImages.single, ContainerImages.several, LaunchDescription.runCommand,
      LaunchDescription.buildConfiguration,
    ] {
      variables[stale] = nil
    }
    if let libraryPath { variables["LD_LIBRARY_PATH"] = libraryPath }
    if let surroundings {
      if let commands = surroundings.commands {
        variables["PATH"] = commands + ":" + (variables["PATH"] ?? "/usr/local/bin:/usr/bin:/bin")
      }
      let own = variables["PYTHONPATH"].flatMap { $0.isEmpty ? nil : [$0] } ?? []
      variables["PYTHONPATH"] = (surroundings.importRoots + own).joined(separator: ":")
      variables["PWD"] = surroundings.folder
    }
    var added: [String: String] = [:]
    switch image {
    case .none: break
    case .custom(let uri): added[ContainerImages.single] = uri
    case .built(let images): added[ContainerImages.several] = try ContainerImages.encode(images)
    }
    self.added = added
    variables.merge(added) { $1 }
    if image != .none {
      variables[LaunchDescription.runCommand] = commandLine
      if let buildConfiguration { variables[LaunchDescription.buildConfiguration] = buildConfiguration }
    }
    self.variables = variables
  }

  /// A command line that a shell understands, for the eye and for pasting.
  static func shellLine(_ words: [String], assignments: [String: String] = [:]) -> String {
    let settings = assignments.sorted { $0.key < $1.key }.map { "\($0.key)=\(quoted($0.value))" }
    return (settings + words.map(quoted)).joined(separator: " ")
  }

  private static func quoted(_ word: String) -> String {
    let plain =
      !word.isEmpty
      && word.utf8.allSatisfy { byte in
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
          || "_-./=:,@+%".utf8.contains(byte)
      }
    return plain ? word : "'" + word.replacing("'", with: "'\\''") + "'"
  }
}
