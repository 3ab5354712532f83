import Foundation
import SematicFiles
import TestSupport

/// ImageTool as SwiftPM built it beside these tests.
enum BuiltTool {
  static func path() throws -> String {
    // The test bundle lies in the same folder as the executables.
    let programs = [CommandLine.arguments[0], Bundle.main.executablePath ?? ""]
    let folders =
      programs.map { FileTree.parent(of: FileTree.absolute($0)) } + [
        FileTree.parent(of: FileTree.parent(of: FileTree.parent(of: #filePath))) + "/.build/debug"
      ]
    guard let folder = folders.first(where: { FileTree.exists($0 + "/ImageTool") }) else {
      throw ChildProcess.Failure("ImageTool is not in \(folders)")
    }
    return folder + "/ImageTool"
  }

  /// For tests that run it as somebody else: a test's folder is its maker's alone.
  static func letOthersRun(_ folder: TemporaryFolder) throws {
    chmod(folder.path, 0o755)
    for name in try FileTree.names(in: folder.path) { chmod(folder.file(name), 0o755) }
  }
}

/// A program for images: an executable of this machine, with enough behind it that a layer takes a moment.
enum CraftedProgram {
  /// - Returns: its path.
  static func write(in folder: TemporaryFolder, size: Int = 3_000_000) throws -> String {
    // Static, so that an image of it needs nothing of this machine.
    let path = try compile(in: folder, "-static")
    var random = SeededRandom(7)
    var tail: [UInt8] = []
    while tail.count < size { withUnsafeBytes(of: random.next()) { tail += Array($0) } }
    try AtomicFile.write(FileTree.read(path) + tail, to: path, mode: 0o755)
    return path
  }

  /// The bytes of a small program that needs libc.
  static func dynamic(in folder: TemporaryFolder) throws -> [UInt8] {
    Array(try FileTree.read(compile(in: folder, "-s")))
  }

  private static func compile(in folder: TemporaryFolder, _ option: String) throws -> String {
    let source = try folder.write("program.c", "int main(void) { return 0; }\n")
    let path = folder.file("program")
    let compiler = ChildProcess.find("cc") == nil ? "clang" : "cc"
    let result = try ChildProcess.run([compiler, option, "-o", path, source])
    guard result.status == 0 else { throw ChildProcess.Failure(result.output) }
    return path
  }
}
