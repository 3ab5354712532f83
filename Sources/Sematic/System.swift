import CSematic

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The few calls of the operating system that the library makes.
///
/// Foundation would add 12 to 50 MB of libraries to the image of a program that does not use it.
enum System {
  static func environment() -> [String: String] {
    var variables: [String: String] = [:]
    #if canImport(Darwin)
      let start = _NSGetEnviron().pointee
    #else
      // Its type says that it is always there; after clearenv() it is not.
      let start: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = environ
    #endif
    guard var entry = start else { return [:] }
    while let text = entry.pointee {
      let line = String(cString: text)
      if let equals = line.firstIndex(of: "=") {
        variables[String(line[..<equals])] = String(line[line.index(after: equals)...])
      }
      entry += 1
    }
    return variables
  }

  /// The text of a file, or nil where there is none; at most a megabyte of it.
  static func text(of path: String) -> String? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    let bytes = [UInt8](unsafeUninitializedCapacity: 1 << 20) { buffer, filled in
      while filled < buffer.count {
        let count = read(file, buffer.baseAddress.map { $0 + filled }, buffer.count - filled)
        guard count > 0 else { break }
        filled += count
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  static func canRead(_ path: String) -> Bool { access(path, R_OK) == 0 }

  /// A file of the image's own folder for libraries; nil where it has none of this name.
  static func pathBeside(_ name: String) -> String? {
    let path = [CChar](unsafeUninitializedCapacity: 4096) { buffer, filled in
      filled = csematic_path_beside(name, buffer.baseAddress, buffer.count) == 0 ? buffer.count : 0
    }
    return path.isEmpty ? nil : path.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } }
  }

  /// Now in UTC, as Python's `datetime.utcnow().isoformat()` writes it.
  static func now() -> String {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    var (seconds, parts) = (time.tv_sec, tm())
    gmtime_r(&seconds, &parts)
    func padded(_ number: some BinaryInteger, _ width: Int) -> String {
      let digits = String(number)
      return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
    let date = [padded(parts.tm_year + 1900, 4), padded(parts.tm_mon + 1, 2), padded(parts.tm_mday, 2)]
    let clock = [padded(parts.tm_hour, 2), padded(parts.tm_min, 2), padded(parts.tm_sec, 2)]
    return date.joined(separator: "-") + "T" + clock.joined(separator: ":") + "."
      + padded(time.tv_nsec / 1000, 6)
  }

  /// A random UUID (version 4) as 32 hexadecimal digits, as `uuid4().hex` writes it.
  static func identifier() -> String {
    let high = UInt64.random(in: .min ... .max) & ~0xF000 | 0x4000
    let low = UInt64.random(in: .min ... .max) & ~(3 << 62) | 2 << 62
    return [high, low].map { part in
      let digits = String(part, radix: 16)
      return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }.joined()
  }

  /// The seconds since 1970.
  static func seconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// What a command of the shell writes; nil where it fails. At most 64 kB.
  static func output(of command: String) -> String? {
    var count = -1
    let bytes = [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, filled in
      buffer.withMemoryRebound(to: CChar.self) { text in
        count = csematic_command_output(command, text.baseAddress, text.count)
      }
      filled = max(0, count)
    }
    return count < 0 ? nil : String(decoding: bytes, as: UTF8.self)
  }

  static func say(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    _ = bytes.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
  }

  /// From here on, the end of the pod must not undo what is about to be saved.
  static func ignoreTermination() { signal(SIGTERM, SIG_IGN) }

  /// - Throws: `CancellationError`.
  static func pause(seconds: Double) async throws {
    try await Task.sleep(nanoseconds: UInt64(max(0, min(seconds, 86_400)) * 1_000_000_000))
  }

  static func exit(_ status: Int32) -> Never {
    fflush(nil)
    #if canImport(Darwin)
      Darwin.exit(status)
    #elseif canImport(Glibc)
      Glibc.exit(status)
    #elseif canImport(Musl)
      Musl.exit(status)
    #endif
  }
}
