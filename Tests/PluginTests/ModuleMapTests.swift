import Foundation
import SematicFiles
import TestSupport
import Testing

/// The map for those who carry on, against what it maps.
@Suite struct ModuleMapTests {
  private let readme: String

  init() throws {
    readme = String(decoding: try FileTree.read(VerbScratch.repository + "/Sources/README.md"), as: UTF8.self)
  }

  @Test func `the picture shows the modules of Package.swift, and no arrow that follows from others`() throws {
    let picture = try ModuleGraph(mermaid: readme)
    let manifest = try ModuleGraph(manifestOf: VerbScratch.repository)
    #expect(picture == manifest.reduced, "it should be:\n\(manifest.reduced)")
  }

  @Test func `every module has its line, and every line its module`() throws {
    let named = readme.split(separator: "\n").compactMap { line in
      line.firstMatch(of: /^\| `(\w+)` \|[^|]*\|$/).map { String($0.1) }
    }
    let folders = try FileTree.names(in: VerbScratch.repository + "/Sources").filter { $0 != "README.md" }
    #expect(named.sorted() == folders.sorted())
  }

  @Test func `every folder that the tool keeps has its line`() throws {
    let source = VerbScratch.repository + "/Sources/ImageTool/Pipeline/StateFolder.swift"
    let kept = String(decoding: try FileTree.read(source), as: UTF8.self)
      .matches(of: /{ path \+ "\/(\w+)" }/).map { String($0.1) }
    #expect(!kept.isEmpty)
    let rows = readme.split(separator: "\n").compactMap { $0.firstMatch(of: /^\| `\w+`(, `\w+`)* \| .* \| .* \|$/)?.0 }
    for name in kept { #expect(rows.contains { $0.prefix(40).contains("`\(name)`") }, "\(name)") }
  }

  @Test func `every file that the map names is there`() throws {
    let named = readme.matches(of: /`((?:Sources|Plugins|Templates|Tests)\/[^`*]+)`/).map { String($0.1) }
    #expect(!named.isEmpty)
    for name in named { #expect(FileTree.exists("\(VerbScratch.repository)/\(name)"), "\(name)") }
  }
}

/// What depends on what: targets of a package that are not tests, and the products that they use.
private struct ModuleGraph: Equatable, CustomStringConvertible {
  private var arrows: [String: Set<String>] = [:]

  /// `A --> B` and `A & B --> C` of the first Mermaid block.
  init(mermaid text: String) throws {
    let block = try #require(text.components(separatedBy: "```mermaid\n").dropFirst().first)
    for line in block.components(separatedBy: "```")[0].split(separator: "\n") {
      let sides = line.components(separatedBy: " --> ").map { side in
        side.components(separatedBy: "&").map { $0.trimmingCharacters(in: .whitespaces) }
      }
      guard sides.count == 2 else { continue }
      for source in sides[0] { arrows[source, default: []].formUnion(sides[1]) }
    }
  }

  init(manifestOf package: String) throws {
    struct Manifest: Decodable {
      struct Target: Decodable {
        struct Dependency: Decodable {
          // A name, and things that may be null.
          let byName: [String?]?
          let target: [String?]?
          let product: [String?]?

          var name: String? { (byName ?? target ?? product)?.first ?? nil }
        }

        let name: String
        let path: String?
        let type: String
        let dependencies: [Dependency]
      }

      let targets: [Target]
    }
    let scratch = try TemporaryFolder("dump")
    let dump = try ChildProcess.run([
      "swift", "package", "--package-path", package, "--scratch-path", scratch.path, "dump-package",
    ])
    let json = try #require(dump.output.firstIndex(of: "{").map { dump.output[$0...] }, "\(dump.output)")
    let manifest = try JSONDecoder().decode(Manifest.self, from: Data(json.utf8))
    for target in manifest.targets where target.type != "test" && target.path?.hasPrefix("Tests/") != true {
      arrows[target.name] = Set(target.dependencies.compactMap(\.name))
    }
  }

  /// Without the arrows that lead where others lead, too.
  var reduced: ModuleGraph {
    var result = self
    for (source, ends) in arrows {
      result.arrows[source] = ends.filter { end in !ends.contains { $0 != end && reaches(end, from: $0) } }
    }
    return result
  }

  private func reaches(_ end: String, from start: String) -> Bool {
    arrows[start, default: []].contains { $0 == end || reaches(end, from: $0) }
  }

  static func == (one: Self, other: Self) -> Bool { one.description == other.description }

  /// One line for all that lead to the same.
  var description: String {
    let sources = Dictionary(grouping: arrows.keys.filter { arrows[$0]?.isEmpty == false }) { arrows[$0, default: []] }
    return sources.map { ends, sources in
      "  \(sources.sorted().joined(separator: " & ")) --> \(ends.sorted().joined(separator: " & "))"
    }.sorted().joined(separator: "\n")
  }
}
