import Foundation

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// One end of a TCP connection on loopback, with HTTP's heads and bodies.
package final class LoopbackStream: @unchecked Sendable {  // one thread reads and writes; any may call `end`
  private let descriptor: CInt
  /// Read, and not asked for yet.
  private var ahead: ArraySlice<UInt8> = []

  package init(_ descriptor: CInt) { self.descriptor = descriptor }

  /// Connects to 127.0.0.1; nil where nobody listens.
  package init?(port: UInt16) {
    #if canImport(Glibc)
      descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    #else
      descriptor = socket(AF_INET, SOCK_STREAM, 0)
    #endif
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    let (descriptor, length) = (descriptor, socklen_t(MemoryLayout<sockaddr_in>.size))
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, length) }
    }
    guard result == 0 else { return nil }
  }

  deinit { _ = close(descriptor) }

  /// Ends both directions, whoever waits for what.
  package func end() { shutdown(descriptor, CInt(SHUT_RDWR)) }

  /// At least one byte, at most `count`; nil at the end.
  package func read(_ count: Int) -> [UInt8]? {
    if !ahead.isEmpty {
      defer { ahead = ahead.dropFirst(count) }
      return Array(ahead.prefix(count))
    }
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      filled = max(0, recv(descriptor, buffer.baseAddress, count, 0))
    }
    return bytes.isEmpty ? nil : bytes
  }

  /// The lines of a head, without the empty one at its end; nil where the connection ends.
  package func readHead() -> [String]? {
    var bytes = Array(ahead)
    ahead = []
    while true {
      // Only what is new, and the three bytes before it.
      if let end = Self.endOfHead(bytes) {
        ahead = bytes[end...]
        return String(decoding: bytes[..<(end - 4)], as: UTF8.self).components(separatedBy: "\r\n")
      }
      guard bytes.count < 1 << 16, let more = read(1 << 14) else { return nil }
      bytes += more
    }
  }

  private static func endOfHead(_ bytes: [UInt8]) -> Int? {
    guard bytes.count >= 4 else { return nil }
    return (4...bytes.count).first { bytes[($0 - 4)..<$0].elementsEqual("\r\n\r\n".utf8) }
  }

  /// False where the other side is gone.
  @discardableResult
  package func write(_ bytes: some Sequence<UInt8>) -> Bool {
    let bytes = Array(bytes)
    return bytes.withUnsafeBytes { buffer in
      var sent = 0
      while sent < buffer.count {
        #if canImport(Darwin)
          let flags: CInt = 0
        #else
          let flags = CInt(MSG_NOSIGNAL)
        #endif
        let count = send(descriptor, buffer.baseAddress?.advanced(by: sent), buffer.count - sent, flags)
        if count <= 0 { return false }
        sent += count
      }
      return true
    }
  }
}
