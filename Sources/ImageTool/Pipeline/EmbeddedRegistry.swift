import SematicFiles
import SematicRegistryServer
import SematicSystem

/// The registry of `registry: local`, served by this process while a command needs it.
///
/// Several verbs, or `ImageTool registry`, may serve the same folder at once.
final class EmbeddedRegistry {
  /// The usual port. It is fixed, so that references stay valid from one call to the next.
  static let port: UInt16 = 5155

  /// The address of this process's own server.
  let address: String
  /// The address in references: that of the process that serves the folder on the usual port, if there is one.
  let publicAddress: String
  private let server: RegistryServer

  /// - Throws: `RegistryServerError`, `FileError`.
  init(folder: String, console: Console) throws {
    let record = folder + "/serving.json"
    func start(on port: UInt16) throws -> RegistryServer {
      let server = try RegistryServer(
        root: folder, options: .init(port: port, log: { line in console.detail("registry: \(line)") }))
      server.start()
      return server
    }
    var started: RegistryServer
    var other: Serving?
    do {
      started = try start(on: Self.port)
      try AtomicFile.write(JSONEncoder().encode(Serving(process: getpid(), address: started.address)), to: record)
    } catch RegistryServerError.addressInUse {
      // The other one may end before we do, so that we serve for ourselves in any case.
      started = try start(on: 0)
      other = Serving(ifAliveIn: record)
      if other == nil {
        console.say("port \(Self.port) is in use; the embedded registry listens on \(started.address) this time")
      }
    }
    server = started
    address = started.address
    publicAddress = other?.address ?? started.address
  }

  func close() { server.stop() }

  private struct Serving: Codable {
    let process: pid_t
    let address: String

    init(process: pid_t, address: String) {
      self.process = process
      self.address = address
    }

    init?(ifAliveIn file: String) {
      guard let bytes = try? FileTree.read(file),
        let found = try? JSONDecoder().decode(Serving.self, from: Data(bytes)),
        kill(found.process, 0) == 0 || errno == EPERM
      else { return nil }
      self = found
    }
  }
}
