import Foundation
import SematicOCI
import Testing

@testable import SematicRegistryServer

/// Numbers at the limits of integers, and input that is small but costly.
@Suite struct HostileRequestTests {
  static let numbers: [String] = {
    let limits: [UInt64] = [0, 1 << 31, 1 << 32, 1 << 50, 1 << 53, 1 << 62, 1 << 63, .max]
    var numbers = limits.flatMap { limit in (-2...2).map { "\(limit &+ UInt64(bitPattern: Int64($0)))" } }
    numbers += [
      "-1", "+1", "0x10", "1e9", "99999999999999999999999", "-9223372036854775808", "٣", "", " ", "00000000001",
    ]
    return numbers
  }()

  private func status(_ bytes: String, _ registry: TestRegistry) throws -> Int {
    let client = try HTTPClient(port: registry.server.port)
    try client.send(bytes)
    client.finishSending()
    do {
      return try client.response().status
    } catch is HTTPClient.Failure {
      // The body did not come to its end.
      return 0
    }
  }

  @Test func `any Content-Length is a length or refused`() throws {
    let registry = try TestRegistry()
    for number in Self.numbers {
      for (method, target) in [
        ("PUT", "a/manifests/v1"), ("PATCH", try registry.upload(in: "a")), ("GET", ""),
        ("POST", "a/blobs/uploads/?digest=\(try digest("x"))"),
      ] {
        let found = try status(
          "\(method) /v2/\(target) HTTP/1.1\r\nHost: a\r\nContent-Length: \(number)\r\n\r\nx", registry)
        #expect([0, 200, 201, 202, 400, 413].contains(found), "\(number): \(found)")
      }
    }
    for number in ["1125899906842625", "9223372036854775807"] {
      #expect(try status("GET /v2/ HTTP/1.1\r\nHost: a\r\nContent-Length: \(number)\r\n\r\nx", registry) == 413)
    }
    #expect(try registry.call("GET", "").status == 200)
  }

  @Test func `any size of a chunk is a size or refused`() throws {
    let registry = try TestRegistry()
    for number in Self.numbers {
      let hexadecimal = UInt64(number).map { String($0, radix: 16) } ?? number
      for chunks in ["\(hexadecimal)\r\nx", "1\r\nx\r\n\(hexadecimal)\r\nx"] {
        let place = try registry.upload(in: "a")
        let found = try status(
          "PATCH /v2/\(place) HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(chunks)", registry)
        #expect([0, 202, 400].contains(found), "\(number): \(found)")
      }
    }
    for size in ["4000000000001", "7fffffffffffffff"] {
      let place = try registry.upload(in: "a")
      let head = "PATCH /v2/\(place) HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      #expect(try status(head + "\(size)\r\nx", registry) == 400)
    }
    #expect(try registry.call("GET", "").status == 200)
  }

  @Test func `any number in a range or a query is answered`() throws {
    let registry = try TestRegistry()
    let blob = try registry.blob("0123456789", in: "a")
    for first in Self.numbers {
      for last in ["", "5", first, "9223372036854775807"] {
        let place = try registry.upload(in: "a")
        let chunk = try registry.call("PATCH", place, ["Content-Range: \(first)-\(last)"], body: "x")
        #expect([202, 400, 416].contains(chunk.status), "\(first)-\(last): \(chunk.status)")
        let part = try registry.call("GET", "a/blobs/\(blob.digest)", ["Range: bytes=\(first)-\(last)"])
        #expect([200, 206, 416].contains(part.status), "\(first)-\(last): \(part.status)")
      }
      let number = first.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
      #expect([200, 400].contains(try registry.call("GET", "_catalog?n=\(number)").status))
      #expect([200, 400].contains(try registry.call("GET", "a/tags/list?n=\(number)&last=\(number)").status))
    }
  }

  @Test func `parts of targets and heads may be as many as they like`() throws {
    let registry = try TestRegistry()
    for target in [
      String(repeating: "/", count: 16_000), "/v2/" + String(repeating: "a/", count: 7000) + "tags/list",
      "/v2/?" + String(repeating: "&", count: 15_000), "/v2/?" + String(repeating: "a=b&", count: 3500),
      "/v2/" + String(repeating: "%61", count: 5000) + "/tags/list",
    ] {
      let began = Date()
      #expect(try registry.client.request("GET", target).status < 500)
      #expect(Date().timeIntervalSince(began) < 2)
    }
    let fields = (0..<100).map { "X-\($0): \(String(repeating: " ,", count: 200))" }
    #expect(try registry.call("GET", "", fields).status == 200)
  }

  @Test(arguments: [260, 400, 5000, 500_000])
  func `a manifest of deeply nested JSON is refused at once`(depth: Int) throws {
    let registry = try TestRegistry()
    for (open, close) in [("{\"a\":", "}"), ("[", "]")] {
      let nested =
        String(repeating: open, count: depth) + (open == "[" ? "" : "1") + String(repeating: close, count: depth)
      for text in [
        "{\"schemaVersion\":2,\"config\":{},\"layers\":[\(nested)]}", "{\"schemaVersion\":2,\"layers\":\(nested)}",
        "{\"schemaVersion\":2,\"layers\":[],\"annotations\":\(nested)}",
        "{\"schemaVersion\":2,\"manifests\":[],\"x\":\(nested)}",
      ] where text.utf8.count <= 4 << 20 {
        let began = Date()
        let answer = try registry.put(Data(text.utf8), "a", "v1", type: nil)
        #expect([201, 400].contains(answer.status))
        if text.contains("\"layers\":[\(open)") { #expect(answer.codes == ["MANIFEST_INVALID"]) }
        #expect(Date().timeIntervalSince(began) < 5)
      }
    }
  }

  @Test func `a manifest with thousands of missing blobs is refused soon, and not all are named`() throws {
    let registry = try TestRegistry()
    let config = try registry.blob("{}", in: "a")
    let layers = try (0..<10_000).map { Descriptor(mediaType: .layer, digest: try digest("\($0)"), size: 1) }
    let bytes = try canonicalJSON(Manifest(config: config, layers: layers))
    #expect(bytes.count > 1_400_000)
    let began = Date()
    let answer = try registry.put(bytes, "a", "v1")
    #expect(Date().timeIntervalSince(began) < 30)
    #expect(answer.status == 400)
    #expect(answer.codes == Array(repeating: "MANIFEST_BLOB_UNKNOWN", count: 100))
    #expect(answer.json?["errors"]?.array?.first?["detail"]?["digest"]?.string == layers.first?.digest.description)
  }
}
