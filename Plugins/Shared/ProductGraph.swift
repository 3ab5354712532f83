import PackagePlugin

/// The targets below a product, through library targets and dependencies, and what they leave beside the executable.
struct ProductGraph {
  /// Without their ending: `<package>_<target>`, as SwiftPM names the bundle of a target with resources.
  let bundleNames: [String]
  let dynamicLibraries: [String]
  /// The packages other than the product's own that something of the product is compiled from.
  let linkedPackages: [LinkedPackage]

  init(of product: String, in package: Package) {
    var owners: [Target.ID: Package] = [:]
    var visited: Set<Package.ID> = []
    func learn(_ package: Package) {
      guard visited.insert(package.id).inserted else { return }
      for target in package.targets { owners[target.id] = package }
      for dependency in package.dependencies { learn(dependency.package) }
    }
    learn(package)

    var seen: Set<Target.ID> = []
    var libraries: Set<String> = []
    var bundles: Set<String> = []
    var linked: [Package.ID: LinkedPackage] = [:]
    func visit(_ target: any Target) {
      // A macro is a program that the compiler runs.
      if let module = target as? any SourceModuleTarget, module.kind == .macro { return }
      guard seen.insert(target.id).inserted else { return }
      if let owner = owners[target.id], owner.id != package.id, linked[owner.id] == nil {
        linked[owner.id] = LinkedPackage(owner)
      }
      if let module = target as? any SourceModuleTarget, module.sourceFiles.contains(where: { $0.type == .resource }),
        let owner = owners[target.id]
      {
        bundles.insert("\(owner.displayName)_\(target.name)")
      }
      for dependency in target.dependencies {
        switch dependency {
        case .target(let target): visit(target)
        case .product(let product): visit(product)
        @unknown default: break
        }
      }
    }
    func visit(_ product: any Product) {
      product.targets.forEach(visit)
      if let library = product as? LibraryProduct, library.kind == .dynamic {
        libraries.insert(library.name)
        if let owner = product.targets.first.flatMap({ owners[$0.id] }) {
          linked[owner.id]?.dynamicLibraries.insert("lib\(library.name).so")
        }
      }
    }
    package.products.filter { $0.name == product }.forEach(visit)
    // A library of the package itself is linked by product even where a target names its target.
    for library in package.products(ofType: LibraryProduct.self) where library.kind == .dynamic {
      if library.targets.contains(where: { seen.contains($0.id) }) { libraries.insert(library.name) }
    }
    bundleNames = bundles.sorted()
    dynamicLibraries = libraries.sorted()
    linkedPackages = linked.sorted { $0.key < $1.key }.map(\.value)
  }
}

/// A package that a product is linked with, as SwiftPM has resolved it.
struct LinkedPackage: Encodable {
  /// The name in the package's manifest.
  let name: String
  /// A version, or a branch; nil for a package of this machine.
  let version: String?
  let revision: String?
  let address: String?
  /// The files of its dynamic libraries that the product needs.
  var dynamicLibraries: Set<String> = []

  init(_ package: Package) {
    name = package.displayName
    switch package.origin {
    case .repository(let url, let displayVersion, let scmRevision):
      // SwiftPM tells plugins "no revision" of every checkout: ImageTool finds it.
      (address, version, revision) = (url, displayVersion, scmRevision.contains(" ") ? nil : scmRevision)
    case .registry(_, let displayVersion): (address, version, revision) = (nil, displayVersion, nil)
    case .root, .local: (address, version, revision) = (nil, nil, nil)
    @unknown default: (address, version, revision) = (nil, nil, nil)
    }
  }
}
