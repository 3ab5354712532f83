import Foundation
import TestSupport
import Testing

@Suite struct DockerRegistryTests {
  @Test(.enabled(if: DockerRegistry.isAvailable)) func `starts in all its shapes`() throws {
    let plain = try DockerRegistry()
    let password = try DockerRegistry(.password)
    let tls = try DockerRegistry(tls: true)
    let server = try TokenServer()
    let token = try DockerRegistry(.token(server))
    #expect(plain.address.hasPrefix("127.0.0.1:"))
    #expect(password.address != plain.address)
    #expect(tls.address.hasPrefix("localhost:"))
    #expect(token.log.contains("listening on"))
  }
}
