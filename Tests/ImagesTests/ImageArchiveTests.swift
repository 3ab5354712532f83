import Foundation
import SematicArchive
import SematicFiles
import SematicOCI
import TestSupport
import Testing

@testable import SematicImages

@Suite struct ImageArchiveTests {
  let folder: TemporaryFolder
  let store = MemoryStore()
  let image: Image

  init() throws {
    folder = try TemporaryFolder("archive")
    image = try RandomImage.appending(1, to: RandomImage.base(in: store), in: folder)
  }

  private func write(_ format: ImageFormat) throws -> String {
    let path = folder.file("\(format.rawValue).tar")
    _ = try publish(image, base: store, to: format.destination(path, repository: "host/name"), tags: ["v1"])
    return path
  }

  private func contents(of archive: ImageArchive, _ image: Image) throws -> [Digest] {
    try image.layers.map { layer in
      let source = try #require(try archive.localContent(of: layer.descriptor))
      let hasher = try DigestHasher(.sha256)
      var buffer = [UInt8](repeating: 0, count: 1000)
      while case let count = try buffer.withUnsafeMutableBytes({ try source.read($0) }), count > 0 {
        buffer.withUnsafeBytes { hasher.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
      }
      return try hasher.digest()
    }
  }

  @Test(arguments: [ImageFormat.ociArchive, .dockerArchive], [nil, "v1", "host/name:v1"])
  func `An archive that was written is read back`(format: ImageFormat, tag: String?) throws {
    if format == .ociArchive, tag == "host/name:v1" { return }
    let archive = try ImageArchive(write(format), format: format)
    let found = try archive.image(archive.identifier(tag: tag), platform: Platform(architecture: "amd64"))
    #expect(found.image.configuration == image.configuration)
    #expect(found.image.layers.map(\.descriptor.digest) == image.layers.map(\.descriptor.digest))
    #expect(try contents(of: archive, found.image) == image.layers.map(\.descriptor.digest))
  }

  @Test(.enabled(if: ChildProcess.canRun("skopeo"))) func `An archive as others save it is read`() throws {
    let path = folder.file("skopeo.tar")
    let made = try ChildProcess.run([
      "skopeo", "copy", "--quiet", "oci-archive:\(write(.ociArchive)):v1",
      "docker-archive:\(path):some.example/image:1",
    ])
    #expect(made.status == 0, "\(made.output)")
    let archive = try ImageArchive(path, format: .dockerArchive)
    let found = try archive.image(archive.identifier(tag: "1"), platform: Platform(architecture: "amd64"))
    // Uncompressed there: the layers are what the configuration says.
    #expect(try contents(of: archive, found.image) == image.layers.map(\.diffID))
    #expect(throws: ManifestNotFound.self) { try archive.identifier(tag: "2") }
  }

  @Test(.enabled(if: ChildProcess.canRun("skopeo"))) func `What is printed for an archive is read by skopeo`() throws {
    for format in ImageFormat.allCases where format != .oci {
      let path = try write(format)
      let reference = format.reference(path: path, repository: "host/name", tag: "v1")
      let result = try ChildProcess.run(["skopeo", "inspect", "--raw", reference])
      #expect(result.status == 0, "\(reference): \(result.output)")
      #expect(
        try ImageLocation(reference)
          == .disk(
            format, path: path, name: format == .dockerArchive ? "host/name:v1" : "v1"))
      let untagged = format.reference(path: path, repository: "host/name", tag: nil)
      #expect(try ImageLocation(untagged) == .disk(format, path: path, name: nil))
    }
  }

  @Test func `Images with one tag are told apart by their names`() throws {
    var bytes: [UInt8] = []
    let tar = TarWriter { bytes.append(contentsOf: $0) }
    let names = ["a/app:1", "docker.io/library/app:1"]
    let entries = names.enumerated().map { #"{"Config":"\#($0).json","RepoTags":["\#($1)"],"Layers":[]}"# }
    var files = ["manifest.json": "[\(entries.joined(separator: ","))]"]
    for number in names.indices {
      files["\(number).json"] =
        #"{"os":"linux","architecture":"amd64","author":"\#(number)","rootfs":{"type":"layers","diff_ids":[]}}"#
    }
    for (name, text) in files { try tar.add(.file(name, size: Int64(text.utf8.count)), content: Array(text.utf8)) }
    try tar.finish()
    let path = try folder.write("both.tar", bytes)
    let archive = try ImageArchive(path, format: .dockerArchive)
    let ambiguous = #expect(throws: ImageArchiveError.self) { try archive.identifier(tag: "1") }
    #expect(ambiguous?.hint == "name one of them: \(path):a/app:1, \(path):docker.io/library/app:1")
    #expect(try archive.identifier(tag: "a/app:1") != archive.identifier(tag: "app:1"))
    #expect(try archive.identifier(tag: "library/app:1") == archive.identifier(tag: "app:1"))
    #expect(throws: ManifestNotFound.self) { try archive.identifier(tag: "b/app:1") }
    #expect(try ImageLocation("docker-archive:\(path):a/app:1") == .disk(.dockerArchive, path: path, name: "a/app:1"))
    #expect(try ImageLocation("docker-archive:\(path)") == .disk(.dockerArchive, path: path, name: nil))
  }

  @Test func `What is no archive of images says why`() throws {
    let empty = try folder.write("empty.tar", [])
    #expect(throws: ImageArchiveError.malformed(empty, "it has no index.json, as oci-archive requires")) {
      try ImageArchive(empty, format: .ociArchive)
    }
    let zipped = try folder.write("zipped.tar.gz", [0x1F, 0x8B] + [UInt8](repeating: 7, count: 2000))
    let error = #expect(throws: ImageArchiveError.self) { try ImageArchive(zipped, format: .dockerArchive) }
    #expect(error?.description.contains("must be decompressed first") == true)
    #expect(throws: FileError.self) { try ImageArchive(folder.file("none"), format: .ociArchive) }
  }

  @Test func `A manifest of a docker-archive that names what is not there is refused`() throws {
    var bytes: [UInt8] = []
    let tar = TarWriter { bytes.append(contentsOf: $0) }
    let manifest = Array(#"[{"Config": "../../etc/passwd", "RepoTags": null, "Layers": []}]"#.utf8)
    try tar.add(.file("manifest.json", size: Int64(manifest.count)), content: manifest)
    try tar.finish()
    let path = try folder.write("outside.tar", bytes)
    #expect(throws: ImageArchiveError.self) { try ImageArchive(path, format: .dockerArchive) }
  }

  @Test(arguments: [ImageFormat.ociArchive, .dockerArchive])
  func `A damaged archive is an error, wherever it is cut or changed`(format: ImageFormat) throws {
    let whole = try FileTree.read(try write(format))
    var random = SeededRandom(of: "ImageArchiveTests \(format)")
    for number in 0..<60 {
      var bytes = whole
      let place = Int.random(in: 0..<whole.count, using: &random)
      if number % 2 == 0 { bytes.removeLast(whole.count - place) } else { bytes[place] ^= 0x55 }
      let path = try folder.write("damaged.tar", bytes)
      guard let archive = try? ImageArchive(path, format: format), let identifier = try? archive.identifier(tag: nil),
        let found = try? archive.image(identifier, platform: Platform(architecture: "amd64")),
        let digests = try? contents(of: archive, found.image)
      else { continue }
      #expect(digests == found.image.layers.map(\.descriptor.digest))
    }
  }
}
