import SematicOCI

/// The Python of a base image, and the system that its packages' libraries run on.
package struct PythonTarget: Equatable, Sendable, CustomStringConvertible {
  /// Major and minor: `3.9`
  package let version: String
  package let platform: Platform
  /// The version of the C library: `2.31`
  package let glibc: String?
  /// The interpreter's path in the image, for the commands of packages.
  package let path: String

  package init(version: String, platform: Platform, glibc: String? = nil, path: String = "/usr/bin/python3") {
    self.version = version
    self.platform = platform
    self.glibc = glibc
    self.path = path
  }

  package var description: String { "Python \(version) on \(platform)" }

  /// Python's name of the processor.
  package var machine: String {
    let names = ["amd64": "x86_64", "arm64": "aarch64", "386": "i686", "arm": "armv7l"]
    return names[platform.architecture] ?? platform.architecture
  }

  /// The tag of CPython and of its binary interface, which ended in a letter until 3.7.
  private var interpreter: String { "cp" + version.filter { $0 != "." } }
  package var abi: String { interpreter + (["3.6", "3.7"].contains(version) ? "m" : "") }

  /// The platforms of wheels that run there, the best first.
  ///
  /// https://peps.python.org/pep-0600/. An unknown C library is taken for 2.28: Debian 10 and newer have that.
  package var wheelPlatforms: [String] {
    let newest = glibc.flatMap { $0.hasPrefix("2.") ? Int($0.dropFirst(2)) : nil } ?? 28
    let oldest = ["x86_64", "i686"].contains(machine) ? 5 : 17
    let aliases = [17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"]
    var platforms: [String] = []
    for minor in stride(from: min(newest, 99), through: oldest, by: -1) {
      platforms.append("manylinux_2_\(minor)_\(machine)")
      if let alias = aliases[minor] { platforms.append("\(alias)_\(machine)") }
    }
    return platforms + ["linux_\(machine)"]
  }

  /// Whether one of a wheel's tags (`cp39-abi3-manylinux_2_17_x86_64`) is for this Python.
  package func accepts(_ tag: String) -> Bool {
    let parts = tag.split(separator: "-").map { $0.split(separator: ".").map(String.init) }
    guard parts.count == 3, parts[2].contains(where: { $0 == "any" || wheelPlatforms.contains($0) }) else {
      return false
    }
    return parts[0].contains { python in
      parts[1].contains { interface in
        switch interface {
        case "none": python == interpreter || isAtMost(python, "py3")
        case "abi3": isAtMost(python, "cp3")
        default: python == interpreter && interface == abi
        }
      }
    }
  }

  /// `py3`, or `py3N` for a Python that is no newer than this one.
  private func isAtMost(_ python: String, _ prefix: String) -> Bool {
    guard python.hasPrefix(prefix), let own = Int(version.dropFirst(2)) else { return false }
    let minor = python.dropFirst(prefix.count)
    return minor.isEmpty || Int(minor).map { $0 <= own } ?? false
  }
}
