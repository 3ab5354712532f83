import Foundation

/// An HTTP proxy for tunnels (CONNECT): every name leads to one port of this machine.
package final class TunnelProxy: @unchecked Sendable {  // what was received is guarded by the lock
  private let socket: ListeningSocket
  private let lock = NSLock()
  private var received: [[String]] = []

  /// - Parameter port: where all tunnels end.
  package init(to port: UInt16) throws {
    socket = try ListeningSocket()
    Thread.detachNewThread { [weak self, socket] in
      while let connection = socket.accept() {
        guard let self else { return }
        let client = LoopbackStream(connection)
        Thread.detachNewThread { self.serve(client, port) }
      }
    }
  }

  deinit { socket.close() }

  package var address: String { "127.0.0.1:\(socket.port)" }
  /// The head of each request, line by line: all that the proxy can read.
  package var heads: [[String]] { lock.withLock { received } }

  private func serve(_ client: LoopbackStream, _ port: UInt16) {
    guard let head = client.readHead() else { return }
    lock.withLock { received.append(head) }
    guard head[0].hasPrefix("CONNECT "), let server = LoopbackStream(port: port) else {
      client.write("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n".utf8)
      return
    }
    client.write("HTTP/1.1 200 Connection established\r\n\r\n".utf8)
    Thread.detachNewThread {
      while let bytes = server.read(1 << 16), client.write(bytes) {}
      client.end()
    }
    while let bytes = client.read(1 << 16), server.write(bytes) {}
    server.end()
  }
}
