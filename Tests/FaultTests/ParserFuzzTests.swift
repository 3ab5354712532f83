import Foundation
import SematicArchive
import SematicAssembly
import SematicConfiguration
import SematicFiles
import SematicInventory
import SematicOCI
import TestSupport
import Testing

@testable import SematicELF
@testable import SematicImages
@testable import SematicRegistryClient

/// Everything that reads what others wrote, given nonsense: it may refuse, and nothing else.
///
/// A trap ends the test run; the last line names parser and seed. FAULT_FUZZ says how many seconds each parser gets.
@Suite(.serialized) struct ParserFuzzTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder("fuzz") }

  private func fuzz(_ name: String, _ samples: [[UInt8]], _ parse: ([UInt8]) throws -> Void) throws {
    let seconds = ProcessInfo.processInfo.environment["FAULT_FUZZ"].flatMap { Double($0) }
    // Without a change each of them is understood, or there would be nothing to try.
    for sample in samples { try parse(sample) }
    var mutator = try Mutator(samples, random: SeededRandom(of: "ParserFuzzTests \(name)", seed: 1))
    let start = DispatchTime.now().uptimeNanoseconds
    var (count, refused) = (0, 0)
    while seconds.map({ Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9 < $0 }) ?? (count < 1500) {
      let input = mutator.next()
      count += 1
      let before = DispatchTime.now().uptimeNanoseconds
      do { try parse(input) } catch { refused += 1 }
      let spent = Double(DispatchTime.now().uptimeNanoseconds - before) / 1e9
      if spent > 10 { Issue.record("\(name): input \(count) took \(spent) s") }
    }
    #expect(refused > 0)
  }

  @Test func `the dictionary has the ends of the numbers, as text and as bytes`() throws {
    let words = try Set(Mutator.dictionary())
    for number in [Int64.max, .max - 1 - 511, Int64(Int32.max), Int64(Int32.max) + 1, Int64(UInt32.max) + 1] {
      #expect(words.contains(Array("\(number)".utf8)))
    }
    #expect(words.contains(withUnsafeBytes(of: Int64.max.littleEndian) { Array($0) }))
    #expect(words.contains(withUnsafeBytes(of: Int64.max.bigEndian) { Array($0) }))
    #expect(words.contains(Array("\"".utf8)) && words.contains([0]))
  }

  @Test func `references`() throws {
    let samples = [
      "ubuntu", "ghcr.io/team/app:v1", "localhost:5000/a/b_c@sha256:\(String(repeating: "a", count: 64))",
      "[::1]:5000/a:b", "docker.io/library/debian:bookworm-slim",
    ]
    try fuzz("references", samples.map { Array($0.utf8) }) {
      _ = try ImageReference(String(decoding: $0, as: UTF8.self))
    }
  }

  @Test func `challenges, addresses and ranges`() throws {
    struct Refused: Error {}
    let samples = [
      #"Bearer realm="https://a.example/token",service="s",scope="repository:a:pull,push repository:b:pull""#,
      "Basic realm=x, Bearer realm=https://h:1/t?x=%20,error=\"a\\\"b\"", "https://a.example:443/v2/?n=1#f",
    ]
    try fuzz("challenges", samples.map { Array($0.utf8) }) { bytes in
      let text = String(decoding: bytes, as: UTF8.self)
      let base = try #require(HTTPAddress("https://registry.example/v2/a/"))
      _ = UploadSession.received(text)
      _ = SematicRegistryClient.Registry.next(text)
      _ = TokenScopes([]).adding(text)
      _ = Diagnostic.parse(Data(bytes))
      _ = base.resolving(text)
      let found = Challenge.parse([text])
      let isKnown = found.contains { ["basic", "bearer"].contains($0.scheme) }
      guard isKnown || HTTPAddress(text) != nil else { throw Refused() }
    }
  }

  @Test func `manifests, indexes and configurations`() throws {
    let digest = "sha256:\(String(repeating: "0", count: 64))"
    let descriptor = #"{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"\#(digest)","size":7}"#
    let manifest =
      #"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","#
      + #""config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"\#(digest)","size":2},"#
      + #""layers":[\#(descriptor)],"annotations":{"a":"b"}}"#
    let index =
      #"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":"#
      + #"[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"\#(digest)","size":7,"#
      + #""platform":{"os":"linux","architecture":"arm64","variant":"v8"}}]}"#
    try fuzz("manifests", [manifest, index].map { Array($0.utf8) }) { bytes in
      let document = try ManifestDocument(bytes: Data(bytes), mediaType: nil)
      if case .manifest(let manifest) = document.content { _ = try canonicalJSON(manifest) }
    }
    let configuration =
      #"{"architecture":"amd64","os":"linux","config":{"Env":["A=b"],"Cmd":["x"],"User":"1"},"#
      + #""rootfs":{"type":"layers","diff_ids":["\#(digest)"]},"history":[{"created_by":"x","empty_layer":true}]}"#
    try fuzz("configurations", [Array(configuration.utf8)]) { bytes in
      let configuration = try ImageConfiguration(bytes: Data(bytes))
      _ = (configuration.environment, configuration.labels, configuration.platform, configuration.entrypoint)
      _ = try configuration.encoded()
    }
  }

  @Test func `inventories`() throws {
    struct Refused: Error {}
    let record = "a/b,,\na/__init__.py,sha256=x,1\r\n\"a/b, \"\"c\"\".py\",,\n../../etc/passwd,,\n"
    let samples = [
      "Metadata-Version: 2.1\nName: Some.Package\nVersion: 1.0+local\n\ntext", record,
      "PRETTY_NAME=\"Debian\"\nID=debian\nVERSION_ID=\"12\"\n", "https://user:s3cret@git.example:8443/a/b.git?x#y",
      "Package: libc6\nStatus: install ok installed\nArchitecture: amd64\nVersion: 2.36-9\n\nPackage: b\n",
      #"{"object":{"dependencies":[{"packageRef":{"identity":"a","location":"https://a/b","name":"a"},"#
        + #""state":{"name":"sourceControlCheckout","checkoutState":{"revision":"1"}},"subpath":"a"}]}}"#,
    ]
    let dpkg = folder.file("root/var/lib/dpkg")
    for name in ["libc6:amd64", "b"] { try folder.write("root/var/lib/dpkg/info/\(name).list", "/lib/\(name)\n") }
    let program = try folder.write("package/.build/machine/release/program", "")
    let digest = try Digest.of([])
    try fuzz("inventories", samples.map { Array($0.utf8) }) { bytes in
      let text = String(decoding: bytes, as: UTF8.self)
      let release = SystemRelease(text)
      try AtomicFile.write(bytes, to: dpkg + "/status")
      let system = try DebianPackages(root: folder.file("root"), release: release)?
        .components(of: ["lib/c": "/lib/libc6:amd64", "lib/b": "/lib/b"])
      let python = PythonDistribution.list(among: ["p/a-1.dist-info/METADATA", "p/a-1.dist-info/RECORD", "p/a/b"]) {
        _ in
        bytes
      }
      try AtomicFile.write(bytes, to: folder.file("package/.build/workspace-state.json"))
      let linked = BuildFolder(of: program)?.packages(of: "program", libraries: []) ?? []
      try AtomicFile.write(Array("layer contents 1\n".utf8) + bytes, to: folder.file("records/\(digest.hex).contents"))
      _ = try? LayerContents.files(ofLayer: digest, at: folder.file("none"), remembering: folder.file("records"))
      let swift = Component.swiftPackage("a", version: text, revision: nil, address: text)
      let components = (system ?? []) + python.map(Component.pythonPackage) + linked + [swift]
      let inventory = Inventory(
        name: text, digest: digest, platform: Platform(architecture: "amd64"), created: CreationTime.fixed.text,
        tool: "t", application: "a", components: components, files: [])
      // Whatever was read, the documents are JSON.
      let bill: JSONValue = try decodeJSON(from: SPDXDocument(inventory).encoded())
      guard bill["packages"]?.array?.count == 1 + components.count else { throw ChildProcess.Failure("lost packages") }
      let provenance = Provenance(inventory, command: "build", settings: .null, source: nil)
      let _: JSONValue = try decodeJSON(from: provenance.encoded())
      // Of random text nothing is understood, which is no error anywhere.
      let isKnown =
        release.identifier != nil || swift.location != nil || system?.contains { $0.version != nil } == true
        || python.contains { $0.name != "a" || $0.files.count > 2 } || text.hasPrefix("{")
      guard isKnown else { throw Refused() }
    }
  }

  @Test func `layouts`() throws {
    let store = MemoryStore()
    let image = try RandomImage.base(in: store, layers: 1, size: 600)
    let layout = try ImageLayoutDestination(folder.file("layout"))
    let digest = try publish(image, base: store, to: layout, tags: ["one"]).digest
    let index = folder.file("layout/index.json")
    try fuzz("layouts", [FileTree.read(index)]) { bytes in
      try AtomicFile.write(bytes, to: index)
      let layout = try ImageLayout(folder.file("layout"))
      let found = try layout.image(layout.identifier(tag: nil), platform: image.configuration.platform)
      // Whatever the index says, what is found is what its digest says.
      #expect(found.manifest.descriptor.digest == digest)
    }
  }

  @Test func `tar, gzip and zstd`() throws {
    var tar: [UInt8] = []
    let writer = TarWriter { tar += Array($0) }
    try writer.add(.file("a/b", size: 5), content: Array("hello".utf8))
    try writer.add(.file(String(repeating: "long/", count: 60) + "é", size: 3), content: Array("abc".utf8))
    try writer.finish()
    func packed(_ compression: LayerCompression) throws -> [UInt8] {
      var packed: [UInt8] = []
      let writer = try CompressedWriter(Compressor(compression)) { packed += Array($0) }
      try tar.withUnsafeBytes { try writer.write($0) }
      try writer.finish()
      return packed
    }
    try fuzz("tar", [tar, packed(.gzip), packed(.zstd)]) { bytes in
      let reader = try TarReader(ByteSource(bytes))
      var entries = 0
      while try reader.next() != nil, entries < 1000 {
        _ = try reader.content(limit: 1 << 20)
        entries += 1
      }
    }
  }

  @Test func `ELF files`() throws {
    let path = folder.file("mutated")
    // The headers are at the beginning, and the dynamic section of a small program is not far.
    try fuzz("ELF", [CraftedProgram.dynamic(in: folder)]) { bytes in
      try AtomicFile.write(bytes, to: path)
      _ = try ElfFile(path)
    }
    var loading = CraftedElf.program(["libc.so.6"])
    loading.loadingNote = CraftedElf.curlNote
    try fuzz("ELF notes", [loading.bytes]) { bytes in
      try AtomicFile.write(bytes, to: path)
      _ = try ElfFile(path)
    }
    let program = try FileTree.read(CraftedProgram.write(in: folder, size: 8))
    try fuzz("ELF headers", [Array(program.prefix(1024))]) { bytes in
      try AtomicFile.write(bytes + program.dropFirst(1024), to: path)
      _ = try ElfFile(path)
    }
  }

  @Test func `pipeline files`() throws {
    let templates = FileTree.parent(of: FileTree.parent(of: FileTree.parent(of: #filePath))) + "/Templates"
    let starter = try FileTree.read(templates + "/starter/sematic.yaml")
    // All that is commented out, too.
    let text = String(decoding: try FileTree.read(templates + "/sematic.yaml"), as: UTF8.self)
      .replacingOccurrences(of: "  #", with: "  ").replacingOccurrences(of: "data:", with: "labels:")
    let short = "version: 1\ndefaults: {registry: ghcr.io/a, env: {A: &x b, C: *x}, tags: [t]}\npipelines:\n  train:\n"
    try fuzz("pipeline files", [Array(starter), Array(short.utf8)]) { bytes in
      try folder.write("package/sematic.yaml", bytes)
      _ = try PipelineFile.load(
        package: folder.file("package"), packageName: "Sample", executableProducts: nil,
        builtinDescriptors: templates)
    }
    var mutator = try Mutator([Array(text.utf8)], random: SeededRandom(of: "ParserFuzzTests sematic.yaml", seed: 5))
    for _ in 0..<300 {
      try folder.write("package/sematic.yaml", mutator.next())
      _ = try? PipelineFile.load(
        package: folder.file("package"), packageName: "Sample", executableProducts: nil,
        builtinDescriptors: templates)
    }
  }
}
