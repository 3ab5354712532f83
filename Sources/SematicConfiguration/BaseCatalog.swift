import SematicFiles

/// The bases that have names, the package's own before ours, and how `base:` is read.
struct BaseCatalog {
  /// Beside Package.swift; one `NAME.json` for each base.
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

  /// What a text names: a descriptor, `scratch`, `oci:PATH[:TAG]` or an image reference.
  /// - Throws: `ConfigurationError`, `FileError`.
  func base(_ text: Located<String>) throws -> Base {
    do {
      if let descriptor = try descriptor(text.value) {
        let source = try located(BaseSource(descriptor.reference), anywhere: false)
        return Base(source: source, descriptor: descriptor, written: text.value)
      }
      try rejectMistyped(text.value)
      let isOption = if case .option = text.place { true } else { false }
      let source = try located(BaseSource(text.value), anywhere: isOption)
      return Base(source: source, descriptor: nil, written: written(text.value, source))
    } catch let error as MalformedSetting {
      throw error.located(at: text.place)
    }
  }

  private func descriptor(_ name: String) throws -> BaseDescriptor? {
    if let descriptor = own[name] { return descriptor }
    guard Self.builtinNames.contains(name) else { return nil }
    return try BaseDescriptor(contentsOf: "\(builtinFolder)/\(name).json", named: name, file: "\(name).json")
  }

  /// `worker-cudaa` would be asked of Docker Hub, which answers that a login is needed.
  private func rejectMistyped(_ text: String) throws {
    guard !text.contains(where: { "/:@.".contains($0) }) else { return }
    let names = Set(own.keys).union(Self.builtinNames).union(["scratch"]).sorted()
    guard text != "scratch", let meant = Suggestion.nearest(to: text, among: names) else { return }
    throw MalformedSetting(
      "there is no base '\(text)': did you mean '\(meant)'?",
      hint: "an image of Docker Hub by that name is written 'docker.io/library/\(text.lowercased())'")
  }

  /// The command line may name a layout outside of the package: it says nothing about other machines.
  private func located(_ source: BaseSource, anywhere: Bool) throws -> BaseSource {
    guard case .layout(let path, let reference) = source else { return source }
    let folder: String
    if anywhere {
      folder = FileTree.absolute(path, from: package.path)
    } else {
      let relative = try PackageFolder.parts(of: path).joined(separator: "/")
      folder = package.path + "/" + relative
      if FileTree.exists(folder) { _ = try package.target(of: relative) }
    }
    guard FileTree.exists(folder + "/oci-layout") else {
      throw MalformedSetting("there is no OCI layout at '\(path)': a folder with the file 'oci-layout' was expected")
    }
    return .layout(path: folder, reference: reference)
  }

  /// Without the path of a folder that only this machine has.
  private func written(_ text: String, _ source: BaseSource) -> String {
    guard case .layout(let path, let reference) = source else { return text }
    let isInside = path.hasPrefix(package.path + "/")
    let shown = isInside ? String(path.dropFirst(package.path.count + 1)) : FileTree.name(of: path)
    return "oci:" + shown + (reference.map { ":\($0)" } ?? "")
  }
}
