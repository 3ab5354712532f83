import SematicFiles
import TestSupport
import Testing

@testable import ImageTool

@Suite struct ResolvedVersionsTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder("resolved") }

  private func write(_ package: String, _ pins: [(String, String)]) throws {
    let entries = pins.map { identity, version in
      #"{"identity": "\#(identity)", "kind": "remoteSourceControl", "location": "x", "state": {"revision": "r\#(version)", "version": "\#(version)"}}"#
    }
    try folder.write(
      package + "/Package.resolved", #"{"pins": [\#(entries.joined(separator: ","))], "version": 3}"#)
  }

  private func warning() throws -> String? {
    func package(_ name: String) -> String {
      #"{"name": "\#(name)", "directory": "\#(folder.file(name))", "executableProducts": [], "sources": {}}"#
    }
    let context = try PluginContext(
      file: folder.write(
        "context.json", #"{"workDirectory": "/w", "packages": [\#(package("Tools")), \#(package("app"))]}"#))
    return context.versionWarning(for: context.packages[1])
  }

  @Test func `A package that is built with other versions than its own is told`() throws {
    #expect(try warning() == nil)
    try write("app", [("a", "1.0.0"), ("b", "2.0.0"), ("c", "3.0.0")])
    #expect(try warning() == nil)
    try write("Tools", [("a", "1.0.1"), ("b", "2.0.0"), ("d", "1.0.0")])
    #expect(
      try warning()
        == "'app' is built with versions of \(folder.file("Tools"))/Package.resolved that are not those of its own: "
        + "a 1.0.1 (1.0.0); `cp \(folder.file("app"))/Package.resolved \(folder.file("Tools"))` makes them the same")
  }
}
