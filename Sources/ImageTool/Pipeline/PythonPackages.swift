import SematicConfiguration
import SematicPython
import SematicSystem

/// The Python packages of a pipeline's requirements, for the Python of each base.
struct PythonPackages {
  let inputs: PipelineInputs

  private var store: PackageStore { PackageStore(inputs.state.python, uses: inputs.session.foldersInUse) }

  /// The folders of packages that are installed already, by the bases' keys. Writes nothing.
  func installed(for bases: [OpenedBase]) throws -> [String: String] {
    try folders(bases, fetching: false) { requirements, target in
      try store.installed(requirements, for: target)
    }
  }

  /// The same, after pip has installed what was missing.
  func install(for bases: [OpenedBase]) throws -> [String: String] {
    let console = inputs.console
    let signals = inputs.session.signals
    return try folders(bases, fetching: true) { requirements, target in
      if inputs.session.usesCaches, let folder = try store.installed(requirements, for: target) {
        console.detail("\(requirements.name): unchanged for \(target)")
        store.markAsUsed(folder)
        return folder
      }
      console.say("installing \(requirements.name) for \(target)")
      let host = PipHost(
        script: try Templates.file("install-requirements.py"), siteScript: try Templates.packagesSite,
        run: { command, output in
          console.detail("$ " + LaunchEnvironment.shellLine(command))
          return try ToolProgram(command: command, output: output, errorOutput: output).run(signals: signals)
        }, log: { console.detail($0) })
      return try store.install(requirements, for: target, on: host, anew: !inputs.session.usesCaches) {
        console.say("waiting for another command that installs packages")
      }
    }
  }

  private func folders(
    _ bases: [OpenedBase], fetching: Bool, _ folder: (RequirementsFile, PythonTarget) throws -> String?
  ) throws -> [String: String] {
    guard let requirements = inputs.pipeline.requirements else { return [:] }
    let file = requirements.file
    var folders: [String: String] = [:]
    for base in bases where base.source != nil {
      let target = try inputs.basePython.target(of: base, for: file.relativePath, fetching: fetching)
      guard let target else { continue }
      folders[base.key] = try inputs.session.timings.measure("requirements") {
        try folder(
          RequirementsFile(
            file.path, name: file.relativePath, extras: requirements.extras, package: inputs.workspace.folder), target)
      }
    }
    return folders
  }
}
