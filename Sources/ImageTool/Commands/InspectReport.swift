import SematicImages
import SematicOCI
import SematicSystem

/// An image in words.
struct InspectReport {
  let lines: [String]

  init(_ found: ResolvedBase) {
    let configuration = found.image.configuration
    var lines = ["digest: \(found.manifest.descriptor.digest)"]
    if let index = found.indexDigest { lines.append("index: \(index)") }
    lines.append("platform: \(found.platform)")
    func add(_ name: String, _ words: [String]) {
      if !words.isEmpty { lines.append("\(name): \(LaunchEnvironment.shellLine(words))") }
    }
    add("entrypoint", configuration.entrypoint)
    add("command", configuration.command)
    add("user", configuration.user.map { [$0] } ?? [])
    add("working directory", configuration.workingDirectory.map { [$0] } ?? [])
    func list(_ name: String, _ entries: [String]) {
      if !entries.isEmpty { lines += ["\(name):"] + entries.map { "  \($0)" } }
    }
    list("environment", configuration.environment)
    list("labels", configuration.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })
    list("layers", found.image.layers.map { "\($0.descriptor.digest)  \(ByteCount($0.descriptor.size))" })
    self.lines = lines
  }
}
