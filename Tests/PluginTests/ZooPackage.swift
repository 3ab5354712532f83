import Foundation
import SematicFiles
import TestSupport

/// A package of Tests/zoo, in a copy that is kept from one run to the next.
struct ZooPackage {
  let path: String
  private let scratch: String

  /// - Parameter isLarge: its dependencies take minutes to compile, and have a scratch folder of their own.
  init(_ name: String, isLarge: Bool = false) throws {
    let home = VerbScratch.home + "/zoo"
    path = home + "/" + name
    scratch = isLarge ? VerbScratch.repository + "/.build/zoo" : VerbScratch.other
    for package in ["library", name] {
      try FileTree.createDirectory(home)
      let source = VerbScratch.repository + "/Tests/zoo/" + package
      let copied = try ChildProcess.run(["cp", "-R", "-u", "-p", source, home])
      guard copied.status == 0 else { throw ChildProcess.Failure(copied.output) }
      let manifest = String(decoding: try FileTree.read(source + "/Package.swift"), as: UTF8.self)
      try write(
        "../\(package)/Package.swift", manifest.replacing("\"../../..\"", with: "\"\(VerbScratch.repository)\""))
    }
  }

  /// A file that is the same is left alone, so that nothing is compiled anew.
  func write(_ name: String, _ text: String) throws {
    let file = path + "/" + name
    if let old = try? FileTree.read(file), old == Array(text.utf8) { return }
    try AtomicFile.write(text.utf8, to: file)
  }

  func run(_ arguments: [String]) throws -> SwiftPackageRun.Result {
    try SwiftPackageRun(arguments, in: path, environment: StarterCopy.credentials, scratch: scratch).wait(seconds: 3600)
  }

  /// A container of a pipeline's image.
  func container(_ pipeline: String, _ options: [String] = []) throws -> ContainerBundle {
    let result = try run(["build-image", pipeline] + options)
    guard result.status == 0, let layout = result.layouts.first else { throw ChildProcess.Failure(result.errorOutput) }
    return try ContainerBundle(layout: layout.path, tag: layout.tag)
  }
}

/// An address that answers with a document, by https and a certificate authority of its own.
final class ZooServer: Sendable {
  let address: String
  let authority: String
  private let server: ScriptedServer
  private let proxy: TLSProxy

  init() throws {
    server = try ScriptedServer { _ in .text(200, "<a>Grüße</a>", ["Content-Type": "application/xml"]) }
    proxy = try TLSProxy(port: server.port)
    address = proxy.address.replacing("127.0.0.1", with: "localhost")
    authority = String(decoding: try FileTree.read(proxy.certificate.authority), as: UTF8.self)
  }
}
