import SematicCheck
import SematicConfiguration
import SematicFiles
import SematicImages
import SematicOCI
import SematicPython
import SematicSystem

/// Finds out which Python a base has: from its descriptor, else from its files.
struct BasePython {
  let state: StateFolder
  let console: Console

  /// - Parameter fetching: false only reads what is on this machine, and writes nothing.
  /// - Returns: nil if that does not suffice.
  /// - Throws: `RequirementsError`, and what reading the base throws.
  func target(of base: OpenedBase, for requirements: String, fetching: Bool) throws -> PythonTarget? {
    let promises = base.named.descriptor?.promises
    let path = base.named.pythonPath
    let platform = base.image.configuration.platform
    func target(_ version: String, glibc: String? = nil) -> PythonTarget {
      PythonTarget(version: version, platform: platform, glibc: promises?.glibcVersion ?? glibc, path: path)
    }
    if let version = promises?.pythonVersion { return target(version) }
    let key = base.image.layers.map(\.descriptor.digest.description) + [path]
    let record = try state.pythonBases + "/" + Digest.of(Array(key.joined(separator: "\n").utf8)).hex
    if let known = try? FileTree.read(record, limit: 100) {
      let words = String(decoding: known, as: UTF8.self).split(separator: " ").map(String.init)
      if let version = words.first { return target(version, glibc: words.dropFirst().first) }
    }
    let name = base.named.written
    let console = console
    let access = LayerAccess(
      source: base.source, blobs: BlobCache(state.blobs), listings: fetching ? ListingCache(state.listings) : nil,
      fetching: fetching,
      progress: { console.say("reading a layer of \(name), \(ByteCount($0.size)), to find its Python") })
    do {
      let tree = try access.tree(of: base.image)
      guard let version = try tree.pythonVersion(of: path) else {
        throw RequirementsError(file: requirements, reason: .unknownVersion(base: name))
      }
      let found = try glibc(in: tree, platform)
      if fetching { try AtomicFile.write(Array("\(version) \(found ?? "")".utf8), to: record) }
      return target(version, glibc: found)
    } catch is UnreadableLayer where !fetching {
      return nil
    }
  }

  /// The version in the name of the C library's file; since 2.34 there is none.
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
}
