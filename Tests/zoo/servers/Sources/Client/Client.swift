import AsyncHTTPClient
import Foundation
import NIOCore
import NIOSSL

/// Prints what an address answers. The second argument is a file with the certificates to trust.
@main
struct Client {
  static func main() async throws {
    let arguments = CommandLine.arguments
    var tls = TLSConfiguration.makeClientConfiguration()
    if arguments.count > 2 { tls.trustRoots = .file(arguments[2]) }
    let client = HTTPClient(configuration: .init(tlsConfiguration: tls))
    do {
      let answer = try await client.execute(HTTPClientRequest(url: arguments[1]), timeout: .seconds(20))
      let body = try await answer.body.collect(upTo: 1 << 20)
      print("\(answer.status.code) \(String(buffer: body))", terminator: "")
    } catch {
      print("failed: \(error)")
    }
    try await client.shutdown()
  }
}
