import Foundation
import TestSupport
import Testing

@testable import SematicImages
@testable import SematicRegistryClient

@Suite struct TokenTests {
  @Test func `scopes of one resource become one`() {
    let scopes = TokenScopes([.push("a"), .pull("b"), .pull("a")]).adding(
      "repository:b:delete registry:catalog:* nonsense")
    #expect(
      scopes.list.map(\.description) == ["registry:catalog:*", "repository:a:pull,push", "repository:b:delete,pull"])
  }

  @Test func `a token serves whoever wants less, until shortly before it ends`() {
    let clock = Clock()
    var cache = TokenCache(now: { clock.now })
    cache.insert("t", for: TokenScopes([.push("a")]), lifetime: 60)
    #expect(cache.token(for: TokenScopes([.pull("a")])) == "t")
    #expect(cache.token(for: TokenScopes([.pull("b")])) == nil)
    #expect(cache.token(for: TokenScopes([.push("a"), .pull("b")])) == nil)
    clock.now += 49_000_000_000
    #expect(cache.token(for: TokenScopes([.push("a")])) == "t")
    clock.now += 2_000_000_000
    #expect(cache.token(for: TokenScopes([.push("a")])) == nil)
  }

  @Test(arguments: [-5.0, 0, 1e300, .infinity, .nan]) func `odd lifetimes do no harm`(lifetime: Double) {
    var cache = TokenCache(now: { 0 })
    cache.insert("t", for: TokenScopes([]), lifetime: lifetime)
    #expect(cache.token(for: TokenScopes([])) == "t")
  }

  private final class Clock {
    var now: UInt64 = 1
  }

  private func tokenOptions(_ folder: TemporaryFolder, _ address: String, _ entry: String) throws -> RegistryOptions {
    var options = RegistryOptions.testing
    options.environment["HOME"] = folder.path
    try folder.write(".docker/config.json", #"{"auths": {"\#(address)": \#(entry)}}"#)
    return options
  }

  /// A registry that accepts the token `good`, and a token service that gives it by `answer`.
  private func registry(_ answer: String, status: Int = 200) throws -> (ScriptedServer, ScriptedServer) {
    let service = try ScriptedServer { _ in .text(status, answer) }
    let realm = "http://\(service.address)/token?account=x"
    let registry = try ScriptedServer { request in
      request.headers["authorization"] == "Bearer good"
        ? .status(200) : .status(401, ["WWW-Authenticate": "Bearer realm=\"\(realm)\",service=\"my service\""])
    }
    return (registry, service)
  }

  @Test(arguments: [
    #"{"token":"good"}"#, #"{"access_token":"good","expires_in":1e9}"#, #"{"token":"","access_token":"good"}"#,
  ])
  func `both names of a token count`(answer: String) throws {
    let (server, service) = try registry(answer)
    try Registry(host: server.address, repository: "a/b", options: .testing).ping()
    #expect(
      service.requests.map(\.target) == ["/token?account=x&service=my%20service&scope=repository:a/b:pull"])
  }

  @Test(arguments: ["", "[]", #"{"token":1}"#, #"{"token":"a\r\nb"}"#, "<html>"])
  func `an answer without a token is an error`(answer: String) throws {
    let (server, service) = try registry(answer)
    let client = try Registry(host: server.address, repository: "a", options: .testing)
    let error = #expect(throws: RegistryError.self) { try client.ping() }
    #expect(error?.description.contains("no token from the token service") == true)
    #expect(service.requests.count == 1)
  }

  @Test func `an identity token is exchanged by POST`() throws {
    let (server, service) = try registry(#"{"access_token":"good"}"#)
    let folder = try TemporaryFolder()
    let options = try tokenOptions(folder, server.address, #"{"identitytoken":"id&1"}"#)
    try Registry(host: server.address, repository: "a", options: options).ping()
    let request = try #require(service.requests.first)
    #expect(request.method == "POST")
    #expect(
      String(decoding: request.body, as: UTF8.self)
        == "grant_type=refresh_token&refresh_token=id%261&client_id=swift-sematic&service=my%20service"
        + "&scope=repository:a:pull")
    #expect(request.headers["authorization"] == nil)
  }

  @Test func `a token service that refuses the password is named as that`() throws {
    let (server, service) = try registry(#"{"error":"invalid_grant","error_description":"no"}"#, status: 401)
    let folder = try TemporaryFolder()
    let client = try Registry(
      host: server.address, repository: "a", options: .testing(login: server.address, in: folder))
    let error = #expect(throws: RegistryError.self) { try client.ping() }
    #expect(service.requests.first?.headers["authorization"] == "Basic YWxpY2U6czNjcmV0")
    let origin = folder.file(".docker/config.json")
    #expect(
      error?.description
        == "cannot connect to \(server.address)/a: the registry rejected the credentials from "
        + "\(origin) (401 from the token service \(service.address), invalid_grant: no)")
  }

  @Test func `a token service without TLS on another machine is not asked`() throws {
    let server = try ScriptedServer { _ in
      .status(401, ["WWW-Authenticate": "Bearer realm=\"http://192.0.2.1/token\""])
    }
    let client = try Registry(host: server.address, repository: "a", options: .testing)
    let error = #expect(throws: RegistryError.self) { try client.ping() }
    #expect(error?.reason == .unsafe("its token service http://192.0.2.1/token does not use https"))
  }

  @Test(.enabled(if: ChildProcess.canRun("python3", "openssl"))) func `an identity token works with a real service`()
    throws
  {
    let service = try TokenServer()
    let registry = try DockerRegistry(.token(service))
    let folder = try TemporaryFolder()
    let options = try tokenOptions(folder, registry.address, #"{"identitytoken":"alice-identity"}"#)
    let client = try Registry(host: registry.address, repository: "a", options: options)
    #expect(try client.tags() == [])
    #expect(service.requests == ["POST alice repository:a:pull"])
  }
}
