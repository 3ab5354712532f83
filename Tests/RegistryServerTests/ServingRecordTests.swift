import Foundation
import SematicFiles
import TestSupport
import Testing

@testable import SematicRegistryServer

@Suite struct ServingRecordTests {
  @Test func `a server is found by its folder for as long as it serves`() throws {
    let registry = try TestRegistry()
    #expect(ServingRecord.find(root: registry.root) == nil)
    try registry.server.announce(isLasting: true)
    let found = try #require(ServingRecord.find(root: registry.root))
    #expect(found.address == registry.server.address)
    #expect(found.isLasting)
    #expect(try FileStatus(of: "\(registry.root)/serving.json").mode == 0o600)
    registry.server.stop()
    #expect(ServingRecord.find(root: registry.root) == nil)
  }

  @Test func `a server of another folder at the same address is not taken for it`() throws {
    let port = try freePort()
    let first = try TestRegistry { $0.port = port }
    try first.server.announce(isLasting: true)
    first.server.stop()
    let other = try TestRegistry { $0.port = port }
    try other.server.announce(isLasting: true)
    #expect(ServingRecord.find(root: first.root) == nil)
    #expect(ServingRecord.find(root: other.root) != nil)
  }

  @Test func `a program that listens and never answers is not waited for`() throws {
    let registry = try TestRegistry()
    let silent = try Listener(host: "127.0.0.1", port: 0)
    defer { silent.close() }
    try ServingRecord(address: "127.0.0.1:\(silent.port)", isLasting: true, token: "x")
      .write(to: Store(root: registry.root))
    let began = Date()
    #expect(ServingRecord.find(root: registry.root) == nil)
    #expect(Date().timeIntervalSince(began) < 5)
  }

  @Test(arguments: [
    "", "{}", "[", "{\"address\":\"\",\"isLasting\":true,\"token\":\"\"}",
    "{\"address\":\"127.0.0.1:0\",\"isLasting\":true,\"token\":\"\"}",
    "{\"address\":\"127.0.0.1:99999999\",\"isLasting\":true,\"token\":\"\"}",
    "{\"process\":1,\"address\":\"127.0.0.1:5155\"}",
  ])
  func `a record that is none is not believed`(text: String) throws {
    let registry = try TestRegistry()
    try Data(text.utf8).write(to: URL(fileURLWithPath: "\(registry.root)/serving.json"))
    #expect(ServingRecord.find(root: registry.root) == nil)
  }

  @Test func `a server says that it ends soon, and proves itself without a password`() throws {
    let locked = try TestRegistry { $0.logins = [("alice", "s3cret")] }
    try locked.server.announce(isLasting: false)
    #expect(try #require(ServingRecord.find(root: locked.root)).isLasting == false)
  }

  @Test func `the token is in no answer`() throws {
    let registry = try TestRegistry()
    try registry.server.announce(isLasting: true)
    let text = String(decoding: try FileTree.read("\(registry.root)/serving.json"), as: UTF8.self)
    let token = try JSONDecoder().decode(ServingRecord.self, from: Data(text.utf8)).token
    #expect(token.count > 30)
    for target in ["_serving", "_serving?challenge=", "_serving?challenge=\(token)", "_catalog", ""] {
      #expect(!(try registry.call("GET", target).text.contains(token)))
    }
  }
}
