import SematicFiles
import SematicOCI

/// Makes a pipeline from its merged settings, and checks what only all of them together show.
struct PipelineMerge {
  let file: PipelineFile
  let entry: PipelineFile.Entry
  let settings: Settings

  func pipeline(platform: Platform?) throws -> Pipeline {
    let pipeline = Pipeline(
      name: entry.name, program: try program(),
      requirements: try settings.requirements.map { try packageFile($0, of: .requirements) },
      registry: settings.registry?.value.address ?? .local,
      repository: try repository(), bases: try bases(), environment: settings.environment,
      data: try DataFiles.expand(settings.data, in: file.package, workingDirectory: settings.workingDirectory),
      dataPatterns: settings.data.map(\.value), tags: settings.tags.map(\.value), tagSuffix: settings.tagSuffix?.value,
      insecure: settings.insecure ?? false, mirrors: settings.mirrors, retries: settings.retries,
      labels: settings.labels, annotations: settings.annotations, user: settings.user,
      workingDirectory: settings.workingDirectory, compression: settings.compression ?? .gzip,
      layerSize: settings.layerSize, keepsDebugInformation: settings.keepsDebugInformation, platform: platform)
    try checkTags(of: pipeline)
    return pipeline
  }

  private func program() throws -> Pipeline.Program {
    guard let script = settings.script else {
      if let stray = settings.sources.first {
        throw ConfigurationError(
          stray.place, "src: the pipeline '\(entry.name)' has no 'script' that could import them")
      }
      return .product(try product())
    }
    let file = try packageFile(script, of: .script)
    guard !FileTree.parent(of: file.relativePath).contains(":") else {
      throw ConfigurationError(script.place, "script: its folder has a colon, which parts the folders of PYTHONPATH")
    }
    let modules =
      try settings.sources.isEmpty
      ? PythonModules.globs(beside: file).map { Located(DataPattern(glob: $0, destination: nil), script.place) }
      : settings.sources
    let own = DataPattern(glob: PythonModules.literal(file.relativePath), destination: nil)
    let patterns = [Located(own, script.place)] + modules
    return .script(
      PythonScript(
        file: file,
        sources: try DataFiles.expand(patterns, in: self.file.package, workingDirectory: nil, setting: "src"),
        sourcePatterns: settings.sources.map(\.value.glob), products: self.file.executableProducts ?? []))
  }

  /// A file that a setting names.
  private func packageFile(_ text: Located<String>, of key: SettingKey) throws -> PackageFile {
    do {
      let path = try PackageFolder.parts(of: text.value).joined(separator: "/")
      let whole = file.package.path + "/" + path
      guard try FileStatus.ifPresent(whole, followingLinks: false) != nil else {
        throw MalformedSetting("there is no file '\(path)' in the package")
      }
      _ = try file.package.target(of: path)
      guard try FileStatus(of: whole).kind == .file else { throw MalformedSetting("'\(path)' is not a file") }
      return PackageFile(path: whole, relativePath: path)
    } catch let error as MalformedSetting {
      throw ConfigurationError(text.place, "\(key.rawValue): \(error.reason)", hint: error.hint)
    }
  }

  private func product() throws -> String {
    let product = settings.product?.value ?? entry.name
    guard let known = file.executableProducts, !known.contains(product) else { return product }
    let there = known.isEmpty ? "the package has none" : "there are \(known.quotedList)"
    guard let written = settings.product else {
      throw ConfigurationError(
        entry.place, "the pipeline '\(entry.name)' has no 'product', and is not the name of one: \(there)")
    }
    let meant = Suggestion.nearest(to: product, among: known).map { "did you mean '\($0)'?" }
    throw ConfigurationError(
      written.place, "product: '\(product)' is not an executable product of the package: \(meant ?? there)")
  }

  private func repository() throws -> String {
    let path = settings.registry?.value.path ?? ""
    let own = settings.repository?.value ?? Self.validRepository(file.packageName)
    let whole = path.isEmpty ? own : path + "/" + own
    guard let place = settings.repository?.place ?? settings.registry?.place else { return whole }
    guard ImageReference.isRepository(whole) else {
      throw ConfigurationError(place, "the repository '\(whole)' is longer than 255 characters")
    }
    if let registry = settings.registry, registry.value.address == .remote(host: "docker.io"), !whole.contains("/") {
      throw ConfigurationError(registry.place, "registry: Docker Hub needs an owner: write 'docker.io/OWNER'")
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

  private func bases() throws -> [NamedBase] {
    var written = settings.bases
    if written[NamedBase.defaultTag] == nil {
      written[NamedBase.defaultTag] = Located(NamedBase.defaultBase, entry.place)
    }
    let tags = written.keys.sorted { left, right in
      left == NamedBase.defaultTag || right == NamedBase.defaultTag ? left == NamedBase.defaultTag : left < right
    }
    return try tags.compactMap { tag in
      try written[tag].map { NamedBase(tag: tag, base: try file.catalog.base($0)) }
    }
  }

  private func checkTags(of pipeline: Pipeline) throws {
    var owners: [String: String] = [:]
    for base in pipeline.bases {
      for tag in pipeline.imageTags(for: base.tag) {
        let place = place(of: base.tag, tag: tag)
        guard tag.count <= 128 else {
          throw ConfigurationError(
            place, "the image tag '\(tag)' has \(tag.count) characters, more than 128: shorten what it is made of")
        }
        if let other = owners.updateValue(base.tag, forKey: tag) {
          throw ConfigurationError(
            place,
            other == base.tag
              ? "the image tag '\(tag)' is made twice: remove it from 'tags'"
              : "the bases '\(other)' and '\(base.tag)' would both get the image tag '\(tag)': rename one of them")
        }
      }
    }
  }

  /// Of what makes an image tag what it is.
  private func place(of baseTag: String, tag: String) -> Place {
    settings.tags.last { tag.hasPrefix($0.value) }?.place ?? settings.tagSuffix?.place ?? settings.bases[baseTag]?.place
      ?? entry.place
  }
}
