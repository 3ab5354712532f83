import SematicOCI
import SematicSystem

/// The file in a registry's folder that says where a server of the folder listens.
///
/// It is believed only when the server at that address proves that it wrote the file: the server may have ended, and its
/// address and its process's number may belong to others by now.
package struct ServingRecord: Codable, Sendable {
  /// As in a reference: `127.0.0.1:5155`.
  package let address: String
  /// Whether the server goes on when the command that started it has done its own work.
  package let isLasting: Bool
  let token: String

  private static let file = "serving.json"

  func write(to store: Store) throws {
    try store.folder.write(Array(try canonicalJSON(self)), to: Self.file, mode: 0o600)
  }

  /// The record of a server that serves the folder now; nil when there is none.
  package static func find(root: String) -> ServingRecord? {
    guard let bytes = try? StoreFolder(root: root).read(file, limit: 64 << 10),
      let record = try? decodeJSON(ServingRecord.self, from: Data(bytes)), record.isProven
    else { return nil }
    return record
  }

  /// A number that nobody can guess.
  static func randomToken() -> String { UUID().uuidString + UUID().uuidString }

  /// What a server of this token answers to a challenge.
  static func proof(token: String, challenge: String) throws -> Digest { try Digest.of("\(token)\n\(challenge)".utf8) }

  private var isProven: Bool {
    let challenge = Self.randomToken()
    guard let proof = try? Self.proof(token: token, challenge: challenge) else { return false }
    return response(to: "/v2/_serving?challenge=\(challenge)")?.contains(proof.description) ?? false
  }

  /// The response of whatever listens at the address; nil when nothing answers within a second.
  private func response(to target: String) -> String? {
    guard let colon = address.lastIndex(of: ":") else { return nil }
    let host = address[..<colon].drop { $0 == "[" }.prefix { $0 != "]" }
    var hints = addrinfo()
    hints.ai_protocol = CInt(IPPROTO_TCP)
    var found: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(String(host), String(address[address.index(after: colon)...]), &hints, &found) == 0,
      let place = found?.pointee
    else { return nil }
    defer { freeaddrinfo(found) }
    let descriptor = POSIX.streamSocket(family: place.ai_family)
    guard descriptor >= 0 else { return nil }
    let socket = Socket(descriptor)
    guard connect(descriptor, place.ai_addr, place.ai_addrlen) == 0 || errno == EINPROGRESS,
      socket.isReady(for: Int32(POLLOUT), within: 1000)
    else { return nil }
    let request = Array("GET \(target) HTTP/1.1\r\nHost: \(address)\r\nConnection: close\r\n\r\n".utf8)
    guard let sent = try? request.withUnsafeBytes({ try socket.send($0) }), sent == request.count else { return nil }
    var received: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while received.count < 64 << 10, socket.isReady(for: Int32(POLLIN), within: 1000),
      let count = try? buffer.withUnsafeMutableBytes({ try socket.receive(into: $0) })
    {
      received += buffer[..<count]
    }
    return String(decoding: received, as: UTF8.self)
  }
}
