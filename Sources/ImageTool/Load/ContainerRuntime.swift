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

  /// The command that says something of an image if the runtime has it.
  func presenceCommand(_ name: String) -> [String] {
    switch self {
    case .podman, .docker, .nerdctl: [rawValue, "image", "inspect", "--format", "{{.Id}}", name]
    case .ctr: [rawValue, "images", "ls", "--quiet", "name==\(name)"]
    case .container: [rawValue, "image", "inspect", name]
    }
  }

  /// Those of an image's layers that it has, as it answered to `contentCommand`, or as the record of the last load says.
  func present(_ layers: [Layer], in answer: String) -> Set<Digest> {
    let lines = answer.split(separator: "\n").map(String.init)
    var present: Set<Digest> = []
    // podman makes a layer anew above another one, and docker knows it only together with those below it.
    func take(_ texts: [String], _ digest: (Layer) -> Digest) {
      for (layer, text) in zip(layers, texts) {
        guard text == digest(layer).description else { return }
        present.insert(layer.descriptor.digest)
      }
    }
    if isRemembered {
      take(lines) { $0.descriptor.digest }
      return present
    }
    var known = Set(lines)
    for line in lines where self != .ctr {
      let image = (try? decodeJSON(JSONValue.self, from: Data(line.utf8)))?.strings ?? []
      if self == .docker { take(image) { $0.diffID } } else { known.formUnion(image) }
    }
    for layer in layers where self != .docker {
      let digest = self == .ctr ? layer.descriptor.digest : layer.diffID
      if known.contains(digest.description) { present.insert(layer.descriptor.digest) }
    }
    return present
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
