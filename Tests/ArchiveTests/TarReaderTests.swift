import SematicArchive
import SematicFiles
import TestSupport
import Testing

@Suite struct TarReaderTests {
  @Test(.enabled(if: ChildProcess.canRun("tar")), arguments: ["v7", "oldgnu", "gnu", "ustar", "posix"])
  func `reads what other tools write`(format: String) throws {
    let folder = try TemporaryFolder("tar")
    let long = format == "v7" ? "short" : String(repeating: "d", count: 90) + "/" + String(repeating: "n", count: 90)
    let longer = ["v7", "ustar"].contains(format) ? "other" : String(repeating: "ü", count: 120)
    try folder.write("in/\(long)", "hello", mode: 0o750)
    try folder.write("in/\(longer)", [UInt8](repeating: 65, count: 700))
    try FileTree.symbolicLink(at: folder.file("in/link"), to: longer)
    let result = try ChildProcess.run([
      "tar", "-cf", folder.file("a.tar"), "--format", format, "--sort=name", "--owner=:7", "--group=:8",
      "--mtime=@1700000000", "-C", folder.file("in"), ".",
    ])
    #expect(result.status == 0, "\(result.output)")
    var found: [String: String] = [:]
    try TarReader.forEachEntry(in: ByteSource(InputFile(folder.file("a.tar")))) { entry, reader in
      #expect(entry.owner == 7 && entry.group == 8 && entry.modified == 1_700_000_000)
      let content = String(decoding: try reader.content(limit: 1000), as: UTF8.self)
      found[entry.path] = "\(entry.kind) \(String(entry.mode, radix: 8)) \(content.prefix(5)) \(content.utf8.count)"
    }
    #expect(found["."] == "directory 755  0")
    #expect(found["./" + long] == "file 750 hello 5")
    #expect(found["./" + longer] == "file 644 AAAAA 700")
    #expect(found["./link"] == "symbolicLink(\"\(longer)\") 777  0")
    #expect(found.count == (format == "v7" ? 4 : 5))
  }

  @Test func `skips content that nobody reads`() throws {
    let folder = try TemporaryFolder("tar")
    let content = Noise().bytesOnce(400_000)
    let bytes = try archive { tar in
      for index in 0..<5 { try tar.add(.file("\(index)", size: 400_000), content: content) }
    }
    try folder.write("a.tar", bytes)
    let reader = try TarReader(ByteSource(InputFile(folder.file("a.tar"))))
    var offsets: [Int64] = []
    while let entry = try reader.next() {
      if entry.path == "3" { #expect(try reader.content(limit: 400_000) == content) }
      offsets.append(reader.contentOffset)
    }
    #expect(offsets == (0..<5).map { 512 + $0 * (512 + 400_384) })
    #expect(throws: ArchiveError.self) {
      let reader = try TarReader(ByteSource(bytes))
      _ = try reader.next()
      _ = try reader.content(limit: 399_999)
    }
  }

  @Test func `an archive that was cut is an error`() throws {
    let bytes = try archive { tar in
      try tar.add(.file(String(repeating: "ü", count: 200), size: 700), content: [UInt8](repeating: 1, count: 700))
      try tar.add(.file("b", size: 10), content: [UInt8](repeating: 1, count: 10))
    }
    // One byte before the end of every header and content; the end between two entries cannot be told from a whole.
    for length in [511, 513, 1024, 1535, 1537, 2047, 2048, 2747, 3071 + 512, 3584 + 9] {
      #expect(throws: ArchiveError.self, "\(length)") { _ = try read(Array(bytes[..<length])) }
    }
    #expect(try read(bytes).count == 2)
  }

  @Test func `damage is an error and never a crash`() throws {
    let good = try archive { tar in
      try tar.add(.file(String(repeating: "ü", count: 200), size: 700), content: [UInt8](repeating: 1, count: 700))
      try tar.add(.symbolicLink("b", to: String(repeating: "x", count: 200)))
    }
    var noise = Noise()
    var errors = 0
    for round in 0..<4000 {
      var bad = good
      for _ in 0...(round % 4) { bad[noise.next() % bad.count] = UInt8(truncatingIfNeeded: noise.next()) }
      // Half of them with checksums that are right, so that the damage is read.
      if round % 2 == 0 { for block in 0..<(bad.count / 512) { seal(&bad, block * 512) } }
      do { _ = try read(bad) } catch is ArchiveError { errors += 1 }
    }
    #expect(errors > 1000)
  }

  @Test(arguments: [
    ("size", "99999999999999999999"), ("size", "-1"), ("size", "x"), ("path", ""), ("path", "a\u{0}b"),
    ("size", "9223372036854775807"),
  ])
  func `refuses records that make no sense`(key: String, value: String) throws {
    #expect(throws: ArchiveError.self) { _ = try read(extended("\(key)=\(value)\n")) }
  }

  @Test(arguments: [0, 511, 512, 1023, 1024, 2048] as [Int64])
  func `an entry that cannot be so large is an error, also where the rest is skipped`(less: Int64) throws {
    let size = Int64.max - less
    let base256 = try header(flag: "0", size: size) + [UInt8](repeating: 1, count: 4096)
    let pax = try extended("size=\(size)\n") + [UInt8](repeating: 1, count: 4096)
    let folder = try TemporaryFolder("tar")
    for archive in [base256, pax] {
      #expect(throws: ArchiveError.self) { _ = try read(archive) }
      let file = try folder.write("a.tar", archive)
      #expect(throws: ArchiveError.self) {
        try TarReader.forEachEntry(in: ByteSource(InputFile(file))) { _, _ in }
      }
      let reader = try TarReader(ByteSource(archive))
      for _ in 0..<3 { _ = try? reader.next() }
    }
  }

  @Test(arguments: [
    "", " a=b\n", "5 a=b", "99 a=b\n", "0 \n", "-3 a=b\n", "3 \n", "99999999999999999999 a=b\n", "6 a=b\nx",
  ])
  func `refuses malformed records`(_ records: String) throws {
    guard !records.isEmpty else { return #expect(try read(extended(raw: "")).count == 1) }
    #expect(throws: ArchiveError.self) { _ = try read(extended(raw: records)) }
  }

  @Test func `refuses extensions without end`() throws {
    let one = try header(flag: "x", size: 0)
    #expect(throws: ArchiveError.self) { _ = try read(Array(repeatElement(one, count: 100).joined())) }
    #expect(throws: ArchiveError.self) { _ = try read(try header(flag: "x", size: 1 << 40)) }
    #expect(throws: ArchiveError.self) { _ = try read(one) }
  }

  @Test func `an empty archive has no entries`() throws {
    #expect(try read([]).isEmpty)
    #expect(try read([UInt8](repeating: 0, count: 10240)).isEmpty)
    #expect(throws: ArchiveError.self) { _ = try read(Array("this is no archive".utf8)) }
    #expect(throws: ArchiveError.self) { _ = try read([UInt8](repeating: 65, count: 4096)) }
  }

  private func read(_ archive: [UInt8]) throws -> [TarEntry] { try entries(of: archive) }

  private func extended(_ record: String) throws -> [UInt8] {
    // Of two or three digits, the length counts its own.
    let length = record.utf8.count + (record.utf8.count > 96 ? 4 : record.utf8.count > 7 ? 3 : 2)
    return try extended(raw: "\(length) \(record)")
  }

  private func extended(raw records: String) throws -> [UInt8] {
    let content = Array(records.utf8)
    let padding = [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
    let entry = try archive { try $0.add(.file("a", size: 0)) }
    return try header(flag: "x", size: Int64(content.count)) + content + padding + entry
  }

  private func header(flag: Unicode.Scalar, size: Int64) throws -> [UInt8] {
    var block = try bytes { try TarWriter(to: $0).begin(.file("header", size: size)) }.suffix(512) as [UInt8]
    if size > 0o777_7777_7777 {
      block.replaceSubrange(124..<136, with: [0x80, 0, 0, 0] + withUnsafeBytes(of: size.bigEndian) { Array($0) })
    }
    block[156] = UInt8(ascii: flag)
    seal(&block, 0)
    return block
  }

  private func seal(_ bytes: inout [UInt8], _ offset: Int) {
    bytes.replaceSubrange((offset + 148)..<(offset + 156), with: repeatElement(32, count: 8))
    let sum = bytes[offset..<(offset + 512)].reduce(0) { $0 + Int($1) }
    let digits = Array(String(sum, radix: 8).utf8)
    bytes.replaceSubrange((offset + 148)..<(offset + 148 + digits.count), with: digits)
  }
}

extension Noise {
  fileprivate func bytesOnce(_ count: Int) -> [UInt8] {
    var copy = self
    return copy.bytes(count)
  }
}
