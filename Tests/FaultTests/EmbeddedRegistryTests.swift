import Foundation
import SematicFiles
import SematicRegistryServer
import TestSupport
import Testing

@testable import ImageTool

/// The registry that a command pushes to, beside other servers of its folder, living and dead.
@Suite(.serialized) struct EmbeddedRegistryTests {
  private let folder: TemporaryFolder
  private let console = Console(talk: .quiet, host: nil)

  init() throws { folder = try TemporaryFolder("embedded") }

  private func serve(_ options: RegistryServer.Options = .init(), isLasting: Bool = true) throws -> RegistryServer {
    let server = try RegistryServer(root: folder.path, options: options)
    server.start()
    try server.announce(isLasting: isLasting)
    return server
  }

  @Test(arguments: [false, true]) func `a registry that is served for the folder is the one`(serving: Bool) throws {
    for options in [RegistryServer.Options(), .init(readOnly: true), .init(logins: [("a", "b")])] {
      let server = try serve(options)
      defer { server.stop() }
      let embedded = try EmbeddedRegistry(folder: folder.path, serving: serving, console: console)
      #expect(embedded.address == server.address)
      #expect(embedded.isLasting)
      // It is not this command's to end.
      embedded.close()
      #expect(ServingRecord.find(root: folder.path)?.address == server.address)
    }
  }

  @Test(.usualPort) func `a registry that another command serves is not relied on for a launch`() throws {
    let server = try serve(isLasting: false)
    defer { server.stop() }
    let launching = try EmbeddedRegistry(folder: folder.path, serving: true, console: console)
    defer { launching.close() }
    #expect(launching.address != server.address)
    #expect(ServingRecord.find(root: folder.path)?.address == server.address)
    #expect(try !EmbeddedRegistry(folder: folder.path, serving: false, console: console).isLasting)
  }

  @Test(.usualPort) func `a record of a dead server is not believed, whoever has its process number`() throws {
    let server = try serve()
    let dead = server.address
    server.stop()
    for record in [
      String(decoding: try FileTree.read(folder.file("serving.json")), as: UTF8.self),
      "{\"process\":\(getpid()),\"address\":\"\(dead)\"}",
    ] {
      try folder.write("serving.json", record)
      #expect(try EmbeddedRegistry(folder: folder.path, serving: false, console: console).address != dead)
      let embedded = try EmbeddedRegistry(folder: folder.path, serving: true, console: console)
      defer { embedded.close() }
      #expect(embedded.address != dead)
      #expect(ServingRecord.find(root: folder.path)?.address == embedded.address)
    }
  }

  @Test(.usualPort)
  func `a port that another program has is passed over, by those who serve and by those who only name it`() throws {
    let other = try RegistryServer(root: folder.file("other"))
    other.start()
    defer { other.stop() }
    let ports = other.port...(other.port + 20)
    #expect(EmbeddedRegistry.freePort(of: ports) > other.port)
    #expect(EmbeddedRegistry.freePort(of: other.port...other.port) == other.port)
    let named = try EmbeddedRegistry(folder: folder.path, serving: false, console: console).address
    #expect(named.hasPrefix("127.0.0.1:51"))
    #expect(EmbeddedRegistry.address(of: folder.path).hasPrefix("127.0.0.1:51"))
  }

  @Test func `every line of a login file is a user`() throws {
    let file = try folder.write("login", "alice:s3:cret\n\nbob:other\n")
    let logins = try RegistryCommand.Serve.logins(file)
    #expect(logins.map(\.user) == ["alice", "bob"])
    #expect(logins.map(\.password) == ["s3:cret", "other"])
    for text in ["", "\n", "alice", "alice:", ":secret", "alice:secret\nbob"] {
      try folder.write("login", text)
      #expect(throws: FileError.self) { try RegistryCommand.Serve.logins(file) }
    }
  }
}
