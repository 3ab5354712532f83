import PackagePlugin

/// The targets below a product, through library targets and dependencies, and what they leave beside the executable.
struct ProductGraph {
  /// Without their ending: `<package>_<target>`, as SwiftPM names the bundle of a target with resources.
  let bundleNames: [String]
  let dynamicLibraries: [String]

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
    func visit(_ target: any Target) {
      guard seen.insert(target.id).inserted else { return }
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
      if let library = product as? LibraryProduct, library.kind == .dynamic { libraries.insert(library.name) }
      product.targets.forEach(visit)
    }
    package.products.filter { $0.name == product }.forEach(visit)
    // A library of the package itself is linked by product even where a target names its target.
    for library in package.products(ofType: LibraryProduct.self) where library.kind == .dynamic {
      if library.targets.contains(where: { seen.contains($0.id) }) { libraries.insert(library.name) }
    }
    bundleNames = bundles.sorted()
    dynamicLibraries = libraries.sorted()
  }
}
