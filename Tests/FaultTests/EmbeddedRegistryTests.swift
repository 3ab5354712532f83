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

  @Test func `a registry that is served for the folder is the one`() throws {
    let server = try serve()
    defer { server.stop() }
    let embedded = try EmbeddedRegistry(folder: folder.path, console: console)
    #expect(embedded.address == server.address)
    #expect(embedded.publicAddress == server.address)
    #expect(embedded.isLasting)
    // It is not this command's to end.
    embedded.close()
    #expect(ServingRecord.find(root: folder.path)?.address == server.address)
  }

  @Test func `pushes go around a registry that does not accept them, and references name it`() throws {
    for (options, isLasting) in [
      (RegistryServer.Options(readOnly: true), true), (RegistryServer.Options(logins: [("a", "b")]), true),
      (RegistryServer.Options(), false),
    ] {
      _ = try RegistryServer(root: folder.path)
      let server = try serve(options, isLasting: isLasting)
      defer { server.stop() }
      let embedded = try EmbeddedRegistry(folder: folder.path, console: console)
      defer { embedded.close() }
      #expect(embedded.address != server.address)
      #expect(embedded.publicAddress == server.address)
      #expect(!embedded.isLasting)
    }
  }

  @Test func `a record of a dead server is not believed, whoever has its process number`() throws {
    let server = try serve()
    let dead = server.address
    server.stop()
    for record in [
      String(decoding: try FileTree.read(folder.file("serving.json")), as: UTF8.self),
      "{\"process\":\(getpid()),\"address\":\"\(dead)\"}",
    ] {
      try folder.write("serving.json", record)
      let embedded = try EmbeddedRegistry(folder: folder.path, console: console)
      defer { embedded.close() }
      #expect(embedded.publicAddress != dead)
      #expect(embedded.address == embedded.publicAddress)
      #expect(ServingRecord.find(root: folder.path)?.address == embedded.address)
    }
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
