import SematicFiles
import SematicOCI

/// The way from merged settings to a pipeline, with the checks that need all of them.
struct PipelineMerge {
  let file: PipelineFile
  let entry: PipelineFile.Entry
  let settings: WrittenSettings

  func pipeline() throws -> PipelineConfiguration {
    let data = try DataFiles.expand(
      settings.located(\.dataPatterns), in: file.package, workingDirectory: settings.workingDirectory)
    let program = try program(data)
    let requirements = try settings.requirements.flatMap { written in
      try packageFile(written.path, \.requirements).map { PythonRequirements(file: $0, extras: written.extras) }
    }
    let bases = try bases()
    var platforms = settings.located(\.platforms)
    if let platform = settings.platform, let location = settings.location(of: \.platform) {
      platforms = [Located(platform, location)]
    }
    for platform in platforms {
      for base in bases { try base.check(platform.value, at: platform.location) }
    }
    let repository = try repository()
    let registry = settings.registry?.address ?? .local
    var normalized = settings
    switch program {
    case .product(let product): normalized.replace(\.product, with: product, at: entry.location)
    case .script(let script): normalized.replace(\.script, with: script.file.relativePath, at: entry.location)
    }
    normalized.replace(
      \.requirements,
      with: requirements.map { RequirementsSetting(path: $0.file.relativePath, extras: $0.extras) }, at: entry.location)
    normalized.replace(\.registry, with: RegistrySetting(address: registry), at: entry.location)
    normalized.replace(\.repository, with: repository, at: entry.location)
    if let only = platforms.first, platforms.count == 1 {
      normalized.replace(\.platform, with: only.value, at: only.location)
      normalized[SettingsTable.shared.platforms.row.name] = []
    }
    normalized["bases"] = bases.map {
      WrittenValue(key: $0.tag, value: TypedBase.text($0.written), location: entry.location)
    }
    let pipeline = PipelineConfiguration(
      name: entry.name, program: program, requirements: requirements, registry: registry, repository: repository,
      bases: bases, platforms: platforms.map(\.value), data: data, settings: normalized)
    try checkTags(of: pipeline)
    return pipeline
  }

  private func program(_ data: [DataFile]) throws -> PipelineConfiguration.Program {
    let sources = settings.located(\.sources)
    guard let script = try settings.script.flatMap({ try packageFile($0, \.script) }),
      let location = settings.location(of: \.script)
    else {
      for (name, location) in [
        ("src", sources.first?.location), ("exclude", settings.located(\.excluded).first?.location),
        ("import_roots", settings.located(\.importRoots).first?.location),
      ] {
        guard let location else { continue }
        throw ConfigurationError(location, "\(name): the pipeline '\(entry.name)' has no 'script' to import modules")
      }
      return .product(try product())
    }
    let folder = script.relativePath.contains("/") ? FileTree.parent(of: script.relativePath) : ""
    guard !folder.contains(":") else {
      throw ConfigurationError(location, "script: its folder has a colon, which PYTHONPATH cannot have in a path")
    }
    if settings.workingDirectory?.contains(":") == true, let location = settings.location(of: \.workingDirectory) {
      throw ConfigurationError(location, "workdir: it has a colon, which PYTHONPATH cannot have in a path")
    }
    var roots = [folder]
    for root in try [""] + settings.located(\.importRoots).map(importRoot) where !roots.contains(root) {
      roots.append(root)
    }
    let own = Located(DataPattern(glob: Self.literal(script.relativePath), destination: nil), location)
    let listed =
      try sources.isEmpty
      ? nil
      : DataFiles.expand([own] + sources, in: file.package, workingDirectory: nil, setting: "src")
        .filter { !$0.relativePath.contains("__pycache__/") && !$0.relativePath.hasSuffix(".pyc") }
    return .script(
      PythonScript(
        file: script, importRoots: roots, products: file.executableProducts ?? [], package: file.package,
        listed: listed, excluded: try settings.excluded.map { try Glob($0.glob) },
        data: Set(data.map(\.relativePath)), location: location))
  }

  /// A folder of `import_roots`.
  private func importRoot(_ root: Located<String>) throws -> String {
    func refuse(_ problem: String) -> ConfigurationError {
      ConfigurationError(root.location, "import_roots: \(problem)")
    }
    do {
      let path = try PackageFolder.parts(of: root.value).joined(separator: "/")
      guard FileTree.exists(file.package.path + "/" + path) else {
        throw refuse("there is no folder '\(path)' in the package")
      }
      _ = try file.package.target(of: path)
      guard FileTree.isDirectory(file.package.path + "/" + path) else { throw refuse("'\(path)' is not a folder") }
      guard !path.contains(":") else { throw refuse("'\(path)' has a colon, which PYTHONPATH cannot have in a path") }
      return path
    } catch let error as MalformedSetting {
      throw refuse(error.reason)
    }
  }

  /// A pattern that matches this path alone.
  private static func literal(_ path: String) -> String {
    path.map { "*?[\\".contains($0) ? "\\\($0)" : String($0) }.joined()
  }

  /// The file that a setting names.
  private func packageFile<Value>(
    _ text: String, _ setting: KeyPath<SettingsTable, Setting<Value>>
  ) throws -> PackageFile? {
    guard let location = settings.location(of: setting) else { return nil }
    do {
      return try file.package.file(text)
    } catch let error as MalformedSetting {
      let name = SettingsTable.shared[keyPath: setting].row.name
      throw ConfigurationError(location, "\(name): \(error.reason)", hint: error.hint)
    }
  }

  private func product() throws -> String {
    let product = settings.product ?? entry.name
    guard let known = file.executableProducts, !known.contains(product) else { return product }
    let there = known.isEmpty ? "the package has none" : "there are \(known.quotedList)"
    guard let location = settings.location(of: \.product) else {
      throw ConfigurationError(
        entry.location, "the pipeline '\(entry.name)' has no 'product' and does not have the name of one: \(there)")
    }
    let meant = Suggestion.nearest(to: product, among: known).map { "did you mean '\($0)'?" }
    throw ConfigurationError(
      location, "product: '\(product)' is not an executable product of the package: \(meant ?? there)")
  }

  private func repository() throws -> String {
    let path = settings.registry?.path ?? ""
    let own = settings.repository ?? Self.validRepository(file.packageName)
    let whole = path.isEmpty ? own : path + "/" + own
    guard let location = settings.location(of: \.repository) ?? settings.location(of: \.registry) else { return whole }
    guard ImageReference.isRepository(whole) else {
      throw ConfigurationError(location, "the repository '\(whole)' is longer than 255 characters")
    }
    if settings.registry?.address == .remote(host: "docker.io"), !whole.contains("/") {
      throw ConfigurationError(
        settings.location(of: \.registry), "registry: Docker Hub needs an owner: write 'docker.io/OWNER'")
    }
    return whole
  }

  /// The package's name, made into a repository.
  static func validRepository(_ name: String) -> String {
    var result = ""
    var separator = ""
    for scalar in name.lowercased().unicodeScalars.prefix(128) {
      if ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar) {
        if !result.isEmpty, !separator.isEmpty { result += [".", "_", "__"].contains(separator) ? separator : "-" }
        separator = ""
        result.unicodeScalars.append(scalar)
      } else {
        separator.unicodeScalars.append(scalar)
      }
    }
    return result.isEmpty ? "pipelines" : result
  }

  private func bases() throws -> [BaseReference] {
    var written = settings.bases
    if written[BaseReference.defaultTag] == nil { written[BaseReference.defaultTag] = .text(BaseReference.defaultName) }
    let others = written.keys.filter { $0 != BaseReference.defaultTag }.sorted()
    return try ([BaseReference.defaultTag] + others).compactMap { tag in
      try written[tag].map { base in
        let location = settings.location(of: \.bases, tag) ?? entry.location
        return try file.catalog.base(base.text(in: file.package, at: location), tag: tag, at: location)
      }
    }
  }

  private func checkTags(of pipeline: PipelineConfiguration) throws {
    var owners: [String: String] = [:]
    for base in pipeline.bases {
      for tag in pipeline.imageTags(for: base.tag) {
        let location = location(of: base.tag, tag: tag)
        guard tag.count <= 128 else {
          throw ConfigurationError(
            location,
            "the image tag '\(tag)' has \(tag.count) characters, more than 128: shorten the names that it is made of")
        }
        if let other = owners.updateValue(base.tag, forKey: tag) {
          throw ConfigurationError(
            location,
            other == base.tag
              ? "the image tag '\(tag)' is made twice: remove it from 'tags'"
              : "the bases '\(other)' and '\(base.tag)' would both get the image tag '\(tag)': rename one of them")
        }
      }
    }
  }

  /// The place of what makes an image tag what it is.
  private func location(of baseTag: String, tag: String) -> SourceLocation {
    settings.located(\.tags).last { tag.hasPrefix($0.value) }?.location ?? settings.location(of: \.tagSuffix)
      ?? settings.location(of: \.bases, baseTag) ?? entry.location
  }
}
