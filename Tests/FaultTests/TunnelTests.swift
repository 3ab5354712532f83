import Foundation
import SematicFiles
import SematicOCI
import SematicRegistryServer
import TestSupport
import Testing

@testable import SematicRegistryClient

/// The built ImageTool behind a proxy.
@Suite struct TunnelTests {
  let folder: TemporaryFolder
  private static let name = "registry.example"

  init() throws {
    folder = try TemporaryFolder("tunnel")
    let login = #"{"auths": {"\#(Self.name)": {"auth": "\#(MatrixRegistry.secrets[1])"}}}"#
    try folder.write(".docker/config.json", login)
  }

  private func push(_ variables: [String: String], _ options: [String] = []) throws -> ChildProcess.Result {
    let environment = [
      "PATH": "/usr/bin:/bin", "HOME": folder.path, "XDG_CACHE_HOME": folder.file("cache"),
    ].merging(variables) { $1 }
    let executable = try CraftedProgram.write(in: folder, size: 8)
    return try ChildProcess.run(
      [
        try BuiltTool.path(), "push", "--executable", executable, "--base", "scratch", "--registry", Self.name,
        "--repository", "app", "--verbose", "--metadata-file", folder.file("metadata.json"),
      ] + options, environment: environment, folder: folder.path)
  }

  private func secrets(in text: String) -> Bool { MatrixRegistry.secrets.contains { text.contains($0) } }

  @Test(.enabled(if: DockerRegistry.isAvailable))
  func `a push goes through a proxy, which learns the registry's name and nothing else`() throws {
    let registry = try DockerRegistry(.password, tls: true, names: [Self.name])
    let port = try #require(registry.address.split(separator: ":").last.flatMap { UInt16($0) })
    let proxy = try TunnelProxy(to: port)
    let authority = try #require(registry.authority)
    let result = try push([
      "HTTPS_PROXY": "http://user:hidden@\(proxy.address)", "SSL_CERT_FILE": authority,
    ])
    #expect(result.status == 0, "\(result.output)")
    #expect(!proxy.heads.isEmpty)
    for head in proxy.heads {
      #expect(head.first == "CONNECT \(Self.name):443 HTTP/1.1")
      #expect(head.contains("Proxy-Authorization: Basic \(Data("user:hidden".utf8).base64EncodedString())"))
      #expect(!head.contains { $0.lowercased().hasPrefix("authorization") } && !secrets(in: head.joined()))
    }
    // Nor do the log and the metadata have what nobody may know.
    let metadata = String(decoding: try FileTree.read(folder.file("metadata.json")), as: UTF8.self)
    for text in [result.output, metadata] { #expect(!secrets(in: text) && !text.contains("hidden")) }
    #expect(result.output.contains("PUT https://\(Self.name)/v2/app/blobs/uploads/"))
  }

  @Test func `over plain http no proxy gets a credential`() throws {
    let proxy = try ScriptedServer { request in
      request.headers["authorization"] == nil
        ? .status(401, ["WWW-Authenticate": "Basic realm=\"x\""]) : .status(200)
    }
    try folder.write("Package.swift", "// swift-tools-version: 6.1\n")
    try folder.write(
      "sematic.yaml", "version: 1\npipelines:\n  program:\n    insecure: true\n    retries: 0\n")
    let result = try push(
      ["http_proxy": "http://\(proxy.address)", "HTTPS_PROXY": "http://127.0.0.1:1"],
      ["--package-path", folder.path, "--pipeline", "program"])
    #expect(result.status == 1)
    #expect(result.output.contains("credentials are not sent over plain http"), "\(result.output)")
    #expect(!proxy.requests.isEmpty)
    #expect(proxy.requests.allSatisfy { $0.headers["authorization"] == nil })
  }

  @Test func `a host of NO_PROXY is spoken to without one`() throws {
    let proxy = try ScriptedServer { _ in .status(500) }
    let result = try push(["HTTPS_PROXY": "http://\(proxy.address)", "NO_PROXY": ".example"], ["--retries", "0"])
    #expect(result.status == 1)
    #expect(result.output.contains("its host name cannot be resolved"), "\(result.output)")
    #expect(proxy.requests.isEmpty)
  }

  @Test func `a proxy that is not there is named`() throws {
    let result = try push(["HTTPS_PROXY": "http://user:hidden@127.0.0.1:\(closedPort())"], ["--retries", "0"])
    #expect(result.status == 1)
    #expect(result.output.contains("cannot connect to the proxy"), "\(result.output)")
    #expect(!result.output.contains("hidden"))
  }
}

/// How often the built ImageTool tries again.
@Suite struct RetryTests {
  @Test(arguments: [(["--retries", "0"], 1), (["--retries", "2"], 3), ([], 2)])
  func `transient failures are retried as often as asked`(_ options: [String], _ tries: Int) throws {
    let folder = try TemporaryFolder("retry")
    try folder.write("Package.swift", "// swift-tools-version: 6.1\n")
    try folder.write("sematic.yaml", "version: 1\ndefaults: {retries: 1}\n")
    let server = try ScriptedServer { request in
      request.path == "/v2/" ? .status(200) : .status(503, ["Retry-After": "0"])
    }
    let executable = try CraftedProgram.write(in: folder, size: 8)
    let result = try ChildProcess.run(
      [
        try BuiltTool.path(), "push", "--executable", executable, "--base", "scratch", "--registry", server.address,
        "--repository", "app", "--package-path", folder.path,
      ] + options, environment: ["PATH": "/usr/bin:/bin", "HOME": folder.path], folder: folder.path)
    #expect(result.status == 1)
    #expect(result.output.contains("the registry failed (503"), "\(result.output)")
    // Several blobs are looked for at a time; each of them so often, until the first gives up.
    let heads = server.requests.filter { $0.method == "HEAD" }
    #expect(heads.map(\.earlier).max() == tries - 1, "\(server.lines)")
  }
}
