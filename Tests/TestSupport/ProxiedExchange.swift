import Foundation

/// One request and its answer on their way through the fault proxy.
struct ProxiedExchange {
  let client: LoopbackStream
  let fault: Fault?
  /// What becomes of the head of the registry's answer.
  let rewriting: ([String]) -> [String]
  /// Of the request's body; nil where it comes in chunks.
  let length: Int?
  private(set) var wasHit = false

  init(client: LoopbackStream, fault: Fault?, length: Int?, rewriting: @escaping ([String]) -> [String]) {
    self.client = client
    self.rewriting = rewriting
    self.fault = fault
    self.length = length
  }

  static func fields(_ head: [String]) -> [String: String] {
    var fields: [String: String] = [:]
    for line in head.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      fields[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
    }
    return fields
  }

  /// An answer of the proxy's own.
  func answerWithoutRegistry(target: String) -> [UInt8]? {
    switch fault {
    case .status(let status, let headers):
      let body = "<html><head><title>\(status) by the proxy</title></head></html>"
      let lines = ["HTTP/1.1 \(status) Fault", "Content-Length: \(body.utf8.count)"]
      return Array((lines + headers.map { "\($0): \($1)" } + ["", body]).joined(separator: "\r\n").utf8)
    case .redirect(let address):
      let lines = ["HTTP/1.1 307 Fault", "Content-Length: 0", "Location: http://\(address)\(target)", "", ""]
      return Array(lines.joined(separator: "\r\n").utf8)
    default: return nil
    }
  }

  /// Reads what the client still sends.
  mutating func drainRequest() -> Bool {
    guard var rest = length else { return false }
    while rest > 0 {
      guard let bytes = client.read(min(rest, 1 << 16)) else { return false }
      rest -= bytes.count
    }
    return true
  }

  /// False where the connections end.
  mutating func relayRequest(to registry: LoopbackStream) -> Bool {
    guard let length else { return relayChunks(to: registry) }
    var passed = 0
    while passed < length || passed == 0 {
      var wanted = min(length - passed, 1 << 16)
      switch fault {
      case .cutRequest(let place):
        guard let limit = Fault.offset(place, in: length) else { break }
        if passed == limit { return end(registry) }
        wanted = min(wanted, limit - passed)
      case .stallRequest(let place):
        guard let limit = Fault.offset(place, in: length) else { break }
        if passed == limit { return stall(registry) }
        wanted = min(wanted, limit - passed)
      case .slow(let speed):
        wasHit = true
        Thread.sleep(forTimeInterval: Double(wanted) / Double(speed))
      default: break
      }
      if length == 0 { return true }
      guard var bytes = client.read(wanted) else { return end(registry) }
      if case .corruptRequest(let place) = fault, let offset = Fault.offset(place, in: length),
        (passed..<passed + bytes.count).contains(offset)
      {
        bytes[offset - passed] ^= 1
        wasHit = true
      }
      passed += bytes.count
      // One that refuses does not wait for the rest: its answer is to be had all the same.
      registry.write(bytes)
    }
    return true
  }

  /// The chunks as they come; of the faults, only that the connection ends or is slow.
  private mutating func relayChunks(to registry: LoopbackStream) -> Bool {
    var passed = 0
    // As if a chunk had ended: the body may have none.
    var tail = Array("\r\n".utf8)[...]
    while !tail.elementsEqual("\r\n0\r\n\r\n".utf8) {
      if case .cutRequest(let place) = fault, passed >= place { return end(registry) }
      guard let bytes = client.read(1 << 16) else { return end(registry) }
      passed += bytes.count
      if case .slow(let speed) = fault { Thread.sleep(forTimeInterval: Double(bytes.count) / Double(speed)) }
      tail = (tail + bytes).suffix(7)
      registry.write(bytes)
    }
    return true
  }

  /// False where the connection ends.
  mutating func relayAnswer(from registry: LoopbackStream, to method: String) -> Bool {
    guard var head = registry.readHead() else { return false }
    while head[0].contains(" 100 ") {
      guard let next = registry.readHead() else { return false }
      head = next
    }
    head = rewriting(head)
    let fields = Self.fields(head)
    head.removeAll { $0.lowercased().hasPrefix("connection:") }
    let hasBody = method != "HEAD" && ![204, 304].contains(Int(head[0].split(separator: " ")[1]) ?? 0)
    var body = hasBody ? readAll(registry, fields["content-length"].flatMap { Int($0) }) : []
    switch fault {
    case .lostAnswer:
      wasHit = true
      return false
    case .cutHead:
      wasHit = true
      client.write(head.joined(separator: "\r\n").utf8.prefix(30))
      return false
    case .cutAnswer(let place):
      guard let limit = Fault.offset(place, in: body.count), limit < body.count else { break }
      wasHit = true
      send(head, Array(body.prefix(limit)))
      return false
    case .stallAnswer(let place):
      guard let limit = Fault.offset(place, in: body.count), limit < body.count || limit == 0 else { break }
      wasHit = true
      if limit > 0 { send(head, Array(body.prefix(limit))) }
      _ = wait()
      return false
    case .delay(let seconds):
      wasHit = true
      Thread.sleep(forTimeInterval: seconds)
    case .truncate(let count) where count <= body.count && fields["content-length"] != nil:
      wasHit = true
      body.removeLast(count)
      head = head.map { $0.lowercased().hasPrefix("content-length:") ? "Content-Length: \(body.count)" : $0 }
    case .corruptAnswer(let place):
      guard let offset = Fault.offset(place, in: body.count), offset < body.count else { break }
      wasHit = true
      body[offset] ^= 1
    case .elsewhere(let address):
      head = head.map { line in
        guard line.lowercased().hasPrefix("location:") else { return line }
        wasHit = true
        return "Location: http://\(address)/uploads/elsewhere"
      }
    default: break
    }
    send(head, body)
    if fault == .closeAfter { wasHit = true }
    let isFramed = !hasBody || fields["content-length"] != nil || fields["transfer-encoding"] != nil
    return isFramed && fault != .closeAfter
  }

  private func send(_ head: [String], _ body: [UInt8]) {
    client.write(Array((head + ["", ""]).joined(separator: "\r\n").utf8) + body)
  }

  private func readAll(_ stream: LoopbackStream, _ length: Int?) -> [UInt8] {
    var bytes: [UInt8] = []
    while length.map({ bytes.count < $0 }) ?? true, let more = stream.read(1 << 16) { bytes += more }
    return bytes
  }

  private mutating func end(_ registry: LoopbackStream) -> Bool {
    wasHit = true
    registry.end()
    return false
  }

  private mutating func stall(_ registry: LoopbackStream) -> Bool {
    wasHit = true
    defer { registry.end() }
    return wait()
  }

  /// Until the client goes.
  private func wait() -> Bool {
    while client.read(1 << 16) != nil {}
    return false
  }
}
