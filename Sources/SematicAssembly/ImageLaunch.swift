import SematicELF
import SematicFiles

/// A program of an image, and what it needs to be loaded.
package struct ImageProgram: Equatable, Sendable {
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
package indirect enum ImageLaunch: Equatable, Sendable {
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
package struct PythonWorker: Equatable, Sendable {
  /// The entrypoint, a script that executes the worker.
  package let entrypoint: String
  /// The script that the entrypoint runs the worker with.
  package let startScript: String
  /// The `sitecustomize` that has the worker import from the script's folder first, and not from the working directory.
  package let siteScript: String
  /// The sources; their destinations are paths in the package, which lies in the working directory.
  package let sources: [ImageSettings.DataItem]
  /// The folders that modules are imported from, by their paths in the package, as where the script is started.
  package let importRoots: [String]

  package init(
    entrypoint: String, startScript: String, siteScript: String, importRoots: [String],
    sources: [ImageSettings.DataItem]
  ) {
    self.entrypoint = entrypoint
    self.startScript = startScript
    self.siteScript = siteScript
    self.importRoots = importRoots
    self.sources = sources
  }

  /// Where the script lies in the package's own folder, that is the working directory.
  var needsSite: Bool { importRoots.first != "" }
}
