import Foundation
import PackagePlugin

/// The products that SwiftPM is to build: ImageTool's answer, from the user's arguments and the pipeline file.
struct BuildRequest: Decodable {
  let products: [String]
  /// The folder of the package whose products they are.
  let package: String
  let debug: Bool
  let swiftcFlags: [String]
  /// What to do where a build with these flags fails.
  let failureHint: String?
  /// Why nothing is to be built, for the call of ImageTool that follows.
  let refusal: BuildContext.Refusal?

  /// Nil if nothing is to be built: for `--help`, or a mistake that ImageTool reports when it is started.
  init?(answerOf tool: URL, to arguments: [String]) throws {
    let process = Process()
    let output = Pipe()
    process.executableURL = tool
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    try process.run()
    let answer = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    guard process.terminationReason == .exit else { throw ToolFailure(signal: process.terminationStatus) }
    guard process.terminationStatus == 0, !answer.isEmpty else { return nil }
    do {
      self = try JSONDecoder().decode(BuildRequest.self, from: answer)
    } catch {
      throw ToolFailure("ImageTool's answer is not what this plugin understands")
    }
  }
}

struct ToolFailure: Error, CustomStringConvertible {
  let description: String

  init(signal: Int32) { description = "ImageTool was ended by signal \(signal)" }

  init(_ description: String) { self.description = description }
}

/// Replaces this process by the tool, so that no process stands between the tool and SwiftPM: its exit status is the
/// verb's, and a signal finds it. Returns only by an error.
func become(_ tool: URL, _ arguments: [String]) throws -> Never {
  // Descriptor 0 is the pipe that this plugin speaks with SwiftPM through: not for the tool, nor for its children.
  let null = open("/dev/null", O_RDONLY)
  if null >= 0 { dup2(null, 0) }
  var argv: [UnsafeMutablePointer<CChar>?] = ([tool.path] + arguments).map { strdup($0) }
  argv.append(nil)
  execv(tool.path, argv)
  throw ToolFailure("cannot start \(tool.path): \(String(cString: strerror(errno)))")
}
