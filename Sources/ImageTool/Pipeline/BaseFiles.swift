import SematicArchive
import SematicAssembly
import SematicCheck
import SematicConfiguration
import SematicELF
import SematicFiles
import SematicImages
import SematicOCI
import SematicSystem

/// The search in a base for what programs need, as far as its layers are on this machine.
struct BaseFiles {
  let inputs: PipelineInputs
  let programs: [ImageProgram]

  /// Bases that are larger than this are announced before they are read.
  private static let announcedSize: Int64 = 200_000_000

  /// - Parameter settings: they say which libraries the base has to have.
  /// - Returns: nil where nothing is known.
  func system(of base: OpenedBase, settings: ImageSettings) throws -> BaseSystem? {
    guard base.source != nil, let machine = programs.first?.libraries.executable.machine else { return nil }
    let isLocal = if case .layout = base.named.source { true } else { false }
    let promises = base.named.descriptor?.promises
    let promised = promises.flatMap { promises in
      promises.glibcVersion == nil && promises.cppVersions.isEmpty
        ? nil
        : BaseSystem(
          name: base.named.written, cLibrary: promises.glibcVersion.map { "GLIBC_" + $0 },
          cppVersions: promises.cppVersions, libraries: nil, isLocal: isLocal)
    }
    let libraries = ImageLibraries.wanted(by: programs, settings: settings)
    let layers = base.image.layers.map(\.descriptor)
    let key = (layers.map(\.digest.description) + [machine.description] + libraries).joined(separator: "\n")
    let record = try inputs.state.baseFiles + "/" + Digest.of(Array(key.utf8)).hex
    var found: BaseSystem
    if let bytes = try? FileTree.read(record, limit: 1 << 20),
      let known: BaseSystem = try? decodeJSON(from: Data(bytes))
    {
      found = known
    } else {
      let size = layers.reduce(Int64(0)) { $0.addingClamped($1.size) }
      if isLocal, size > Self.announcedSize {
        inputs.console.say("looking into the base \(base.named.written), \(ByteCount(size))")
      }
      do {
        found = try read(base, libraries, machine)
      } catch let error as UnreadableLayer {
        inputs.console.detail("base \(base.named.written): \(error)")
        return promised
      } catch let error as ArchiveError {
        inputs.console.detail("base \(base.named.written): \(error)")
        return promised
      }
      if !inputs.options.dryRun { try AtomicFile.write(canonicalJSON(found), to: record) }
    }
    found.name = base.named.written
    found.isLocal = isLocal
    return found
  }

  private func read(_ base: OpenedBase, _ libraries: [String], _ machine: ElfMachine) throws -> BaseSystem {
    try Self.read(inputs.localLayers(of: base), of: base.image, libraries, machine)
  }

  static func read(
    _ access: LayerAccess, of image: Image, _ libraries: [String], _ machine: ElfMachine
  ) throws -> BaseSystem {
    let files = ImageFiles(try access.tree(of: image), cache: access.listings)
    let folders = try LibraryFolders.system(for: machine, in: files)
    func find(_ name: String) throws -> String? { try folders.map { $0 + "/" + name }.first(where: files.isFile) }
    func versions(_ name: String, _ kinds: [String]) throws -> [String] {
      guard let path = try find(name), case .elf(let library)? = try files.elfFiles(at: [path]).first else { return [] }
      return kinds.compactMap { LibraryClosure.newestVersion(in: library.versionDefinitions, of: $0) }
    }
    return BaseSystem(
      name: "", cLibrary: try versions("libc.so.6", ["GLIBC"]).first,
      cppVersions: try versions("libstdc++.so.6", ["GLIBCXX", "CXXABI"]),
      libraries: Set(try libraries.filter { try find($0) != nil }),
      hasTimeZones: try files.isFile("/usr/share/zoneinfo/Etc/UTC"),
      hasCertificates: try CertificateFiles.paths.contains(where: files.isFile))
  }
}
