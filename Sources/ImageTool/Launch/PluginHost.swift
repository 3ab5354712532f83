import SematicSystem

/// The `swift package` process that this tool was started by, when it is what a plugin became.
///
/// SwiftPM holds a plugin's output back until it exits, and merges both streams. Where the system lets us (Linux), we
/// write to SwiftPM's own streams instead: live, and apart. Elsewhere the plugin's pipe has to do.
final class PluginHost: Sendable {
  let output: CInt
  let errorOutput: CInt
  /// SwiftPM's own standard input, for the launch program.
  let input: CInt
  /// The pipe to SwiftPM, which tells when SwiftPM is gone.
  private let pipe: CInt
  let process: pid_t

  init() {
    process = getppid()
    // The plugin's pipes to SwiftPM: a program that kept one open would keep SwiftPM from returning.
    for descriptor in CInt(3)..<256 { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    pipe = fcntl(1, F_DUPFD_CLOEXEC, 3)
    output = Self.open(1, of: process, flags: O_WRONLY) ?? 1
    errorOutput = Self.open(2, of: process, flags: O_WRONLY) ?? 2
    input = Self.open(0, of: process, flags: O_RDONLY) ?? 0
  }

  /// Whether SwiftPM's sandbox (macOS) holds this process. It forbids listening, even for this machine alone.
  static let isSandboxed: Bool = {
    let descriptor = POSIX.streamSocket(family: AF_INET)
    guard descriptor >= 0 else { return errno == EPERM }
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) != 0 && errno == EPERM }
    }
  }()

  /// The command line of SwiftPM, which started this tool or the plugin that asks it; nil where the system does not tell.
  static var packageManager: [String]? {
    var process = getppid()
    for _ in 0..<3 {
      // The file has no size.
      guard let bytes = FileManager.default.contents(atPath: "/proc/\(process)/cmdline") else { return nil }
      let words = bytes.split(separator: 0, omittingEmptySubsequences: false).map {
        String(decoding: $0, as: UTF8.self)
      }
      if words.first?.hasSuffix("swift-package") == true { return words.dropLast() }
      // Behind the name in parentheses: the state, and the parent.
      guard let status = FileManager.default.contents(atPath: "/proc/\(process)/stat"),
        let parent = String(decoding: status, as: UTF8.self).split(separator: ")").last?.split(separator: " ")
          .dropFirst()
          .first.flatMap({ pid_t($0) }), parent > 1
      else { return nil }
      process = parent
    }
    return nil
  }

  private static func open(_ stream: CInt, of process: pid_t, flags: CInt) -> CInt? {
    #if os(Linux)
      let path = "/proc/\(process)/fd/\(stream)"
      var status = stat()
      guard stat(path, &status) == 0 else { return nil }
      // A file opened again has a place of its own in the file: only where SwiftPM appends do we not write over it.
      if status.st_mode & S_IFMT == S_IFREG, flags == O_WRONLY {
        guard appends(stream, of: process) else { return nil }
      }
      let descriptor = POSIX.open(path, flags | O_CLOEXEC | O_NOCTTY | (flags == O_WRONLY ? O_APPEND : 0))
      return descriptor < 0 ? nil : descriptor
    #else
      return nil
    #endif
  }

  private static func appends(_ stream: CInt, of process: pid_t) -> Bool {
    guard let text = try? String(contentsOfFile: "/proc/\(process)/fdinfo/\(stream)", encoding: .utf8),
      let line = text.split(separator: "\n").first(where: { $0.hasPrefix("flags:") }),
      let flags = Int32(line.dropFirst("flags:".count).trimmed, radix: 8)
    else { return false }
    return flags & O_APPEND != 0
  }

  /// SwiftPM's environment before it added the toolchain's libraries to LD_LIBRARY_PATH: what the user's program gets.
  var originalLibraryPath: String?? {
    #if os(Linux)
      guard let bytes = FileManager.default.contents(atPath: "/proc/\(process)/environ"), !bytes.isEmpty else {
        return nil
      }
      let variables = bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
      return .some(
        variables.first { $0.hasPrefix("LD_LIBRARY_PATH=") }.map { String($0.dropFirst("LD_LIBRARY_PATH=".count)) })
    #else
      return nil
    #endif
  }

  /// Calls `gone` from another thread when SwiftPM has died and left us behind.
  func watch(_ gone: @escaping @Sendable () -> Void) {
    guard pipe >= 0 else { return }
    let (pipe, process) = (pipe, process)
    SystemThread.start {
      #if canImport(Darwin)
        // There, poll without events never returns.
        let queue = kqueue()
        var change = kevent(
          ident: UInt(process), filter: Int16(EVFILT_PROC), flags: UInt16(EV_ADD), fflags: UInt32(NOTE_EXIT), data: 0,
          udata: nil)
        var (event, count) = (kevent(), CInt(0))
        repeat { count = kevent(queue, &change, 1, &event, 1, nil) } while count < 0 && errno == EINTR
        // ESRCH: it was gone before. Any other failure tells nothing of it.
        guard count == 1, event.flags & UInt16(EV_ERROR) == 0 || event.data == Int(ESRCH) else { return }
      #else
        while true {
          var entry = pollfd(fd: pipe, events: 0, revents: 0)
          let ready = poll(&entry, 1, -1)
          if ready > 0 || ready < 0 && errno != EINTR { break }
        }
      #endif
      gone()
    }
  }
}
