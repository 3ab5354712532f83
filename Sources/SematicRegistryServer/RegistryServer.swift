import Dispatch
import SematicFiles
import SematicSystem

/// The embedded registry: images in a folder, served over HTTP.
///
/// https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md
package final class RegistryServer: @unchecked Sendable {  // what changes is guarded by `lock`
  package struct Options: Sendable {
    package var host = "127.0.0.1"
    /// 0 for any free one.
    package var port: UInt16 = 0
    package var readOnly = false
    package var basicAuth: (user: String, password: String)?
    /// In seconds: for a request's head as a whole, and for the next byte of a body.
    package var idleTimeout = 60
    package var maximumConnections = 64
    /// Gets one line for each request.
    package var log: (@Sendable (String) -> Void)?

    package init(
      host: String = "127.0.0.1", port: UInt16 = 0, readOnly: Bool = false,
      basicAuth: (user: String, password: String)? = nil, log: (@Sendable (String) -> Void)? = nil
    ) {
      self.host = host
      self.port = port
      self.readOnly = readOnly
      self.basicAuth = basicAuth
      self.log = log
    }
  }

  package let port: UInt16
  private let options: Options
  private let registry: RegistryService
  private let listener: Listener
  private let connections: ConnectionTable
  private let lock = Lock()
  private var state = State.new
  /// Left by the thread that accepts connections when it is done.
  private let accepting = DispatchGroup()

  private enum State { case new, serving, stopped }

  /// Binds the address; clients can connect from now on, and are served after `start`.
  /// - Parameter root: the folder of the registry; made if it is not there.
  /// - Throws: `RegistryServerError`, `FileError`.
  package init(root: String, options: Options = Options()) throws {
    var options = options
    options.idleTimeout = max(1, options.idleTimeout)
    self.options = options
    let store = Store(root: FileTree.absolute(root))
    registry = try RegistryService(
      store: store, readOnly: options.readOnly, basicAuth: options.basicAuth, log: options.log)
    if !options.readOnly { try store.prepare() }
    listener = try Listener(host: options.host, port: options.port)
    connections = ConnectionTable(limit: max(1, options.maximumConnections))
    port = listener.port
  }

  deinit { if state == .new { listener.close() } }

  /// As in a reference: `127.0.0.1:5000`.
  package var address: String {
    options.host.contains(":") && !options.host.hasPrefix("[")
      ? "[\(options.host)]:\(port)" : "\(options.host):\(port)"
  }

  /// Serves in threads of its own until `stop`.
  package func start() {
    lock.lock()
    defer { lock.unlock() }
    guard state == .new else { return }
    state = .serving
    accepting.enter()
    thread { [self] in
      acceptConnections()
      accepting.leave()
    }
  }

  /// Ends all connections and gives the port back; returns when no thread is left.
  package func stop() {
    lock.lock()
    let before = state
    state = .stopped
    lock.unlock()
    guard before != .stopped else { return }
    if before == .serving {
      listener.stop()
      connections.close()
      accepting.wait()
    }
    listener.close()
  }

  /// Removes the blobs that no manifest of any repository refers to.
  ///
  /// Kept in any case: blobs that were uploaded, mounted or asked for within `grace` seconds, because their manifest
  /// may be on its way. Manifests are never removed, tagged or not: they are used by digest.
  /// - Throws: `FileError`, `GarbageCollection.UnreadableManifest`: then nothing was removed.
  package static func collectGarbage(
    root: String, grace: Int64 = 3600
  ) throws -> (removedBlobs: Int, bytes: Int64) {
    try GarbageCollection(store: Store(root: FileTree.absolute(root)), grace: grace).run()
  }

  private func acceptConnections() {
    while let descriptor = listener.accept() {
      let socket = Socket(descriptor, timeout: options.idleTimeout)
      guard let id = connections.admit(socket) else {
        socket.close()
        return
      }
      thread { [self] in
        let connection = ServerConnection(
          socket, timeout: options.idleTimeout, log: options.log, handler: registry.respond)
        connection.serve { connections.setIdle($0, id) }
        connections.remove(id)
      }
    }
  }

  private func thread(_ body: @escaping @Sendable () -> Void) {
    SystemThread.start(stackSize: 1 << 20, body)
  }
}
