import SematicFiles
import SematicSystem

/// The version of this tool: the release, or `main` between releases, and the commit if it runs from a checkout.
///
/// A tool that was compiled for a release has them in a file beside it, with the toolchain.
enum ToolVersion {
  /// Set in the commit that is tagged as a release, by .github/release/prepare.
  private static let release: String? = nil

  /// The dependency on the package that this tool was compiled for, as Package.swift has it.
  static var dependency: String? { notes.count > 1 ? notes[1] : nil }

  /// Without the commit if nobody asks: finding it takes another program.
  static let text = CommandLine.arguments.contains("--version") ? described : "main"

  /// With the commit and the compiler's version.
  static var described: String {
    notes.first ?? "swift-sematic \(release ?? "main") (" + (commit.map { "commit \($0), " } ?? "")
      + "Swift \(compiler))"
  }

  /// The compiler's version, as far as the language tells it.
  private static var compiler: String {
    #if compiler(>=6.5)
      "6.5 or later"
    #elseif compiler(>=6.4)
      "6.4"
    #elseif compiler(>=6.3)
      "6.3"
    #elseif compiler(>=6.2)
      "6.2"
    #else
      "6.1"
    #endif
  }

  /// The folder of Swift's runtime in the toolchain on PATH.
  static var toolchainRuntime: String? {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    guard let program = folders.map({ $0 + "/swiftc" }).first(where: FileTree.exists),
      let resolved = try? FileTree.resolved(program)
    else { return nil }
    return FileTree.parent(of: FileTree.parent(of: resolved)) + "/lib/swift/linux"
  }

  /// The lines of the file that .github/release/bundle writes.
  private static var notes: [String] {
    let bytes = (try? FileTree.read(FileTree.parent(of: Templates.folder) + "/ImageTool.version")) ?? []
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  private static var commit: String? {
    let checkout = FileTree.parent(of: Templates.folder)
    guard FileTree.exists(checkout + "/.git") else { return nil }
    var ends: [CInt] = [-1, -1]
    guard pipe(&ends) == 0 else { return nil }
    defer { close(ends[0]) }
    let null = open("/dev/null", O_WRONLY | O_CLOEXEC)
    let git = ToolProgram(["git", "-C", checkout, "rev-parse", "--short", "HEAD"], output: ends[1], errorOutput: null)
    let ending = try? git.run(signals: nil)
    close(null)
    close(ends[1])
    guard ending == .exited(0) else { return nil }
    var buffer = [UInt8](repeating: 0, count: 80)
    let count = buffer.withUnsafeMutableBytes { POSIX.read(ends[0], $0) }
    return count > 0 ? String(decoding: buffer.prefix(count), as: UTF8.self).trimmed : nil
  }
}
