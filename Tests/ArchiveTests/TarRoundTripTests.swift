import SematicArchive
import SematicOCI
import Testing

@Suite struct TarRoundTripTests {
  @Test(arguments: [nil, LayerCompression.gzip, .zstd])
  func `what is written is read back`(compression: LayerCompression?) throws {
    let long = String(repeating: "n", count: 300)
    let entries: [(TarEntry, [UInt8])] = [
      (.directory("a folder"), []),
      (.file("a folder/ä ö 🎉.txt", size: 5, mode: 0o755), Array("hello".utf8)),
      (.file("a folder/\(long)", size: 512), [UInt8](repeating: 7, count: 512)),
      (.symbolicLink("link", to: "a folder/\(long)"), []),
      (.file("empty", size: 0, mode: 0o600), []),
      (.file("big", size: 300_000), [UInt8](repeating: 9, count: 300_000)),
    ]
    let archive = try bytes { sink in
      let compressed = try compression.map { try CompressedWriter(Compressor($0), to: sink) }
      let tar = TarWriter(to: compressed?.write ?? sink)
      for (entry, content) in entries { try tar.add(entry, content: content) }
      try tar.finish()
      try compressed?.finish()
    }
    var read: [(TarEntry, [UInt8])] = []
    try TarReader.forEachEntry(in: ByteSource(archive)) { entry, reader in
      read.append((entry, try reader.content(limit: 1 << 20)))
    }
    #expect(read.map(\.0) == entries.map(\.0))
    #expect(read.map(\.1) == entries.map(\.1))
  }
}
