import TestSupport
import Testing

@Suite(.enabled(if: TLSProxy.isAvailable)) struct CurlTransportTests {
  private func launch(_ address: String, authorities: String?) throws -> ChildProcess.Result {
    var environment = ["HOME": "/nonexistent", "SEMATIC_API_ADDRESS": address]
    environment["SSL_CERT_FILE"] = authorities
    return try ChildProcess.run([try TestProgram.path(), "world"], environment: environment)
  }

  @Test(.enabled(if: SematicServer.isAvailable)) func `a pipeline is recorded on a server behind TLS`() throws {
    let server = try SematicServer()
    let port = try #require(UInt16(server.address.split(separator: ":").last ?? ""))
    let proxy = try TLSProxy(port: port)
    let result = try launch(proxy.address, authorities: proxy.certificate.authority)
    #expect(result.status == 0, "\(result.output)")
    #expect(result.output.contains("output: HELLO WORLD, HELLO WORLD!"))
    let run = try #require(try server.runs().first { $0["name"] as? String == "greet" })
    #expect(run["future_state"] as? String == "RESOLVED")
  }

  @Test func `a certificate by an unknown authority is refused at once, with advice`() throws {
    let scripted = try ScriptedServer { _ in .text(200, "{}") }
    let proxy = try TLSProxy(port: scripted.port)
    let other = try TLSProxy(port: scripted.port)
    for authorities in [nil, other.certificate.authority] {
      let result = try launch(proxy.address, authorities: authorities)
      #expect(result.status == 1)
      #expect(result.output.contains("its certificate is not trusted"), "\(result.output)")
      #expect(result.output.contains("name them in SSL_CERT_FILE"))
    }
    let missing = try launch(proxy.address, authorities: "/nonexistent/ca.pem")
    #expect(missing.status == 1)
    #expect(missing.output.contains("its certificate is not trusted"), "\(missing.output)")
    #expect(scripted.requests.isEmpty)
  }

  @Test func `a program without libcurl says what to do`() throws {
    let folder = try TemporaryFolder("libraries")
    // The loader takes these for damaged ones, and looks no further.
    for name in ["libcurl.so.4", "libcurl-gnutls.so.4", "libcurl.so"] { _ = try folder.write(name, "none") }
    let result = try ChildProcess.run(
      [try TestProgram.path(), "world"],
      environment: ["SEMATIC_API_ADDRESS": "http://127.0.0.1:1", "LD_LIBRARY_PATH": folder.path])
    #expect(result.status == 1)
    #expect(result.output.contains("error: the Sematic server cannot be called: libcurl was not found"))
    #expect(result.output.contains("hint: images that `swift package build-image` builds have libcurl"))
  }
}
