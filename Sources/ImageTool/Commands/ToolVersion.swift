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
    if let text = notes.first { return text }
    #if ARTIFACT_BUNDLE
      return "swift-sematic of unknown version (\(notesFile) is missing, Swift \(compiler))"
    #else
      return "swift-sematic \(release ?? "main") (" + (commit.map { "commit \($0), " } ?? "") + "Swift \(compiler))"
    #endif
  }

  /// The release or `main`; nil for a tool of a release that lost the file beside it.
  static var number: String? {
    let words = described.split(separator: " ")
    return words.count > 1 && words[1] != "of" ? String(words[1]) : nil
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
    let bytes = (try? FileTree.read(notesFile)) ?? []
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  private static var notesFile: String { FileTree.parent(of: Templates.folder) + "/ImageTool.version" }

  private static var commit: String? {
    let checkout = FileTree.parent(of: Templates.folder)
    guard FileTree.exists(checkout + "/.git") else { return nil }
    let answer = try? HelperAnswer.run(
      "git", ["-C", checkout, "rev-parse", "--short", "HEAD"], environment: ProcessInfo.processInfo.environment,
      input: "", seconds: 10)
    guard let answer, answer.status == 0 else { return nil }
    return String(decoding: answer.output, as: UTF8.self).trimmed
  }
}
