import Foundation
import SematicArchive
import SematicFiles
import SematicImages
import SematicOCI
import TestSupport
import Testing

/// What other programs say of the images that we write.
@Suite struct ValidatorTests {
  let folder: TemporaryFolder
  let store = MemoryStore()
  let image: Image
  let digest: Digest

  init() throws {
    folder = try TemporaryFolder("validators")
    image = try RandomImage.appending(2, to: RandomImage.base(in: store), in: folder)
      .configured { configuration in
        configuration.setEnvironment("GREETING", "hello world")
        configuration.entrypoint = ["/bin/true"]
      }
    digest = try image.encoded().manifestDescriptor.digest
  }

  private func write(_ format: ImageFormat, tags: [String] = ["v1", "v2"]) throws -> String {
    let path = folder.file("image-\(format.rawValue)")
    _ = try publish(
      image, base: store, to: format.destination(path, repository: "registry.example/team/image"), tags: tags)
    return path
  }

  /// Its output; a failure of the program is the test's.
  @discardableResult
  private func run(_ arguments: String...) throws -> String {
    let result = try ChildProcess.run(arguments)
    #expect(result.status == 0, "\(arguments.joined(separator: " ")): \(result.output)")
    return result.output
  }

  @Test(.enabled(if: ChildProcess.canRun("umoci")))
  func `umoci unpacks the layout, which checks every digest and diff ID`() throws {
    let path = try write(.oci)
    for tag in ["v1", "v2"] {
      let bundle = folder.file("bundle-\(tag)")
      try run("umoci", "unpack", "--rootless", "--image", "\(path):\(tag)", bundle)
      #expect(try FileTree.names(in: bundle + "/rootfs") == ["base-0", "base-1", "base-2", "ours-0", "ours-1"])
    }
  }

  @Test(.enabled(if: ChildProcess.canRun("oci-image-tool")))
  func `oci-image-tool finds the layout valid`() throws {
    let path = try write(.oci)
    try run("oci-image-tool", "validate", "--type", "image", "--ref", "name=v1", path)
  }

  @Test(.enabled(if: ChildProcess.canRun("skopeo")), arguments: ImageFormat.allCases)
  func `skopeo reads and copies every format`(format: ImageFormat) throws {
    let path = try write(format)
    let source =
      format == .dockerArchive
      ? "docker-archive:\(path):registry.example/team/image:v2" : "\(format.rawValue):\(path):v2"
    let inspected = try run("skopeo", "inspect", source)
    #expect(inspected.contains("GREETING=hello world"))
    let copy = folder.file("copy")
    try run("skopeo", "--insecure-policy", "copy", "--preserve-digests", source, "oci:\(copy):copied")
    // A docker-archive has no manifest that a reader would keep.
    if format != .dockerArchive {
      #expect(try ImageLayout(copy).identifier(tag: "copied") == .digest(digest))
    }
    #expect(
      try ImageLayout(copy).image(.tag("copied"), platform: Platform(architecture: "amd64")).image.configuration.diffIDs
        == image.configuration.diffIDs)
  }

  @Test(.enabled(if: ChildProcess.canRun("podman")), arguments: ImageFormat.allCases)
  func `podman loads every format, archives under their names`(format: ImageFormat) throws {
    // Of the layout and its archive podman takes one with a single name only.
    let tags = format == .dockerArchive ? ["v1", "v2"] : ["v1"]
    let path = try write(format, tags: tags)
    let storage = [
      "--root", folder.file("root"), "--runroot", folder.file("run"), "--storage-driver", "vfs", "--cgroup-manager",
      "cgroupfs",
    ]
    let loaded = try ChildProcess.run(["podman"] + storage + ["load", "--input", path])
    #expect(loaded.status == 0, "\(loaded.output)")
    let list = ["images", "--no-trunc", "--format", "{{.ID}} {{.Repository}}:{{.Tag}}"]
    let listed = try ChildProcess.run(["podman"] + storage + list).output
    let configuration = try image.encoded().configurationDescriptor.digest
    // It names what was in a folder by the folder.
    let names = format == .oci ? ["localhost/"] : tags.map { "registry.example/team/image:\($0)" }
    for name in names { #expect(listed.contains("\(configuration) \(name)"), "\(listed)") }
  }

  /// How layers may be compressed that other programs have to read: gzip in several members, and zstd.
  enum Packing: CaseIterable { case members, zstd }

  @Test(.enabled(if: ChildProcess.canRun("podman", "umoci", "skopeo")), arguments: Packing.allCases)
  func `other programs read layers of several members, and of zstd`(packing: Packing) throws {
    var tar = Data()
    let writer = TarWriter { tar.append(contentsOf: $0) }
    try writer.add(.file("packed", size: 3_000_000), content: [UInt8](repeating: 7, count: 3_000_000))
    try writer.finish()
    var blob = Data()
    for part in packing == .zstd ? [tar] : [tar.prefix(1_000_000), tar.dropFirst(1_000_000)] {
      let member = try CompressedWriter(Compressor(packing == .zstd ? .zstd : .gzip)) { blob.append(contentsOf: $0) }
      try Data(part).withUnsafeBytes { try member.write($0) }
      try member.finish()
    }
    let media: MediaType = packing == .zstd ? .layerZstd : .layerGzip
    let descriptor = try Descriptor(of: blob, mediaType: media)
    let file = try folder.write("blob", Array(blob))
    let layer = Layer(descriptor: descriptor, diffID: try Digest.of(tar), content: .file(file), createdBy: "test")
    let packed = image.appending([layer])
    let path = folder.file("packed.tar")
    _ = try publish(packed, base: store, to: ImageFormat.ociArchive.destination(path), tags: ["v1"])
    let registry = try DockerRegistry()
    let reference = "docker://\(registry.address)/packed:v1"
    let copy = ["skopeo", "--insecure-policy", "copy", "--quiet", "--preserve-digests", "--dest-tls-verify=false"]
    let pushed = try ChildProcess.run(copy + ["oci-archive:\(path)", reference])
    #expect(pushed.status == 0, "\(pushed.output)")
    let storage = ["--root", folder.file("root"), "--runroot", folder.file("run"), "--storage-driver", "vfs"]
    let pull = ["pull", "--tls-verify=false", reference]
    // It checks the diff ID of what it unpacks.
    let pulled = try ChildProcess.run(["podman"] + storage + ["--cgroup-manager", "cgroupfs"] + pull)
    #expect(pulled.status == 0, "\(pulled.output)")
    // The umoci of today's distributions does not know zstd.
    if packing == .members {
      _ = try publish(packed, base: store, to: ImageFormat.oci.destination(folder.file("layout")), tags: ["v1"])
      try run("umoci", "unpack", "--rootless", "--image", folder.file("layout:v1"), folder.file("bundle"))
      #expect(try FileStatus(of: folder.file("bundle/rootfs/packed")).size == 3_000_000)
    }
    // A docker-archive is said to hold gzip at most.
    let docker = folder.file("docker.tar")
    let write = { try publish(packed, base: store, to: ImageFormat.dockerArchive.destination(docker), tags: ["v1"]) }
    if packing == .zstd {
      let error = #expect(throws: ImageArchiveError.self) { try write() }
      #expect(error == .compression(descriptor.digest))
      #expect(!FileTree.exists(docker))
    } else {
      _ = try write()
    }
  }

  @Test func `equal images make equal archives`() throws {
    for format in [ImageFormat.ociArchive, .dockerArchive] {
      let first = try FileTree.read(write(format))
      try FileTree.remove(folder.file("image-\(format.rawValue)"))
      #expect(try FileTree.read(write(format)) == first)
    }
  }
}
