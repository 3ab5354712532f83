import SematicFiles
import SematicSystem

/// The packages of a machine that dpkg manages, as its database has them.
///
/// https://manpages.debian.org/bookworm/dpkg/dpkg-query.1.en.html
package struct DebianPackages {
  /// The folder of the database: `status`, and `info` with the list of each package's files.
  let folder: String
  let release: SystemRelease

  /// - Parameter root: the root of the machine: empty but in tests.
  /// - Returns: nil where dpkg is not used.
  package init?(root: String = "", release: SystemRelease) {
    folder = root + "/var/lib/dpkg"
    self.release = release
    guard FileTree.exists(folder + "/status"), FileTree.isDirectory(folder + "/info") else { return nil }
  }

  /// The packages that files of this machine come from.
  /// - Parameter files: the absolute path on this machine, by the path in the image.
  /// - Throws: `FileError`.
  package func components(of files: [String: String]) throws -> [Component] {
    guard !files.isEmpty else { return [] }
    var wanted: [String: Set<String>] = [:]
    for (place, path) in files {
      for name in Self.names(of: path) { wanted[name, default: []].insert(place) }
    }
    var owned: [String: [String]] = [:]
    var taken: Set<String> = []
    for name in try FileTree.names(in: folder + "/info") where name.hasSuffix(".list") {
      guard let bytes = try? FileTree.read("\(folder)/info/\(name)") else { continue }
      for line in bytes.split(separator: 10) {
        guard let places = wanted[String(decoding: line, as: UTF8.self)] else { continue }
        owned[String(name.dropLast(".list".count)), default: []] += places.filter { taken.insert($0).inserted }
      }
    }
    owned = owned.filter { !$0.value.isEmpty }
    let known = try records(of: Set(owned.keys))
    return owned.map { package, places in
      var component = known[package] ?? Component(.system, package)
      component.files = places
      return component
    }
  }

  /// The paths that dpkg may know a file by: libraries are found by links, and /lib is one to /usr/lib today, which older
  /// packages do not know.
  private static func names(of path: String) -> Set<String> {
    var names: Set = [path]
    if let real = try? FileTree.resolved(path) { names.insert(real) }
    for name in names {
      names.insert(name.hasPrefix("/usr/") ? String(name.dropFirst(4)) : "/usr" + name)
    }
    return names
  }

  /// - Parameter packages: as their lists are named: `libc6:amd64`, `tzdata`.
  private func records(of packages: Set<String>) throws -> [String: Component] {
    var found: [String: Component] = [:]
    var fields: [String: String] = [:]
    func close() {
      defer { fields = [:] }
      guard let name = fields["Package"] else { return }
      let architecture = fields["Architecture"]
      guard let key = [name, "\(name):\(architecture ?? "")"].first(where: packages.contains) else { return }
      // A name without architecture is that of a package that exists once.
      found[key] = Component(
        .system, name, version: fields["Version"],
        packageURL: PackageURL(
          type: "deb", namespace: [release.identifier ?? "debian"], name: name, version: fields["Version"],
          qualifiers: [("arch", architecture ?? ""), ("distro", distribution)]))
    }
    let names = ["Package", "Version", "Architecture"].map { ($0, Array(($0 + ": ").utf8)) }
    for line in try FileTree.read(folder + "/status").split(separator: 10, omittingEmptySubsequences: false) {
      guard let first = line.first else {
        close()
        continue
      }
      guard "PVA".utf8.contains(first) else { continue }
      for (name, start) in names where line.starts(with: start) {
        fields[name] = String(decoding: line.dropFirst(start.count), as: UTF8.self).trimmed
      }
    }
    close()
    return found
  }

  private var distribution: String {
    [release.identifier, release.version].compactMap { $0 }.joined(separator: "-")
  }
}
