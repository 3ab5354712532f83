import SematicFiles
import SematicImages
import SematicOCI
import SematicRegistryServer
import SematicSystem

/// The registry of `registry: local`: a folder that the tool itself reads and writes, and the server that others pull
/// from: the one that `ImageTool registry` runs for the folder, or one of this process.
struct EmbeddedRegistry {
  /// The usual port, and those that are tried in turn where another program has it. They are fixed, so that references stay
  /// valid from one call to the next.
  static let ports: ClosedRange<UInt16> = 5155...5164

  /// The port that a server of this machine would listen on.
  static func freePort(of ports: ClosedRange<UInt16> = ports) -> UInt16 {
    ports.first(where: RegistryServer.canListen(on:)) ?? ports.lowerBound
  }

  /// The address that references to a folder's images have while nothing is started for them.
  static func address(of folder: String) -> String {
    ServingRecord.find(root: folder)?.address ?? "127.0.0.1:\(freePort())"
  }

  /// The address in references.
  let address: String
  /// Whether others can pull when this process has ended.
  let isLasting: Bool
  private let server: RegistryServer?

  /// - Parameter serving: whether others pull while this process runs, which then serves the folder if nobody does.
  /// - Throws: `RegistryServerError`, `FileError`.
  init(folder: String, serving: Bool, console: Console) throws {
    let other = ServingRecord.find(root: folder)
    if let other, other.isLasting || !serving {
      (address, isLasting, server) = (other.address, other.isLasting, nil)
      return
    }
    guard serving else {
      (address, isLasting, server) = ("127.0.0.1:\(Self.freePort())", false, nil)
      return
    }
    func start(on port: UInt16) throws -> RegistryServer {
      let server = try RegistryServer(
        root: folder, options: .init(port: port, log: { line in console.detail("registry: \(line)") }))
      server.start()
      return server
    }
    let own: RegistryServer
    do {
      own = try start(on: Self.freePort())
    } catch RegistryServerError.addressInUse {
      own = try start(on: 0)
      console.say("port \(Self.ports.lowerBound) is in use; the embedded registry listens on \(own.address) this time")
    }
    // Another command's server is found until that command ends.
    if other == nil { try own.announce(isLasting: false) }
    (address, isLasting, server) = (own.address, false, own)
  }

  /// Checks, before anything is built, that a launch program will be able to pull.
  /// - Throws: `UnservedRegistry`.
  static func checkServing(_ state: StateFolder) throws {
    guard PluginHost.isSandboxed, ServingRecord.find(root: state.registry)?.isLasting != true else { return }
    throw UnservedRegistry(state: state)
  }

  func close() { server?.stop() }
}

/// Where SwiftPM's sandbox keeps this process from serving images that a launch program pulls.
struct UnservedRegistry: ExplainedError {
  let state: StateFolder

  var description: String {
    "cannot serve the embedded registry: SwiftPM's sandbox allows no program to listen, and no `ImageTool registry` serves it"
  }

  var hint: String? {
    "`\(Invocation.unsandboxed)`, or serve it from another terminal: `\(Invocation.tool(state)) registry`"
  }
}

extension StoredRepository: ImageDestination {
  package func hasBlob(_ descriptor: Descriptor) throws -> Bool {
    try hasBlob(descriptor.digest, size: descriptor.size)
  }

  package func writeBlob(
    _ descriptor: Descriptor, from content: BlobContent, progress: (Int64) throws -> Void
  ) throws {
    try writeBlob(descriptor.digest) { write in
      try content.read(descriptor) { piece in
        try write(piece)
        try progress(Int64(piece.count))
      }
    }
  }

  package func hasManifest(_ descriptor: Descriptor, tags: [String]) throws -> Bool {
    let named = try tags.allSatisfy { try digest(ofTag: $0) == descriptor.digest }
    return try named && manifest(descriptor.digest) != nil
  }

  package func manifest(_ identifier: ManifestIdentifier) throws -> ManifestDocument {
    let digest =
      switch identifier {
      case .digest(let digest): digest
      case .tag(let tag): try digest(ofTag: tag)
      }
    guard let digest, let found = try manifest(digest) else {
      throw FileError("read the manifest \(identifier) of", name, reason: "it is not there")
    }
    return try ManifestDocument(bytes: found.bytes, mediaType: found.type, as: .digest(digest), from: name)
  }
}
