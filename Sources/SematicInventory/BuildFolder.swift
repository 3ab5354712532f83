import SematicFiles
import SematicOCI
import SematicSystem

/// What SwiftPM has left beside a program: which packages it was linked from, where no plugin tells.
///
/// None of it is documented, so that whatever is not as expected is left out.
package struct BuildFolder {
  /// The folder of programs: `.build/x86_64-unknown-linux-gnu/release`.
  private let programs: String
  private let dependencies: [Dependency]

  private struct Dependency {
    let folder: String
    let component: Component
  }

  /// - Returns: nil where SwiftPM did not build the program there.
  package init?(of executable: String) {
    guard let path = try? FileTree.resolved(executable) else { return nil }
    programs = FileTree.parent(of: path)
    let scratch = FileTree.parent(of: FileTree.parent(of: programs))
    guard let bytes = try? FileTree.read(scratch + "/workspace-state.json"),
      let state = try? decodeJSON(JSONValue.self, from: Data(bytes)),
      let list = state["object"]?["dependencies"]?.array
    else { return nil }
    dependencies = list.compactMap { Self.dependency($0, in: scratch) }
  }

  private static func dependency(_ entry: JSONValue, in scratch: String) -> Dependency? {
    guard let package = entry["packageRef"], let identity = package["identity"]?.string,
      let location = package["location"]?.string
    else { return nil }
    let (state, subpath) = (entry["state"], entry["subpath"]?.string ?? identity)
    let folder: String
    var address: String?
    switch state?["name"]?.string {
    case "sourceControlCheckout": (folder, address) = (scratch + "/checkouts/" + subpath, location)
    case "registryDownload": folder = scratch + "/registry/downloads/" + subpath
    case "fileSystem", "edited": folder = state?["path"]?.string ?? location
    default: return nil
    }
    let checkout = state?["checkoutState"]
    let version = checkout?["version"]?.string ?? checkout?["branch"]?.string ?? state?["version"]?.string
    return Dependency(
      folder: (try? FileTree.resolved(folder)) ?? folder,
      component: .swiftPackage(
        package["name"]?.string ?? identity, version: version, revision: checkout?["revision"]?.string,
        address: address))
  }

  /// The packages that a product was linked from, without the one that it belongs to.
  /// - Parameter libraries: the paths of its dynamic libraries.
  package func packages(of product: String, libraries: [String]) -> [Component] {
    let products =
      [product] + libraries.map { FileTree.name(of: $0).dropFirst("lib".count).prefix { $0 != "." } }.map(String.init)
    var folders: [String: String] = [:]
    let lists = products.compactMap { try? FileTree.read("\(programs)/\($0).product/Objects.LinkFileList") }
    for line in lists.flatMap({ String(decoding: $0, as: UTF8.self).split(separator: "\n") }) {
      let object = line.trimmed.filter { $0 != "'" && $0 != "\"" }
      let parts = object.split(separator: "/")
      guard let name = parts.last(where: { $0.hasSuffix(".build") && $0 != ".build" }) else { continue }
      if folders[String(name)] == nil { folders[String(name)] = object }
    }
    let sources = folders.compactMap { source(of: "\(programs)/\($0.key)", object: $0.value) }
    let linked = dependencies.filter { dependency in
      // What lies in a folder of builds below it is another package's.
      sources.contains {
        $0.hasPrefix(dependency.folder + "/") && !$0.dropFirst(dependency.folder.count).contains("/.build/")
      }
    }
    return linked.map(\.component)
  }

  /// The commit that a package was checked out at.
  package func revision(ofPackage name: String) -> String? {
    dependencies.first { $0.component.name.lowercased() == name.lowercased() }?.component.revision
  }

  /// A source file of a module, by the compiler's map of outputs, or for C by the list of headers beside an object.
  private func source(of module: String, object: String) -> String? {
    if let bytes = try? FileTree.read(module + "/output-file-map.json"),
      let map = try? decodeJSON(JSONValue.self, from: Data(bytes))
    {
      return map.object?.keys.filter { $0.hasPrefix("/") }.min().map { (try? FileTree.resolved($0)) ?? $0 }
    }
    guard object.hasSuffix(".o"), let bytes = try? FileTree.read(object.dropLast(2) + ".d", limit: 4 << 20) else {
      return nil
    }
    let words = String(decoding: bytes.prefix(8192), as: UTF8.self).split { $0.isWhitespace || $0 == "\\" }
    return words.dropFirst().first.map { (try? FileTree.resolved(String($0))) ?? String($0) }
  }
}
