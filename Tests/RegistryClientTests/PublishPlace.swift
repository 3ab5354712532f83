import Foundation
import ImageTool
import SematicArchive
import SematicFiles
import SematicImages
import SematicOCI
import SematicRegistryServer
import TestSupport
import Testing

@testable import SematicRegistryClient

/// A kind of place that the one algorithm has to serve.
struct PublishPlace: Sendable, CustomTestStringConvertible {
  let testDescription: String
  /// False where every publication writes all blobs anew.
  var keepsBlobs = true
  /// False where an image is visible blob by blob: nothing is put into its place as a whole.
  var isAtomic = true
  let open: @Sendable (TemporaryFolder) throws -> Opened

  /// One such place: `destination` opens it for writing, `source` reads what is there.
  struct Opened {
    let destination: () throws -> any ImageDestination
    let source: () throws -> any ImageSource
    /// A place beside, whose blobs can be taken over.
    var neighbour: (() throws -> any ImageSource & ImageDestination)?
    /// What lives as long as the place: servers.
    var owners: [AnyObject] = []
  }

  func use(_ folder: TemporaryFolder, _ body: (Opened) throws -> Void) throws {
    let opened = try open(folder)
    try withExtendedLifetime(opened.owners) { try body(opened) }
  }

  static let all =
    [memory, layout, archive(.ociArchive), archive(.dockerArchive), embeddedRegistry, embeddedFolder]
    + (DockerRegistry.isAvailable ? dockerRegistries : [])

  static let memory = PublishPlace(testDescription: "memory", isAtomic: false) { _ in
    let neighbour = MemoryStore("neighbour")
    let store = MemoryStore(mountingFrom: neighbour)
    return Opened(destination: { store }, source: { store }, neighbour: { neighbour })
  }

  static let layout = PublishPlace(testDescription: "layout") { folder in
    let path = folder.file("image")
    return Opened(destination: { try ImageLayoutDestination(path) }, source: { try ImageLayout(path) })
  }

  static func archive(_ format: ImageFormat) -> PublishPlace {
    PublishPlace(testDescription: format.rawValue, keepsBlobs: false) { folder in
      let path = folder.file("image.tar")
      return Opened(
        destination: { try format.destination(path, repository: "registry.example/team/image") },
        source: { try extracted(path, in: folder) })
    }
  }

  static let embeddedRegistry = PublishPlace(testDescription: "embedded registry", isAtomic: false) { folder in
    let server = try RunningServer(root: folder.file("registry"))
    return try registry(at: server.address, folder, owners: [server])
  }

  /// What the verbs do: written to as a folder, and pulled from as a registry.
  static let embeddedFolder = PublishPlace(testDescription: "embedded registry's folder", isAtomic: false) { folder in
    let root = folder.file("registry")
    let server = try RunningServer(root: root)
    let source = try registry(at: server.address, folder, owners: []).source
    return Opened(
      destination: { try StoredRepository(root: root, name: "team/image") }, source: source, owners: [server])
  }

  static let dockerRegistries = [
    PublishPlace(testDescription: "docker-registry", isAtomic: false) { folder in
      let server = try DockerRegistry()
      return try registry(at: server.address, folder, owners: [server])
    },
    PublishPlace(testDescription: "docker-registry with a password", isAtomic: false) { folder in
      let server = try DockerRegistry(.password)
      return try registry(at: server.address, folder, login: true, owners: [server])
    },
    PublishPlace(testDescription: "docker-registry with TLS", isAtomic: false) { folder in
      let server = try DockerRegistry(tls: true)
      return try registry(at: server.address, folder, authority: server.authority, owners: [server])
    },
    PublishPlace(testDescription: "docker-registry with tokens", isAtomic: false) { folder in
      let tokens = try TokenServer()
      let server = try DockerRegistry(.token(tokens))
      return try registry(at: server.address, folder, login: true, owners: [server, tokens])
    },
  ]

  private static func registry(
    at address: String, _ folder: TemporaryFolder, login: Bool = false, authority: String? = nil, owners: [AnyObject]
  ) throws -> Opened {
    var environment = ["PATH": "/usr/bin:/bin", "HOME": folder.path]
    if login {
      let secret = Data("\(DockerRegistry.user):\(DockerRegistry.password)".utf8).base64EncodedString()
      try folder.write(".docker/config.json", #"{"auths": {"\#(address)": {"auth": "\#(secret)"}}}"#)
    }
    environment["SSL_CERT_FILE"] = authority
    let options = RegistryOptions(environment: environment)
    let open = { try SematicRegistryClient.Registry(host: address, repository: "team/image", options: options) }
    let neighbour = { try SematicRegistryClient.Registry(host: address, repository: "team/base", options: options) }
    return Opened(destination: open, source: open, neighbour: neighbour, owners: owners)
  }

  /// An archive's content as a layout.
  private static func extracted(_ path: String, in folder: TemporaryFolder) throws -> ImageLayout {
    let target = folder.file("extracted-\(UInt32.random(in: 0...UInt32.max))")
    try TarReader.forEachEntry(in: ByteSource(InputFile(path))) { entry, reader in
      guard entry.kind == .file else { return }
      try AtomicFile.write(reader.content(limit: 1 << 26), to: "\(target)/\(entry.path)")
    }
    return try ImageLayout(target)
  }
}

/// An embedded registry that ends with the test.
private final class RunningServer {
  private let server: RegistryServer
  var address: String { server.address }

  init(root: String) throws {
    server = try RegistryServer(root: root)
    server.start()
  }

  deinit { server.stop() }
}
