import SematicAssembly
import SematicConfiguration
import SematicFiles
import SematicInventory
import SematicOCI
import SematicSystem

/// What is stored beside an image that was built: its bill of materials, and its provenance.
///
/// Only here is decided which package a file of an image came from. Nothing is read where neither is asked for.
struct ImageInventory {
  let inputs: PipelineInputs

  private var pipeline: PipelineConfiguration { inputs.pipeline }

  /// - Parameter layers: the layers of the plan, as they were built.
  func attachments(
    to encoded: Image.Encoded, of planned: PlannedImage, layers: [Layer]
  ) throws -> [AttachedDocument] {
    guard pipeline.sbom || pipeline.provenance else { return [] }
    return try inputs.session.timings.measure("inventory") {
      let inventory = try inventory(of: planned, layers, digest: encoded.manifestDescriptor.digest)
      var attachments: [AttachedDocument] = []
      if pipeline.sbom {
        attachments.append(
          AttachedDocument(
            try SPDXDocument(inventory).encoded(), type: SPDXDocument.mediaType, title: "\(pipeline.name).spdx.json"))
      }
      if pipeline.provenance {
        let settings = JSONValue.object(["pipeline": .string(pipeline.name), "values": pipeline.publicSettings])
        let statement = Provenance(
          inventory, command: Invocation.name ?? "build", settings: settings,
          source: SourceState.source(of: inputs.workspace.folder))
        attachments.append(
          AttachedDocument(
            statement.encoded(), type: Provenance.mediaType, title: "\(pipeline.name).provenance.json"))
      }
      return attachments
    }
  }

  private func inventory(of planned: PlannedImage, _ layers: [Layer], digest: Digest) throws -> Inventory {
    var files: [InventoryFile] = []
    for layer in layers {
      guard case .file(let path) = layer.content else { continue }
      files += try LayerContents.files(
        ofLayer: layer.descriptor.digest, at: path, remembering: inputs.state.listings)
    }
    return Inventory(
      name: pipeline.repository, digest: digest, platform: planned.plan.platform, created: planned.plan.created.text,
      tool: ToolVersion.described, application: pipeline.name, components: try components(of: planned), files: files)
  }

  private func components(of planned: PlannedImage) throws -> [Component] {
    var own: [String] = []
    var python: [String: String] = [:]
    var system: [String: String] = [:]
    var runtime: [String: String] = [:]
    var bundles: [String: [String]] = [:]
    var libraries: [String: String] = [:]
    for layer in planned.plan.layers {
      for file in layer.files {
        if case .bytes = file.content { own.append(file.path) }
        guard let source = file.source?.path else { continue }
        switch layer.kind {
        case .requirements: python[file.path] = source
        case .libraries: libraries[FileTree.name(of: file.path)] = file.path
        case .resources:
          // sematic/bin/BUNDLE/...
          let parts = file.path.split(separator: "/")
          if parts.count > 2 { bundles[String(parts[2]), default: []].append(file.path) }
        case .data, .program: break
        case .runtime, .essentials, .foundation, .networking, .xml, .otherRuntime, .backtracer:
          if source.contains("/lib/swift/") || source.contains("/libexec/swift/") {
            runtime[file.path] = source
          } else {
            system[file.path] = source
          }
        default: system[file.path] = source
        }
      }
    }
    var components: [Component] = [.application(pipeline.name)]
    if !own.isEmpty {
      var tool = Component.tool(version: ToolVersion.number)
      tool.files = own
      components.append(tool)
    }
    let programs = planned.base.target.programs.map(\.artifacts)
    components += linkedPackages(of: programs, bundles, libraries)
    components += PythonDistribution.list(among: python.keys.sorted()) { path in
      python[path].flatMap { try? FileTree.read($0, limit: 16 << 20) }
    }.map(Component.pythonPackage)
    let root = planned.base.target.systemRoot
    let foreign = root.map { root in system.filter { $0.value.hasPrefix(root + "/") } } ?? [:]
    components += try systemPackages(system.filter { foreign[$0.key] == nil }, root: "")
    if let root {
      components += try systemPackages(foreign.mapValues { String($0.dropFirst(root.utf8.count)) }, root: root)
    }
    if let swift = try self.runtime(runtime, of: programs) { components.append(swift) }
    let annotations = planned.base.image.annotations
    if planned.base.source != nil,
      let base = annotations["org.opencontainers.image.base.digest"].flatMap({ try? Digest($0) })
    {
      components.append(.base(base, name: annotations["org.opencontainers.image.base.name"]))
    }
    return components
  }

  /// The packages that the programs link, by what SwiftPM has told the plugin, or has left beside the programs.
  private func linkedPackages(
    of products: [ProductArtifacts], _ bundles: [String: [String]], _ libraries: [String: String]
  ) -> [Component] {
    var found: Set<Component> = []
    let programs = (try? inputs.session.pluginContext())?.programs ?? []
    for artifacts in products {
      let folder = BuildFolder(of: artifacts.executable)
      guard let program = programs.first(where: { $0.product == artifacts.product }) else {
        found.formUnion(
          folder?.packages(of: artifacts.product, libraries: artifacts.dynamicLibraries) ?? [])
        continue
      }
      for package in program.linkedPackages {
        var component = Component.swiftPackage(
          package.name, version: package.version,
          revision: package.revision ?? folder?.revision(ofPackage: package.name), address: package.address)
        component.files = package.dynamicLibraries.compactMap { libraries[$0] }
        found.insert(component)
      }
    }
    var packages = Array(found)
    for (bundle, files) in bundles {
      // `<package>_<target>`: of two packages that it may be of, the one with the longer name.
      let owners = packages.indices.filter { bundle.hasPrefix(packages[$0].name + "_") }
      let owner = owners.max { packages[$0].name.utf8.count < packages[$1].name.utf8.count }
      if let owner { packages[owner].files += files }
    }
    return packages
  }

  /// - Parameter root: the root of the system that the files are of: this machine's, or a Swift SDK's.
  private func systemPackages(_ files: [String: String], root: String) throws -> [Component] {
    guard !files.isEmpty else { return [] }
    let release = SystemRelease.read(root: root)
    let packages = try DebianPackages(root: root, release: release)?.components(of: files) ?? []
    let owned = Set(packages.flatMap(\.files))
    var rest = Component.system(release)
    rest.files = files.keys.filter { !owned.contains($0) }
    return packages + (rest.files.isEmpty ? [] : [rest])
  }

  /// Swift's runtime: as files, or as a part of the programs.
  private func runtime(_ files: [String: String], of programs: [ProductArtifacts]) throws -> Component? {
    let folders = files.values.map(FileTree.parent(of:)).filter { $0.hasSuffix("/lib/swift/linux") }
    var folder = folders.min()
    if files.isEmpty {
      guard let program = programs.first?.executable,
        try !FileSearch.occurring(["swift5_"], in: program).isEmpty
      else { return nil }
      folder = MachineSystem.here.runtime ?? ToolVersion.toolchainRuntime
    }
    var component = Component.runtime(version: folder.flatMap(SwiftRuntime.version))
    component.files = Array(files.keys)
    return component
  }
}

/// The state of a package's sources in git.
enum SourceState {
  /// Nil where git does not have them.
  static func source(of folder: String) -> Provenance.Source? {
    func git(_ arguments: String...) -> String? {
      let answer = try? HelperAnswer.run(
        "git", ["-C", folder] + arguments, environment: ProcessInfo.processInfo.environment, input: "", seconds: 20)
      return answer.flatMap { $0.status == 0 ? String(decoding: $0.output, as: UTF8.self).trimmed : nil }
    }
    guard let commit = git("rev-parse", "HEAD"), !commit.isEmpty else { return nil }
    // SwiftPM's own folder is not always among those that git ignores.
    let changes = git("status", "--porcelain", "--", ".", ":(exclude).build")
    return Provenance.Source(
      address: git("config", "--get", "remote.origin.url").flatMap { SourceAddress($0) }, commit: commit,
      isDirty: changes != "")
  }
}
