import Foundation
import TestSupport
import Testing

@testable import Sematic

@Suite struct SematicClientTests {
  private static let versions = "{\"server\":[0,41,0],\"min_client_supported\":[0,30,0]}"

  /// Counts what it is asked to wait for, and does not wait.
  private final class Waiting: Sendable {
    let attempts = Guarded<[Int]>([])
    var retries: SematicClient.Retries {
      SematicClient.Retries { attempt in self.attempts.withLock { $0.append(attempt) } }
    }
  }

  private func failure(_ client: SematicClient) async -> SematicError? {
    do {
      try await client.check()
      return nil
    } catch {
      return error as? SematicError
    }
  }

  @Test func `a server of our time is accepted`() async throws {
    let scripted = try ScriptedServer { _ in .text(200, Self.versions) }
    try await SematicClient(address: "http://\(scripted.address)", key: nil).check()
    #expect(scripted.lines == ["GET /api/v1/meta/versions"])
  }

  @Test func `a server that is down is tried seven times, with longer and longer pauses`() async throws {
    let waiting = Waiting()
    let address = "http://127.0.0.1:\(try closedPort())"
    let error = try #require(await failure(SematicClient(address: address, key: nil, retries: waiting.retries)))
    #expect(error.code == .unreachable)
    #expect(error.description.contains(" on the Sematic server at \(address): Failed to connect to 127.0.0.1"))
    #expect(error.description.hasSuffix(" (7 attempts)"))
    #expect(waiting.attempts.withLock { $0 } == [1, 2, 3, 4, 5, 6])
  }

  @Test func `a server with a passing fault is asked again`() async throws {
    let waiting = Waiting()
    let scripted = try ScriptedServer { request in
      switch request.earlier {
      case 0: .text(500, "{\"error\":\"starting\"}")
      case 1: .cut(200, Array("{".utf8), length: 100)
      case 2: .raw("nonsense\r\n\r\n")
      default: .text(200, Self.versions)
      }
    }
    try await SematicClient(address: "http://\(scripted.address)", key: nil, retries: waiting.retries).check()
    #expect(waiting.attempts.withLock { $0 } == [1, 2, 3])
  }

  @Test func `a fault that stays is told in the server's words`() async throws {
    let scripted = try ScriptedServer { _ in .text(500, "{\"error\":\"the disk is full\"}") }
    let error = try await failure(
      SematicClient(address: "http://\(scripted.address)", key: nil, retries: Waiting().retries))
    #expect("\(try #require(error))".contains("status 500: the disk is full (7 attempts)"))
  }

  @Test(arguments: [nil, "wrong"])
  func `a refused key is not tried again`(key: String?) async throws {
    let scripted = try ScriptedServer { _ in .text(401, "{\"error\":\"Missing API key\"}") }
    let address = "http://\(scripted.address)"
    let error = try await failure(SematicClient(address: address, key: key, retries: Waiting().retries))
    #expect(error == .unauthorized(address: address, hasKey: key != nil))
    #expect(scripted.requests.map { $0.headers["x-api-key"] } == [key])
  }

  @Test(arguments: [
    ("{\"server\":[0,29,9],\"min_client_supported\":[0,20,0]}", "its version 0.29.9 is older than 0.30.0"),
    ("{\"server\":[9,0,0],\"min_client_supported\":[9,0,0]}", "it supports clients from 9.0.0 on"),
  ])
  func `a server of another time is refused`(versions: String, reason: String) async throws {
    let scripted = try ScriptedServer { _ in .text(200, versions) }
    let error = try await failure(SematicClient(address: "http://\(scripted.address)", key: nil))
    #expect("\(try #require(error))".contains(reason))
  }

  @Test(arguments: ["<html>", "{}", "{\"server\":[1]}", "[]", "{\"server\":\"x\",\"min_client_supported\":1}"])
  func `what is no Sematic server is told so`(body: String) async throws {
    let scripted = try ScriptedServer { _ in .text(200, body) }
    let error = try await failure(SematicClient(address: "http://\(scripted.address)", key: nil))
    #expect(error?.code == .unexpectedAnswer)
  }

  @Test func `an answer in chunks is read whole`() async throws {
    let scripted = try ScriptedServer { _ in
      .raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\n[1,2,\r\n2\r\n3]\r\n0\r\n\r\n")
    }
    let answer = try await SematicClient(address: "http://\(scripted.address)", key: nil).call("ask", "GET", "/x")
    #expect(answer == .array([.number("1"), .number("2"), .number("3")]))
  }

  @Test(arguments: [
    "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n", "HTTP/1.1 200 OK\r\nX: 1",
    "HTTP/1.1 200 OK\r\n" + String(repeating: "X: 1\r\n", count: 20_000), "HTTP/1.1 99999 OK\r\n\r\n", "",
  ])
  func `an answer that is not HTTP is a fault, and no trap`(text: String) async throws {
    let scripted = try ScriptedServer { _ in .raw(text) }
    let request = ServerRequest(method: "GET", address: try ServerAddress("http://\(scripted.address)/"))
    #expect(throws: TransportFailure.self) { try CurlTransport.send(request) }
  }

  @Test func `the key stays with the server, though its storage is elsewhere`() async throws {
    let storage = try ScriptedServer { _ in .text(200, "42") }
    let scripted = try ScriptedServer { _ in
      .status(302, ["Location": "http://\(storage.address)/bucket/x?sign=1"])
    }
    let server = try SematicClient(address: "http://\(scripted.address)", key: "secret")
    #expect(try await server.bytes("read", "/storage/x") == Array("42".utf8))
    try await server.put("store", JSONText([1]), at: "http://\(storage.address)/bucket/y", headers: [("X-A", "b")])
    #expect(scripted.requests.map { $0.headers["x-api-key"] } == ["secret"])
    #expect(storage.requests.map { $0.headers["x-api-key"] } == [nil, nil])
    #expect(storage.requests.map(\.target) == ["/bucket/x?sign=1", "/bucket/y"])
    #expect(storage.requests.last?.headers["x-a"] == "b")
  }

  @Test(arguments: [
    "", "localhost:5001", "ftp://x", "http://", "http://h:0", "http://h:99999", "http://u:p@h", "http://h x",
  ])
  func `an address that is none is refused`(address: String) {
    #expect(throws: SematicError.self) { try SematicClient(address: address, key: nil) }
  }

  @Test func `addresses are understood`() async throws {
    let address = try ServerAddress("http://[::1]:5001/a/b?c#d")
    #expect(address.host == "::1")
    #expect(address.authority == "[::1]:5001")
    #expect(address.target == "/a/b?c")
    #expect(try ServerAddress("https://h").port == 443)
    #expect(try address.following("e").text == "http://[::1]:5001/a/e")
    #expect(try address.following("/e").text == "http://[::1]:5001/e")
    #expect(try address.following("https://x/y").text == "https://x/y")
  }
}
