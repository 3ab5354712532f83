import SematicOCI
import Yams

extension Pipeline {
  /// The merged settings as a pipeline file, for Sematic's SEMATIC_IMAGE_BUILD_CONFIG.
  ///
  /// Equal pipelines give equal text, whatever the machine; `data` stands there as it is written, not file by file.
  package func buildConfiguration() throws -> String {
    var settings: [(String, Node)] = []
    switch program {
    case .product(let product): settings.append(("product", .text(product)))
    case .script(let script):
      settings.append(("script", .text(script.file.relativePath)))
      if !script.sourcePatterns.isEmpty { settings.append(("src", .list(script.sourcePatterns))) }
    }
    if let requirements { settings.append(("requirements", .text(requirements.relativePath))) }
    switch registry {
    case .local: settings.append(("registry", .text("local")))
    case .remote(let host): settings.append(("registry", .text(host)))
    }
    settings.append(("repository", .text(repository)))
    settings.append(("bases", .map(bases.map { ($0.tag, .text($0.base.written)) })))
    if !environment.isEmpty { settings.append(("env", .map(environment))) }
    if !dataPatterns.isEmpty {
      settings.append(("data", Node.sequence(Node.Sequence(dataPatterns.map(Self.node), .own(.seq), .block))))
    }
    if !tags.isEmpty { settings.append(("tags", .list(tags))) }
    if let tagSuffix { settings.append(("tag_suffix", .text(tagSuffix))) }
    if insecure { settings.append(("insecure", Node.scalar(Node.Scalar("true", .own(.bool), .plain)))) }
    if !mirrors.isEmpty { settings.append(("mirrors", .map(mirrors.mapValues(Self.node).sorted { $0.key < $1.key }))) }
    if let retries { settings.append(("retries", Node.scalar(Node.Scalar("\(retries)", .own(.int), .plain)))) }
    if !labels.isEmpty { settings.append(("labels", .map(labels))) }
    if !annotations.isEmpty { settings.append(("annotations", .map(annotations))) }
    if let user { settings.append(("user", .text(user))) }
    if let workingDirectory { settings.append(("workdir", .text(workingDirectory))) }
    if compression != .gzip { settings.append(("compression", .text(compression.description))) }
    if let layerSize { settings.append(("layer_size", .text("\(layerSize / 1_000_000) MB"))) }
    if let keepsDebugInformation {
      settings.append(("debug_information", .text(keepsDebugInformation ? "keep" : "strip")))
    }
    let file = Node.map([
      ("version", Node.scalar(Node.Scalar("1", .own(.int), .plain))),
      ("pipelines", .map([(name, .map(settings))])),
    ])
    let text = try serialize(node: file, width: -1, allowUnicode: true)
    // No setting of the file.
    return text + (platform.map { "# platform: \($0)\n" } ?? "")
  }

  private static func node(_ mirrors: [RegistryMirror]) -> Node {
    let texts = mirrors.map { Node.text($0.path.isEmpty ? $0.host : "\($0.host)/\($0.path)") }
    return Node.sequence(Node.Sequence(texts, .own(.seq), .block))
  }

  private static func node(_ pattern: DataPattern) -> Node {
    guard let destination = pattern.destination else { return .text(pattern.glob) }
    return .map([("from", .text(pattern.glob)), ("to", .text(destination))])
  }
}

extension Node {
  /// In quotes where a reader could take it for something else than text.
  fileprivate static func text(_ text: String) -> Node {
    let isWord = text.unicodeScalars.first.map { $0 == "/" || $0.properties.isAlphabetic } ?? false
    let words: Set = ["true", "false", "yes", "no", "on", "off", "y", "n", "null"]
    let isPlain = isWord && !words.contains(text.lowercased()) && !text.contains(where: \.isNewline)
    let style: Node.Scalar.Style = isPlain ? .any : .doubleQuoted
    return .scalar(Node.Scalar(text, .own(.str), style))
  }

  fileprivate static func list(_ texts: [String]) -> Node {
    .sequence(Sequence(texts.map(text), .own(.seq), .block))
  }

  fileprivate static func map(_ pairs: [(String, Node)]) -> Node {
    .mapping(Node.Mapping(pairs.map { (text($0.0), $0.1) }, .own(.map), .block))
  }

  fileprivate static func map(_ values: [String: String]) -> Node {
    map(values.sorted { $0.key < $1.key }.map { ($0.key, text($0.value)) })
  }
}

extension Tag {
  /// The default resolver would cost the compilation of regular expressions, for tags that are known.
  fileprivate static func own(_ name: Tag.Name) -> Tag { Tag(name, .basic) }
}
