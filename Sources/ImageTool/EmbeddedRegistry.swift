import FileSystem
import Foundation
import LocalRegistry

/// The registry of `registry: local`: served by this process for as long as a verb needs it.
///
/// Several verbs, or `ImageTool registry`, may serve the same folder at once.
final class EmbeddedRegistry {
  /// Fixed, so that a reference means the same in the next call.
  static let port: UInt16 = 5155

  let address: String
  private let server: RegistryServer?

  /// Serves `folder`, or joins the process that serves it already.
  init(folder: String, console: Console) throws {
    let record = folder + "/serving.json"
    func start(on port: UInt16) throws -> RegistryServer {
      let server = try RegistryServer(
        root: folder, options: .init(port: port, log: { line in console.detail("registry: \(line)") }))
      server.start()
      return server
    }
    do {
      let server = try start(on: Self.port)
      self.server = server
      address = server.address
      try AtomicFile.write(JSONEncoder().encode(Serving(process: getpid(), address: address)), to: record)
    } catch RegistryServerError.addressInUse {
      if let other = Serving(ifAliveIn: record) {
        server = nil
        address = other.address
        console.detail("registry: joined the one at \(address)")
      } else {
        let server = try start(on: 0)
        self.server = server
        address = server.address
        console.say("port \(Self.port) is taken: the embedded registry is at \(address) this time")
      }
    }
  }

  func close() { server?.stop() }

  private struct Serving: Codable {
    let process: pid_t
    let address: String

    init(process: pid_t, address: String) {
      self.process = process
      self.address = address
    }

    init?(ifAliveIn file: String) {
      guard let bytes = try? FileTree.read(file), let found = try? JSONDecoder().decode(Serving.self, from: Data(bytes)),
        kill(found.process, 0) == 0 || errno == EPERM
      else { return nil }
      self = found
    }
  }
}
