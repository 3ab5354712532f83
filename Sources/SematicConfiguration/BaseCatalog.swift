import SematicFiles

/// The bases that have names: the package's own, then this tool's.
package struct BaseCatalog {
  /// The folder beside Package.swift; it has one `NAME.json` for each base.
  static let folderName = "sematic-bases"
  private static let builtinNames = ["worker-base", "worker-cuda"]

  private let package: PackageFolder
  private let own: [String: BaseDescriptor]
  private let builtinFolder: String

  /// - Throws: `ConfigurationError`, `FileError`.
  init(package: PackageFolder, builtinDescriptors: String) throws {
    self.package = package
    builtinFolder = builtinDescriptors
    let folder = package.path + "/" + Self.folderName
    var own: [String: BaseDescriptor] = [:]
    if FileTree.isDirectory(folder) {
      for file in try FileTree.names(in: folder) where file.hasSuffix(".json") && !file.hasPrefix(".") {
        let name = String(file.dropLast(".json".count))
        own[name] = try BaseDescriptor(contentsOf: folder + "/" + file, named: name, file: Self.folderName + "/" + file)
      }
    }
    self.own = own
  }

  /// Understands a text: the name of a descriptor, `scratch`, `oci:PATH[:TAG]` or an image reference.
  /// - Throws: `ConfigurationError`, `FileError`.
  func base(_ text: String, tag: String, at location: SourceLocation) throws -> BaseReference {
    do {
      let descriptor = try descriptor(text)
      if descriptor == nil { try rejectMistyped(text) }
      let isOption = if case .option = location { true } else { false }
      let source = try located(.init(descriptor?.reference ?? text), anywhere: descriptor == nil && isOption)
      return BaseReference(
        tag: tag, source: source, descriptor: descriptor, written: descriptor == nil ? written(text, source) : text)
    } catch let error as MalformedSetting {
      throw error.located(at: location)
    }
  }

  /// The descriptor of a base that has a name, for commands without a pipeline file; nil for any other text.
  /// - Throws: `ConfigurationError`, `FileError`.
  package static func descriptor(of name: String, package: String, builtinDescriptors: String) throws -> BaseDescriptor?
  {
    let catalog = try BaseCatalog(package: PackageFolder(package), builtinDescriptors: builtinDescriptors)
    if let descriptor = try catalog.descriptor(name) { return descriptor }
    do {
      try catalog.rejectMistyped(name)
    } catch let error as MalformedSetting {
      throw error.located(at: .option("--base"))
    }
    return nil
  }

  private func descriptor(_ name: String) throws -> BaseDescriptor? {
    if let descriptor = own[name] { return descriptor }
    guard Self.builtinNames.contains(name) else { return nil }
    let path = "\(builtinFolder)/\(name).json"
    guard FileTree.exists(path) else { throw MissingTemplate(path) }
    return try BaseDescriptor(contentsOf: path, named: name, file: "\(name).json")
  }

  /// Docker Hub would be asked for `worker-cudaa`, and answer that a login is needed.
  private func rejectMistyped(_ text: String) throws {
    guard !text.contains(where: { "/:@.".contains($0) }) else { return }
    let names = Set(own.keys).union(Self.builtinNames).union(["scratch"]).sorted()
    guard text != "scratch", let meant = Suggestion.nearest(to: text, among: names) else { return }
    throw MalformedSetting(
      "there is no base '\(text)': did you mean '\(meant)'?",
      hint: "to use an image of that name from Docker Hub, write 'docker.io/library/\(text.lowercased())'")
  }

  /// The command line may name a layout outside of the package, as it is for this machine alone.
  private func located(_ source: BaseReference.Source, anywhere: Bool) throws -> BaseReference.Source {
    guard case .layout(let path, let reference) = source else { return source }
    let folder: String
    if anywhere, !path.hasPrefix(PackageFolder.repositoryMark) {
      folder = FileTree.absolute(path, from: package.path)
    } else {
      let relative = try PackageFolder.parts(of: path).joined(separator: "/")
      let start = try package.folder(of: path)
      folder = start.path + "/" + relative
      if FileTree.exists(folder) { _ = try start.target(of: relative) }
    }
    guard FileTree.exists(folder + "/oci-layout") else {
      throw MalformedSetting(
        "there is no OCI layout at '\(path)': it must be a folder with a file 'oci-layout'",
        hint: FileTree.exists(folder) && !FileTree.isDirectory(folder)
          ? "copy an archive into a layout first: `skopeo copy oci-archive:\(path) oci:FOLDER:TAG`" : nil)
    }
    return .layout(path: folder, reference: reference)
  }

  /// The text without the path of a folder that only this machine has.
  private func written(_ text: String, _ source: BaseReference.Source) -> String {
    guard case .layout(let path, let reference) = source, !text.hasPrefix("oci:" + PackageFolder.repositoryMark) else {
      return text
    }
    let isInside = path.hasPrefix(package.path + "/")
    let shown = isInside ? String(path.dropFirst(package.path.count + 1)) : FileTree.name(of: path)
    return "oci:" + shown + (reference.map { ":\($0)" } ?? "")
  }
}
