import SematicOCI

/// What is inside an image: the parts that it was made of, each with the files that it brought.
package struct Inventory: Sendable {
  /// The image's name for people: its repository.
  package let name: String
  /// The digest of the image's manifest.
  package let digest: Digest
  package let platform: Platform
  package let created: String
  /// The name and version of the tool that made the list: `swift-sematic main`.
  package let tool: String
  package let components: [Component]
  /// By their paths.
  package let files: [InventoryFile]
  package let comment: String?

  /// - Parameters:
  ///   - files: those of all layers but the base's, lowest first: of two with one path, the last counts.
  ///   - components: a file that two of them name is the first one's. What none of them names is the application's.
  package init(
    name: String, digest: Digest, platform: Platform, created: String, tool: String, application: String,
    components: [Component], files: [InventoryFile], comment: String? = nil
  ) {
    self.name = name
    self.digest = digest
    self.platform = platform
    self.created = created
    self.tool = tool
    self.comment = comment
    var present = Dictionary(files.map { ($0.path, $0) }) { $1 }
    self.files = present.values.sorted { $0.path < $1.path }
    var owned = components.sorted()
    for index in owned.indices {
      owned[index].files = owned[index].files.filter { present.removeValue(forKey: $0) != nil }.sorted()
    }
    if !present.isEmpty {
      let index = owned.firstIndex { $0.kind == .application }
      if index == nil { owned.insert(.application(application), at: 0) }
      owned[index ?? 0].files = (owned[index ?? 0].files + present.keys).sorted()
    }
    self.components = owned
  }

  /// The parts of an image that nobody has described, from its manifest and configuration, and from the layers that this
  /// tool has added to it.
  ///
  /// - Parameters:
  ///   - name: as it was asked for.
  ///   - base: the digest and name of the base, as annotations have them.
  ///   - layers: all layers; the content of those that were read, with the kind that the image's history has of them.
  package init(
    of name: String, digest: Digest, platform: Platform, created: String, tool: String,
    base: (digest: Digest, name: String?)?, layers: [(digest: Digest, read: (kind: String, contents: LayerContents)?)]
  ) {
    var components: [Component] = []
    // Layers of a base that is named have their name by it.
    if let base { components.append(.base(base.digest, name: base.name)) }
    for layer in layers {
      guard let (kind, contents) = layer.read else {
        if base == nil { components.append(.layer(layer.digest)) }
        continue
      }
      let paths = contents.files.map(\.path)
      components += Self.components(of: kind, paths, contents)
    }
    self.init(
      name: name, digest: digest, platform: platform, created: created, tool: tool, application: name,
      components: Self.joined(components), files: layers.flatMap { $0.read?.contents.files ?? [] },
      comment: "made from the image itself: what only the build knew, such as versions of Swift packages, is not in it")
  }

  private static func components(of kind: String, _ paths: [String], _ contents: LayerContents) -> [Component] {
    switch kind {
    case "requirements":
      return PythonDistribution.list(among: paths) { contents.texts[$0] }.map(Component.pythonPackage)
    case "runtime", "foundation essentials", "foundation", "other runtime", "backtracer":
      var component = Component.runtime(version: nil)
      component.files = paths
      return [component]
    case "data", "resources", "libraries", "program": return []
    default:
      // Swift's libraries are with those that they need of the system.
      var (swift, system) = (Component.runtime(version: nil), Component.system(SystemRelease("")))
      for path in paths {
        let isSwift = ["networking", "xml"].contains(kind) && path.contains("/libFoundation")
        if isSwift { swift.files.append(path) } else { system.files.append(path) }
      }
      return [swift, system].filter { !$0.files.isEmpty }
    }
  }

  /// Components that differ in their files alone, as one.
  private static func joined(_ components: [Component]) -> [Component] {
    var files: [Component: [String]] = [:]
    for component in components {
      var bare = component
      bare.files = []
      files[bare, default: []] += component.files
    }
    return files.map { component, files in
      var whole = component
      whole.files = files
      return whole
    }
  }
}
