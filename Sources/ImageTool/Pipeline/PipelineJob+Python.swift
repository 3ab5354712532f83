import SematicAssembly
import SematicCheck
import SematicConfiguration
import SematicFiles
import SematicImages
import SematicOCI
import SematicSystem

extension PipelineJob {
  /// A base as it was found.
  struct PlannedBase {
    let named: BaseReference
    let image: Image
    let source: (any ImageSource)?
  }

  /// The Python of a base: as its descriptor promises, else as its files say.
  /// - Parameter fetching: false only looks at what is on this machine, and writes nothing: nil where that will not do.
  func pythonTarget(of planned: PlannedBase, fetching: Bool) throws -> PythonTarget? {
    let promises = planned.named.descriptor?.promises
    let platform = planned.image.configuration.platform
    if let version = promises?.pythonVersion {
      return PythonTarget(version: version, platform: platform, glibc: promises?.glibcVersion)
    }
    let layers = planned.image.layers.map(\.descriptor.digest.description).joined(separator: "\n")
    let record = try workspace.state + "/python/bases/" + Digest.of(Array(layers.utf8)).hex
    if let known = try? FileTree.read(record, limit: 100) {
      let words = String(decoding: known, as: UTF8.self).split(separator: " ").map(String.init)
      if let version = words.first {
        return PythonTarget(version: version, platform: platform, glibc: words.dropFirst().first)
      }
    }
    let access = LayerAccess(
      source: planned.source, blobs: BlobCache(workspace.blobs),
      listings: fetching ? ListingCache(workspace.state + "/listings") : nil,
      fetching: fetching,
      progress: {
        console.say("reading a layer of \(planned.named.written), \(ByteCount($0.size)), to find its Python")
      })
    do {
      let tree = try access.tree(of: planned.image)
      guard let version = try tree.pythonVersion() else {
        throw RequirementsError(
          file: pipeline.requirements?.relativePath ?? "", target: "",
          reason: .unknownVersion(base: planned.named.written))
      }
      let target = PythonTarget(version: version, platform: platform, glibc: try glibc(in: tree, platform))
      if fetching { try AtomicFile.write(Array("\(version) \(target.glibc ?? "")".utf8), to: record) }
      return target
    } catch is UnreadableLayer where !fetching {
      return nil
    }
  }

  /// By the name of the C library's file: since 2.34 it has no version in it.
  private func glibc(in tree: ImageTree, _ platform: Platform) throws -> String? {
    let machine = PythonTarget(version: "", platform: platform).machine
    for folder in ["/lib/\(machine)-linux-gnu", "/lib64", "/lib"] {
      guard let library = try tree.resolve(folder + "/libc.so.6").found else { continue }
      let name = FileTree.name(of: library.path)
      guard name.hasPrefix("libc-"), name.hasSuffix(".so") else { return "2.34" }
      return String(name.dropFirst("libc-".count).dropLast(".so".count))
    }
    return nil
  }

  /// The folder with the packages of a requirements file, which pip fills when it has changed.
  /// - Parameter install: false asks only for what is there already: nil where it is not.
  func pythonPackages(_ file: PackageFile, for target: PythonTarget, install: Bool) throws -> String? {
    let requirements = try RequirementsFile(file.path)
    let pip = PipVersion.installed()
    let key = try Digest.of(
      Array("python 2\n\(requirements.digest)\n\(target)\n\(target.wheelPlatforms)\n\(pip)\n".utf8)
    ).hex
    let root = workspace.state + "/python"
    let folder = root + "/" + key
    if requirements.isSettled, !options.noCache || !install, FileTree.isDirectory(folder) {
      console.detail("\(file.relativePath): unchanged for \(target)")
      if install { InstalledPackages.markAsUsed(folder) }
      return folder
    }
    guard install else { return nil }
    try FileTree.createDirectory(root)
    Leftovers.remove(in: root)
    InstalledPackages.removeUnused(in: root)
    console.say("installing \(file.relativePath) for \(target)")
    let partial = root + "/" + Leftovers.newName()
    do {
      try PipInstall(requirements: file, target: target, console: console, signals: session.signals).run(into: partial)
      try InstalledPackages.normalize(partial, for: target)
      try FileTree.replaceDirectory(folder, with: partial)
      InstalledPackages.markAsUsed(folder)
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
