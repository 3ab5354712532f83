import SematicFiles
import SematicRegistryServer
import SematicSystem

/// The registry of `registry: local`: the one that `ImageTool registry` serves for this package, or else a server of this
/// process, for as long as a command needs it.
final class EmbeddedRegistry {
  /// The usual port. It is fixed, so that references stay valid from one call to the next.
  static let port: UInt16 = 5155

  /// The address to push to.
  let address: String
  /// The address in references.
  let publicAddress: String
  private let server: RegistryServer?

  /// - Throws: `RegistryServerError`, `FileError`.
  init(folder: String, console: Console) throws {
    let other = ServingRecord.find(root: folder)
    if let other, other.isLasting, other.acceptsPushes {
      (address, publicAddress, server) = (other.address, other.address, nil)
      return
    }
    func start(on port: UInt16) throws -> RegistryServer {
      let server = try RegistryServer(
        root: folder, options: .init(port: port, log: { line in console.detail("registry: \(line)") }))
      server.start()
      return server
    }
    if let other {
      // It may end before this process does, or refuse pushes: several servers can serve the folder.
      let own = try start(on: 0)
      (address, publicAddress, server) = (own.address, other.address, own)
      return
    }
    let own: RegistryServer
    do {
      own = try start(on: Self.port)
    } catch RegistryServerError.addressInUse {
      own = try start(on: 0)
      console.say("port \(Self.port) is in use; the embedded registry listens on \(own.address) this time")
    }
    try own.announce(isLasting: false)
    (address, publicAddress, server) = (own.address, own.address, own)
  }

  /// Whether other programs can pull when this process has ended.
  var isLasting: Bool { server == nil }

  func close() { server?.stop() }
}
