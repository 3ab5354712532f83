import FileSystem
import Foundation
import ImageAssembly
import OCI
import PipelineConfiguration

extension PipelineJob {
  /// The Python of a base: as its descriptor promises.
  func pythonTarget(of named: NamedBase, _ image: Image) throws -> PythonTarget {
    let promises = named.base.descriptor?.promises
    guard let version = promises?.pythonVersion else {
      throw RequirementsError(
        file: pipeline.requirements?.relativePath ?? "", target: "",
        reason: .unknownVersion(base: named.base.written))
    }
    return PythonTarget(version: version, platform: image.configuration.platform, glibc: promises?.glibcVersion)
  }

  /// The folder with the packages of a requirements file, which pip fills when it has changed.
  /// - Parameter install: false asks only for what is there already: nil where it is not.
  func pythonPackages(_ file: PackageFile, for target: PythonTarget, install: Bool) throws -> String? {
    let requirements = try RequirementsFile(file.path)
    // Not by pip's version: asking for it would cost more than everything else here.
    let key = try Digest.of(
      Array("python 1\n\(requirements.digest)\n\(target)\n\(target.wheelPlatforms)\n".utf8)
    ).hex
    let root = workspace.state + "/python"
    let folder = root + "/" + key
    if requirements.isSettled, !options.noCache || !install, FileTree.isDirectory(folder) {
      console.detail("\(file.relativePath): unchanged for \(target)")
      return folder
    }
    guard install else { return nil }
    try FileTree.createDirectory(root)
    Leftovers.remove(in: root)
    console.say("installing \(file.relativePath) for \(target)")
    let partial = root + "/" + Leftovers.newName()
    do {
      try PipInstall(requirements: file, target: target, console: console, signals: session.signals).run(into: partial)
      try InstalledPackages.normalize(partial, for: target)
      try FileTree.replaceDirectory(folder, with: partial)
    } catch {
      try? FileTree.remove(partial)
      guard let unfit = error as? InstalledPackages.Unfit else { throw error }
      throw RequirementsError(
        file: file.relativePath, target: target.description,
        reason: .unfit(package: unfit.package, tags: unfit.tags))
    }
    return folder
  }
}
