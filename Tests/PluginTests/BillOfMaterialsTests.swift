import Foundation
import SematicFiles
import SematicOCI
import TestSupport
import Testing

extension PluginTests {
  /// What the verbs store about packages that a product links, and those that it does not.
  @Suite(.enabled(if: ChildProcess.canRun("git"))) struct BillOfMaterialsTests {
    private static let path = VerbScratch.home + "/inventoried"
    private static let repositories = VerbScratch.home + "/inventoried-repositories"
    /// A password in the address of a dependency, as people write it for their CI.
    private static let address = "https://user:t0ken@git.example.com/team/"

    init() throws {
      func write(_ name: String, _ text: String) throws {
        let file = VerbScratch.home + "/" + name
        if let old = try? FileTree.read(file), old == Array(text.utf8) { return }
        try AtomicFile.write(text.utf8, to: file)
      }
      try library("Indirect", needs: nil)
      try library("Linked", needs: "Indirect")
      try library("Unlinked", needs: nil)
      try write(
        "near/Package.swift",
        """
        // swift-tools-version: 5.9
        import PackageDescription
        let package = Package(
          name: "near", products: [.library(name: "Near", type: .dynamic, targets: ["Near"])],
          targets: [.target(name: "Near")])
        """)
      try write("near/Sources/Near/Near.swift", "public func near() -> String { \"near\" }\n")
      try write(
        "inventoried/Package.swift",
        """
        // swift-tools-version: 5.9
        import PackageDescription
        let package = Package(
          name: "inventoried", products: [.executable(name: "inventoried", targets: ["Inventoried"])],
          dependencies: [
            .package(name: "swift-sematic", path: "../../.."), .package(path: "../near"),
            .package(url: "\(Self.address)Linked.git", from: "1.2.0"),
            .package(url: "\(Self.address)Unlinked.git", from: "1.0.0"),
          ],
          targets: [
            .executableTarget(
              name: "Inventoried",
              dependencies: [.product(name: "Linked", package: "Linked"), .product(name: "Near", package: "near")]),
            .executableTarget(name: "Other", dependencies: [.product(name: "Unlinked", package: "Unlinked")]),
          ])
        """)
      try write("inventoried/Sources/Inventoried/main.swift", "import Linked\nimport Near\nprint(linked(), near())\n")
      try write("inventoried/Sources/Other/main.swift", "import Unlinked\nprint(unlinked())\n")
      try write(
        "inventoried/sematic.yaml",
        "version: 1\npipelines:\n  inventoried: {base: scratch, provenance: true, env: {KEY: t0ken}}\n")
      // The addresses lead to repositories of this machine.
      try write(
        "inventoried-repositories/gitconfig",
        "[url \"file://\(Self.repositories)/\"]\n  insteadOf = \(Self.address)\n[safe]\n  directory = *\n")
    }

    /// A package with a version in a repository, made once and always the same.
    private func library(_ name: String, needs other: String?) throws {
      let path = "\(Self.repositories)/\(name).git"
      guard !FileTree.exists(path + "/.git/refs/tags/1.2.3") else { return }
      try FileTree.remove(path)
      let dependency = other.map { "dependencies: [.package(url: \"\(Self.address)\($0).git\", from: \"1.0.0\")], " }
      let product = other.map { "dependencies: [.product(name: \"\($0)\", package: \"\($0)\")], " } ?? ""
      let call = other.map { "\($0.lowercased())()" } ?? "\"\(name)\""
      for (file, text) in [
        (
          "Package.swift",
          """
          // swift-tools-version: 5.9
          import PackageDescription
          let package = Package(
            name: "\(name)", products: [.library(name: "\(name)", targets: ["\(name)"])], \(dependency ?? "")
            targets: [.target(name: "\(name)", \(product)resources: [.copy("note.txt")])])
          """
        ), ("Sources/\(name)/note.txt", name),
        (
          "Sources/\(name)/\(name).swift",
          "\(other.map { "import \($0)\n" } ?? "")public func \(name.lowercased())() -> String { \(call) }\n"
        ),
      ] { try AtomicFile.write(text.utf8, to: "\(path)/\(file)") }
      let result = try ChildProcess.run(
        [
          "sh", "-ec",
          "git init -q; git add .; git -c user.name=a -c user.email=a@example.com commit -qm a; git tag 1.2.3",
        ],
        environment: SwiftPackageRun.environment.merging([
          "GIT_AUTHOR_DATE": "2020-01-01T00:00:00Z", "GIT_COMMITTER_DATE": "2020-01-01T00:00:00Z",
        ]) { $1 }, folder: path)
      guard result.status == 0 else { throw ChildProcess.Failure(result.output) }
    }

    private func run(_ arguments: [String]) throws -> SwiftPackageRun.Result {
      try SwiftPackageRun.run(
        ["--disable-dependency-cache"] + arguments, in: Self.path,
        environment: StarterCopy.credentials.merging(["GIT_CONFIG_GLOBAL": Self.repositories + "/gitconfig"]) { $1 },
        scratch: VerbScratch.path)
    }

    private struct Document {
      let text: String
      let json: JSONValue

      init(_ text: String) throws {
        self.text = text
        json = try decodeJSON(from: Data(text.utf8))
      }

      var packages: [JSONValue] { json["packages"]?.array ?? [] }

      /// The packages of Swift, by name.
      var swift: [String: JSONValue] {
        let purposes = packages.filter { $0["primaryPackagePurpose"] == .string("LIBRARY") && $0["name"] != "Swift" }
        return Dictionary(purposes.map { ($0["name"]?.string ?? "", $0) }) { $1 }
      }

      func files(of package: String) -> [String] {
        let names = (json["files"]?.array ?? []).map { ($0["SPDXID"]?.string ?? "", $0["fileName"]?.string ?? "") }
        let byIdentifier = Dictionary(names) { $1 }
        return (packages.first { $0["name"]?.string == package && $0["hasFiles"] != nil }?["hasFiles"]?.strings ?? [])
          .compactMap {
            byIdentifier[$0]
          }
      }
    }

    private func inspect(_ arguments: [String]) throws -> ChildProcess.Result {
      try ChildProcess.run([VerbScratch.tool(), "inspect"] + arguments)
    }

    @Test func `A bill of materials has the packages that the product links, with what they brought`() throws {
      let built = try run(["build-image", "--sbom"])
      #expect(built.status == 0, "\(built.errorOutput)")
      let layout = try #require(built.layouts.first, "\(built.output)")
      let bill = try Document(inspect(["--sbom", "oci:\(layout.path):\(layout.tag)"]).output)
      #expect(bill.swift.keys.sorted() == ["Indirect", "Linked", "near"])
      let linked = try #require(bill.swift["Linked"])
      #expect(linked["versionInfo"] == "1.2.3")
      let commit = try ChildProcess.run(["git", "-C", Self.repositories + "/Linked.git", "rev-parse", "HEAD"]).output
      #expect(
        linked["downloadLocation"]?.string
          == "git+https://git.example.com/team/Linked.git@" + commit.trimmingCharacters(in: .whitespacesAndNewlines))
      #expect(
        linked["externalRefs"]?.array?.first?["referenceLocator"] == "pkg:swift/git.example.com/team/Linked@1.2.3")
      #expect(bill.swift["near"]?["downloadLocation"] == "NOASSERTION")
      #expect(bill.files(of: "near") == ["./sematic/bin/libNear.so"])
      #expect(bill.files(of: "Linked") == ["./sematic/bin/Linked_Linked.resources/note.txt"])
      #expect(bill.files(of: "inventoried").contains("./sematic/bin/inventoried"))
      #expect(bill.files(of: "Swift").contains("./sematic/bin/libswiftCore.so"))
      if SPDXValidator.isAvailable { #expect(try SPDXValidator.problems(of: Data(bill.text.utf8)) == "") }

      let statement = try Document(inspect(["--provenance", "oci:\(layout.path):\(layout.tag)"]).output)
      let definition = try #require(statement.json["predicate"]?["buildDefinition"])
      #expect(definition["externalParameters"]?["command"] == "build")
      #expect(definition["externalParameters"]?["settings"]?["values"]?["env"] == .strings(["KEY"]))
      let names = (definition["resolvedDependencies"]?.array ?? []).compactMap { $0["name"]?.string }
      #expect(names.contains("Indirect") && !names.contains("Unlinked"))
      #expect(!bill.text.contains("t0ken") && !statement.text.contains("t0ken"))

      // Without a plugin, the same is known from what SwiftPM has left beside the program.
      let folder = try TemporaryFolder("besides")
      let alone = try ChildProcess.run(
        [
          VerbScratch.tool(), "build", "--executable", VerbScratch.path + "/release/inventoried", "--base", "scratch",
          "--sbom", "--output", folder.file("layout"),
        ], environment: SwiftPackageRun.environment.merging(["XDG_CACHE_HOME": folder.file("cache")]) { $1 },
        folder: folder.path)
      #expect(alone.status == 0, "\(alone.output)")
      let other = try Document(inspect(["--sbom", "oci:" + folder.file("layout")]).output)
      #expect(other.swift.keys.sorted() == bill.swift.keys.sorted())
      for name in bill.swift.keys {
        for key in ["versionInfo", "downloadLocation", "externalRefs"] {
          #expect(other.swift[name]?[key] == bill.swift[name]?[key], "\(name) \(key)")
        }
      }
    }

    @Test func `A push stores it in the embedded registry, from where it is read again`() throws {
      let first = try run(["push-image", "--sbom"])
      #expect(first.status == 0, "\(first.errorOutput)")
      let again = try run(["push-image", "--sbom"])
      #expect(again.output == first.output)
      #expect(again.errorOutput.contains(", 0 B sent"), "\(again.errorOutput)")
    }
  }
}
