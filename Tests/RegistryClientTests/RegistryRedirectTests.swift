import Foundation
import SematicOCI
import TestSupport
import Testing

@testable import SematicImages
@testable import SematicRegistryClient

@Suite struct RegistryRedirectTests {
  private func isAllowed(_ from: String, _ to: String, insecure: Bool = false) throws -> Bool {
    let from = try #require(HTTPAddress(from))
    let to = try #require(HTTPAddress(to))
    return Redirects.isAllowed(from: from, to: to, insecureBase: insecure ? from : nil)
  }

  @Test func `https is never left`() throws {
    #expect(try isAllowed("https://a/", "https://b/"))
    #expect(try !isAllowed("https://a/", "http://a/"))
    #expect(try !isAllowed("https://a/", "http://127.0.0.1/"))
    #expect(try !isAllowed("https://a/", "http://b/", insecure: true))
  }

  @Test func `plain http leads to this machine, or elsewhere where insecure says so`() throws {
    #expect(try isAllowed("http://127.0.0.1:5000/", "http://localhost:9000/"))
    #expect(try isAllowed("http://a/", "https://b/"))
    #expect(try !isAllowed("http://127.0.0.1/", "http://b/"))
    #expect(try isAllowed("http://a/", "http://b/", insecure: true))
  }

  private func location(_ text: String?, insecure: Bool = false) throws -> String {
    var options = RegistryOptions.testing
    options.insecure = insecure
    let connection = RegistryConnection(host: "r.example", repository: "a", options: options)
    var head = ResponseHead(status: 202)
    if let text { head.headers.append(line: "Location: \(text)") }
    let address = try #require(HTTPAddress("https://r.example/v2/a/blobs/uploads/"))
    let response = ClientResponse(head: head, body: .init(), address: address)
    return try connection.location(of: response, operation: "upload to").text
  }

  @Test func `a proxy that forgets to say https does not take an upload out of TLS`() throws {
    #expect(try location("http://r.example/v2/u?x=1") == "https://r.example/v2/u?x=1")
    #expect(try location("http://r.example:443/v2/u") == "https://r.example/v2/u")
    #expect(try location("/v2/u") == "https://r.example/v2/u")
    #expect(throws: RegistryError.self) { try location("http://r.example:5000/v2/u") }
    #expect(throws: RegistryError.self) { try location("http://elsewhere.example/v2/u") }
    #expect(throws: RegistryError.self) { try location("http://127.0.0.1/v2/u") }
    #expect(throws: RegistryError.self) { try location(nil) }
  }
}
