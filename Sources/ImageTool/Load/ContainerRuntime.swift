import ArgumentParser
import SematicOCI
import SematicSystem

/// A container runtime of this machine, by the name of its command.
enum ContainerRuntime: String, CaseIterable, Sendable, ExpressibleByArgument {
  case podman, docker, nerdctl, ctr
  /// Apple's: https://github.com/apple/container
  case container

  /// The command that loads an archive from its standard input.
  var loadCommand: [String] {
    switch self {
    case .podman, .docker: [rawValue, "load", "--quiet"]
    case .nerdctl: [rawValue, "load"]
    case .ctr: [rawValue, "images", "import", "-"]
    case .container: [rawValue, "image", "load"]
    }
  }

  /// Whether it wants docker-archive: docker before version 25 reads nothing else. The others take oci-archive, of which
  /// podman and containerd let us leave out what they have.
  var wantsDockerArchive: Bool { self == .docker }

  /// Whether an archive may have one name only; others are added afterwards.
  /// https://github.com/containers/image/blob/v5.30.0/oci/layout/oci_transport.go
  var takesOneName: Bool { self == .podman }

  /// The command that shows whether it can be used, where one fails for that reason alone.
  var statusCommand: [String]? {
    switch self {
    case .podman: nil
    case .docker, .ctr: [rawValue, "version"]
    case .nerdctl: [rawValue, "info"]
    case .container: [rawValue, "system", "status"]
    }
  }

  /// Whether the layers of the last load are left out of the next one, without a question: asking podman costs as much as
  /// it saves. If it has not kept them, they are sent after all.
  var isRemembered: Bool { self == .podman }

  /// The command that lists what it has of images of these names; nil where none does.
  func contentCommand(_ names: [String]) -> [String]? {
    switch self {
    case .podman, .container: nil
    case .docker, .nerdctl: [rawValue, "image", "inspect", "--format", "{{json .RootFS.Layers}}"] + names
    case .ctr: [rawValue, "content", "ls", "--quiet"]
    }
  }

  /// Those of an image's layers that it has, as it answered to `contentCommand`, or as the record of the last load says.
  func present(_ layers: [Layer], in answer: String) -> Set<Digest> {
    let lines = answer.split(separator: "\n").map(String.init)
    if isRemembered {
      // Above another layer, podman has to make one anew.
      let loaded = lines.map { try? Digest($0) }
      return Set(zip(layers.map(\.descriptor.digest), loaded).prefix { $0 == $1 }.map(\.0))
    }
    guard self != .ctr else {
      let blobs = Set(lines.compactMap { try? Digest($0) })
      return blobs.intersection(layers.map(\.descriptor.digest))
    }
    let images = lines.map { line in
      ((try? decodeJSON(JSONValue.self, from: Data(line.utf8)))?.strings ?? []).map { try? Digest($0) }
    }
    if self == .docker {
      // It knows a layer only together with those below it.
      return Set(
        images.flatMap { image in zip(layers, image).prefix { $0.diffID == $1 }.map(\.0.descriptor.digest) })
    }
    let known = Set(images.joined())
    return Set(layers.filter { known.contains($0.diffID) }.map(\.descriptor.digest))
  }

  /// The command that runs an image, as it can be typed.
  func runCommand(_ name: String, _ platform: Platform, process: String) -> [String] {
    let other = platform.satisfies(.host) ? [] : ["--platform", platform.description]
    return [rawValue, "run", "--rm"] + other + [name] + (self == .ctr ? [process] : [])
  }

  /// What to do when it cannot be used.
  var remedy: String {
    switch self {
    case .podman:
      #if os(Linux)
        "`podman info` shows whether it works"
      #else
        "`podman machine start` starts its machine"
      #endif
    case .docker:
      "start its daemon (`sudo systemctl start docker`, or Docker Desktop); `docker version` shows whether it answers you"
    case .nerdctl, .ctr: "start containerd (`sudo systemctl start containerd`), and use it as a user who may"
    case .container: "`container system start` starts it"
    }
  }

  var isInstalled: Bool {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
    return path.split(separator: ":").contains { access("\($0)/\(rawValue)", X_OK) == 0 }
  }

  /// The runtime that was named, or the first that is installed.
  /// - Throws: `LoadError`.
  static func find(_ named: ContainerRuntime?) throws -> ContainerRuntime {
    guard let found = (named.map { [$0] } ?? allCases).first(where: \.isInstalled) else {
      throw LoadError.missing(named, installed: allCases.filter(\.isInstalled))
    }
    return found
  }
}
