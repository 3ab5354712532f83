import Foundation
import SematicFiles
import TestSupport
import Testing

@testable import SematicImages
@testable import SematicRegistryClient

/// A registry behind a proxy.
@Suite struct RegistryProxyTests {
  private func ping(_ variables: [String: String], insecure: Bool = false, caFile: String? = nil) throws {
    var options = RegistryOptions.testing
    options.environment.merge(variables) { $1 }
    options.insecure = insecure
    options.caFile = caFile
    try Registry(host: "r.example", repository: "a", options: options).ping()
  }

  @Test func `a proxy that requires authentication is told at once`() throws {
    let proxy = try ScriptedServer { _ in .status(407, ["Proxy-Authenticate": "Basic realm=x"]) }
    let variables = ["https_proxy": "http://u:hidden@\(proxy.address)", "http_proxy": "http://\(proxy.address)"]
    for insecure in [false, true] {
      let error = #expect(throws: RegistryError.self) { try ping(variables, insecure: insecure) }
      #expect(error?.reason == .proxy(status: 407))
      #expect(error?.description.contains("the proxy requires authentication") == true)
      #expect(error?.hint?.contains("http://user:password@host:port") == true)
    }
    #expect(proxy.lines == ["CONNECT r.example:443", "CONNECT r.example:443"])
  }

  @Test(arguments: [403, 502])
  func `insecure falls back to http through a proxy, whose own answer is not the registry's`(status: Int) throws {
    let proxy = try ScriptedServer { request in .status(request.method == "CONNECT" ? status : 200) }
    let variables = ["https_proxy": "http://\(proxy.address)", "http_proxy": "http://\(proxy.address)"]
    try ping(variables, insecure: true)
    #expect(proxy.lines.last == "GET http://r.example/v2/")
    let error = #expect(throws: RegistryError.self) { try ping(variables) }
    #expect(error?.reason == .proxy(status: status))
  }

  @Test func `a proxy that reaches nobody is not taken for the registry`() throws {
    let proxy = try ScriptedServer { _ in .status(502) }
    let variables = ["https_proxy": "http://\(proxy.address)", "http_proxy": "http://\(proxy.address)"]
    let error = #expect(throws: RegistryError.self) { try ping(variables, insecure: true) }
    #expect(error?.reason == .proxy(status: 502))
  }

  @Test func `a proxy that is not there is named as that`() throws {
    let error = #expect(throws: RegistryError.self) { try ping(["https_proxy": "127.0.0.1:\(closedPort())"]) }
    #expect(error?.description.contains("cannot connect to the proxy") == true)
    #expect(error?.hint?.contains("https_proxy") == true)
  }

  @Test(.enabled(if: TLSProxy.isAvailable))
  func `the proxy's own certificate is trusted by the files for the registry's`() throws {
    let proxy = try ScriptedServer { _ in .status(407) }
    let front = try TLSProxy(port: proxy.port)
    let stranger = #expect(throws: RegistryError.self) { try ping(["https_proxy": front.address]) }
    #expect(stranger?.description.contains("is not trusted") == true, "\(stranger as Any)")
    let authority = front.certificate.authority
    for (variables, file) in [(["SSL_CERT_FILE": authority], nil), ([:], authority)] {
      let error = #expect(throws: RegistryError.self) {
        try ping(variables.merging(["https_proxy": front.address]) { $1 }, caFile: file)
      }
      #expect(error?.reason == .proxy(status: 407))
    }
  }

  @Test(.enabled(if: TLSProxy.isAvailable)) func `a certificate for another name is told as that`() throws {
    let server = try ScriptedServer { _ in .status(200) }
    let front = try TLSProxy(port: server.port)
    let port = try #require(front.address.split(separator: ":").last.flatMap { UInt16($0) })
    let proxy = try TunnelProxy(to: port)
    let error = #expect(throws: RegistryError.self) {
      try ping(["https_proxy": proxy.address], caFile: front.certificate.authority)
    }
    #expect(error?.description.contains("its certificate is for another host name") == true, "\(error as Any)")
  }
}
