import Foundation
import ProbeLibrary
import SematicLaunch
import Words

/// Tells what it finds where it runs, for the tests: one line of JSON, then what its arguments ask for.
@main
struct Probe: Encodable {
  let arguments: [String]
  let environment: [String: String]
  let user: UInt32
  let folder: String
  let hasImage: Bool
  let images: [String: String]
  /// By a resource of the library target.
  let words: Int
  let note: String
  /// By a resource of a dependency's dynamic library.
  let libraryNote: String

  init() throws {
    arguments = Array(CommandLine.arguments.dropFirst())
    environment = ProcessInfo.processInfo.environment
    user = getuid()
    folder = FileManager.default.currentDirectoryPath
    hasImage = hasContainerImage()
    images = hasImage ? try containerImages() : [:]
    words = try WordCounter().count("the rain and the rain").map(\.occurrences).reduce(0, +)
    note = try String(contentsOf: Bundle.module.bundleURL.appendingPathComponent("a note.txt"), encoding: .utf8)
    libraryNote = try ProbeLibrary.note()
  }

  static func main() throws {
    let probe = try Probe()
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    print("probe \(String(decoding: try encoder.encode(probe), as: UTF8.self))")
    fflush(nil)
    let arguments = probe.arguments
    if arguments.count == 2 {
      switch arguments[0] {
      case "--exit": exit(Int32(arguments[1]) ?? 0)
      case "--raise": raise(Int32(arguments[1]) ?? SIGKILL)
      case "--read": print(try String(contentsOfFile: arguments[1], encoding: .utf8), terminator: "")
      case "--trap": print(element(Int(arguments[1]) ?? 0))
      case "--wait": try wait(arguments[1])
      default: break
      }
    }
  }

  /// Traps, for an index that is not there.
  @inline(never) static func element(_ index: Int) -> String { Array(CommandLine.arguments.dropFirst())[index] }

  /// Waits for a signal and writes its number into `file`.
  static func wait(_ file: String) throws {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGINT)
    sigaddset(&signals, SIGTERM)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    try "\(getpid())".write(toFile: file + ".ready", atomically: true, encoding: .utf8)
    var number: Int32 = 0
    sigwait(&signals, &number)
    try "\(number)".write(toFile: file, atomically: true, encoding: .utf8)
  }
}
