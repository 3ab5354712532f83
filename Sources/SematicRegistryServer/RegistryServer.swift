import SematicFiles
import SematicSystem

/// The embedded registry: images in a folder, served over HTTP.
///
/// https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md
package final class RegistryServer: @unchecked Sendable {  // what changes is guarded by `lock`
  package struct Options: Sendable {
    package var host = "127.0.0.1"
    /// 0 for any free port.
    package var port: UInt16 = 0
    package var readOnly = false
    /// The users who may read and write; none for everybody.
    package var logins: [(user: String, password: String)] = []
    /// In seconds: for a request's head as a whole, and for progress in a body or a response.
    package var idleTimeout = 60
    /// nil for as many as this process may open files for.
    package var maximumConnections: Int?
    /// Gets one line for each request.
    package var log: (@Sendable (String) -> Void)?

    package init(
      host: String = "127.0.0.1", port: UInt16 = 0, readOnly: Bool = false,
      logins: [(user: String, password: String)] = [], log: (@Sendable (String) -> Void)? = nil
    ) {
      self.host = host
      self.port = port
      self.readOnly = readOnly
      self.logins = logins
      self.log = log
    }
  }

  package var port: UInt16 { listener.port }
  /// Whether only programs of this machine can connect.
  package var isLoopback: Bool { listener.isLoopback }
  private let options: Options
  private let store: Store
  private let listener: Listener
  private let loop: EventLoop
  private let token = ServingRecord.randomToken()
  private let lock = Lock()
  private var state = State.new

  private enum State { case new, serving, stopped }

  /// Binds the address; clients can connect from now on, and are served after `start`.
  /// - Parameter root: the folder of the registry; made if it is not there.
  /// - Throws: `RegistryServerError`, `FileError`.
  package init(root: String, options: Options = Options()) throws {
    self.options = options
    let store = Store(root: FileTree.absolute(root))
    self.store = store
    if !options.readOnly { try store.prepare() }
    let listener = try Listener(host: options.host, port: options.port)
    self.listener = listener
    let hosts = listener.isLoopback ? HostNames(own: options.host) : nil
    let service = try RegistryService(store, options, hosts: hosts, token: token)
    let timeout = max(1, options.idleTimeout)
    let log = options.log
    // Each connection may need a file, too.
    let limit = options.maximumConnections ?? min(1024, (POSIX.descriptorLimit - 64) / 2)
    loop = try EventLoop(listener, limit: max(1, limit)) { socket in
      ServerConnection(socket, timeout: timeout, log: log, handler: service.respond)
    }
  }

  deinit { if state == .new { listener.close() } }

  /// Whether nobody listens on a port of this machine; so it is, too, where a sandbox keeps this process from finding out.
  package static func canListen(on port: UInt16) -> Bool {
    do {
      try Listener(host: "127.0.0.1", port: port).close()
      return true
    } catch {
      if case .addressInUse = error { return false }
      return true
    }
  }

  /// As in a reference: `127.0.0.1:5000`.
  package var address: String {
    options.host.contains(":") && !options.host.hasPrefix("[")
      ? "[\(options.host)]:\(port)" : "\(options.host):\(port)"
  }

  /// Serves in threads of its own until `stop`.
  package func start() {
    lock.withLock {
      guard state == .new else { return }
      state = .serving
      loop.start()
    }
  }

  /// Ends all connections; returns when no thread is left.
  package func stop() {
    let before = lock.withLock {
      defer { state = .stopped }
      return state
    }
    guard before != .stopped else { return }
    if before == .serving { loop.stop() }
    listener.close()
  }

  /// Lets other processes find this server by its folder, until it stops.
  /// - Parameter isLasting: whether it goes on when this process is done with its own work.
  /// - Throws: `FileError`.
  package func announce(isLasting: Bool) throws {
    let isEverywhere = ["0.0.0.0", "::", "[::]"].contains(options.host)
    try ServingRecord(
      address: isEverywhere ? "127.0.0.1:\(port)" : address, isLasting: isLasting, token: token
    ).write(to: store)
  }

  /// Removes the blobs that no manifest of any repository refers to.
  ///
  /// Blobs that were uploaded, mounted or asked for within `grace` seconds stay, because their manifest may be on its
  /// way.
  /// - Parameter removesUntagged: also removes manifests that have no tag, belong to no other manifest, and were neither
  ///   pushed nor asked for within `grace`. Else none is removed: they are used by digest.
  /// - Throws: `FileError`, `GarbageCollection.UnreadableManifest`: then nothing was removed.
  package static func collectGarbage(
    root: String, grace: Int64 = 3600, removesUntagged: Bool = false
  ) throws -> CollectedGarbage {
    try GarbageCollection(store: Store(root: FileTree.absolute(root)), grace: grace, removesUntagged: removesUntagged)
      .run()
  }
}
