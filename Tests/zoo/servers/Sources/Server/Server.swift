import Foundation
import Hummingbird

/// Serves a file of its resource bundle until SIGTERM.
@main
struct Server {
  static func main() async throws {
    let greeting = Bundle.module.url(forResource: "greeting", withExtension: "txt")
    let text = try greeting.map { try String(contentsOf: $0, encoding: .utf8) } ?? "no resource\n"
    let router = Router()
    router.get("greeting") { _, _ in text }
    let port = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 8080
    let application = Application(
      router: router, configuration: .init(address: .hostname("127.0.0.1", port: port)),
      onServerRunning: { channel in say("serving on \(channel.localAddress?.port ?? 0)") })
    try await application.runService()
    say("stopped")
  }

  /// Prints at once, also into a pipe.
  static func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
}
