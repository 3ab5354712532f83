import SematicELF
import SematicFiles

/// A program of an image, and what it needs to be loaded.
package struct ImageProgram: Hashable, Sendable {
  package let artifacts: ProductArtifacts
  package let libraries: LibraryClosure

  package init(_ artifacts: ProductArtifacts, libraries: LibraryClosure) {
    self.artifacts = artifacts
    self.libraries = libraries
  }

  /// - Throws: `ElfError`, `MismatchedLibrary`, `FileError`.
  package init(_ artifacts: ProductArtifacts) throws {
    self.init(artifacts, libraries: try artifacts.libraryClosure())
  }
}

/// The program that an image starts: the pipeline's own, or Sematic's worker in Python.
package enum ImageLaunch: Hashable, Sendable {
  /// - Parameter entrypoint: the script in front of the program; above `scratch` there is no shell to run it.
  case program(ImageProgram, entrypoint: String)
  /// Sematic's worker in Python, and the programs that its steps may call.
  case worker([ImageProgram], PythonWorker)

  package var programs: [ImageProgram] {
    switch self {
    case .program(let program, _): [program]
    case .worker(let programs, _): programs
    }
  }
}

/// Sematic's worker in Python with the pipeline's sources.
package struct PythonWorker: Hashable, Sendable {
  /// The entrypoint, a script that executes the worker.
  package let entrypoint: String
  /// The script that the entrypoint runs the worker with.
  package let startScript: String
  /// The sources; their destinations are paths in the package.
  package let sources: [ImageSettings.DataItem]
  /// The launch script's path in the package.
  package let script: String

  package init(entrypoint: String, startScript: String, script: String, sources: [ImageSettings.DataItem]) {
    self.entrypoint = entrypoint
    self.startScript = startScript
    self.script = script
    self.sources = sources
  }

  /// The folder that modules are imported from, as where the script is started: its own.
  var moduleFolder: String {
    let folder = FileTree.parent(of: script)
    return folder == "." ? WorkerFolders.sources : WorkerFolders.sources + "/" + folder
  }
}
