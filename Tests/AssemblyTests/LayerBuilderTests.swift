import Foundation
import SematicArchive
import SematicFiles
import SematicOCI
import TestSupport
import Testing

@testable import SematicAssembly

@Suite struct LayerBuilderTests {
  private let folder: TemporaryFolder
  private let builder: LayerBuilder

  init() throws {
    folder = try TemporaryFolder("layer")
    builder = LayerBuilder(folder: folder.file("cache"), compressor: try Compressor())
  }

  @Test func `the same content is the same layer everywhere`() throws {
    let layer = try builder.build(try sample("one", reversed: false, mode: 0o755))
    #expect(
      layer.diffID.description == "sha256:aab12c538d5ac2c7f9db5a9a99d7a244804877dfd4e5d7fd8594575e2505c9b5")
    #expect(layer.descriptor.mediaType == .layerGzip)
    #expect(layer.createdBy == "swift-sematic: data")
    // zlib promises nothing about its output from version to version.
    if builder.compressor.identity == "pieces 2, zlib 1.2.13, its own level" {
      #expect(
        layer.descriptor.digest.description == "sha256:d63211e4b2237eef33379ccaa19a5774008844b5580f60715cbe47a4f1c85bd3"
      )
    }
    let again = try LayerBuilder(folder: folder.file("other"), compressor: builder.compressor).build(
      try sample("a folder/of its own/two", reversed: true, mode: 0o700))
    #expect(again.descriptor == layer.descriptor)
    #expect(again.diffID == layer.diffID)
  }

  @Test func `the blob is what the descriptor says`() throws {
    let layer = try builder.build(try sample("one", reversed: false, mode: 0o755))
    let path = folder.file("cache/sha256/" + layer.descriptor.digest.hex)
    #expect(layer.content == .file(path))
    let blob = try FileTree.read(path)
    #expect(try Descriptor(of: blob, mediaType: .layerGzip) == layer.descriptor)
    #expect(try FileStatus(of: path).mode == 0o444)
    let tar = GzipReader(ByteSource(blob)).output
    let hasher = try DigestHasher()
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 16)
    defer { buffer.deallocate() }
    while case let count = try tar.read(buffer), count > 0 {
      hasher.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
    #expect(try hasher.digest() == layer.diffID)
    #expect(try FileTree.names(in: folder.file("cache/sha256")) == [layer.descriptor.digest.hex])
  }

  @Test func `who follows a layer knows near its end how much is likely to come`() throws {
    // Half of it is noise.
    let zeros = [UInt8](repeating: 0, count: 512 << 10)
    let plan = LayerPlan(
      kind: .data,
      files: (10..<22).map { number in
        let noise = zeros.dropLast(512).map { _ in UInt8.random(in: 0...255) }
        return PlannedFile(path: "file-\(number)", content: .bytes(zeros + noise))
      })
    var growth: [(size: Int64, rest: Int64?)] = []
    let size = try builder.build(plan) { growth.append(($1, $2)) }.descriptor.size
    // The header, and each of the first pieces.
    #expect(growth.prefix(4).allSatisfy { $0.rest == nil })
    let ends = growth.dropFirst(4)
    #expect(ends.count > 8)
    for end in ends { #expect(abs(try #require(end.rest) - (size - end.size)) < 64 << 10) }
    #expect(growth.last?.rest == 0)
  }

  @Test func `what tar adds is counted in what is likely to come`() throws {
    let name = String(repeating: "n", count: 200)
    let plan = LayerPlan(
      kind: .data, files: (10_000..<16_000).map { PlannedFile(path: "\(name)\($0)", content: .bytes([1])) })
    var rests: [Int64?] = []
    _ = try builder.build(plan) { rests.append($2) }
    #expect(rests.prefix(4).allSatisfy { $0 == nil })
    #expect(rests.dropFirst(4).dropLast(3).allSatisfy { ($0 ?? 0) > 0 })
    #expect(rests.last == 0)
  }

  @Test(arguments: [1, 2]) func `who follows a layer can end its building, and nothing is left of it`(count: Int) throws
  {
    struct Enough: Error {}
    let plan = try sample("one", reversed: false, mode: 0o755)
    var calls = 0
    #expect(throws: Enough.self) {
      try builder.build(plan) { _, _, _ in
        calls += 1
        if calls == count { throw Enough() }
      }
    }
    #expect(try FileTree.names(in: folder.file("cache/sha256")) == [])
  }

  @Test func `modes are those of the files or of the plan`() throws {
    let program = try folder.write("program", "#!", mode: 0o700)
    let data = try folder.write("data", "1", mode: 0o666)
    let others = try folder.write("others", "1", mode: 0o611)
    try FileTree.symbolicLink(at: folder.file("link"), to: program)
    let layer = try builder.build(
      LayerPlan(
        kind: .program,
        files: [
          PlannedFile(path: "a-program", content: .file(SourceFile(program))),
          PlannedFile(path: "b-data", content: .file(SourceFile(data))),
          PlannedFile(path: "c-link", content: .file(SourceFile(folder.file("link")))),
          PlannedFile(path: "d-mode", content: .file(SourceFile(data)), mode: 0o4750),
          PlannedFile(path: "e-bytes", content: .bytes([1])),
          PlannedFile(path: "f-folder", content: .directory, owner: FileOwner(user: 1234, group: 56)),
          PlannedFile(path: "g-others", content: .file(SourceFile(others))),
          PlannedFile(path: "h-symbolic", content: .symbolicLink("../x")),
        ]))
    var owned = TarEntry.directory("f-folder")
    (owned.owner, owned.group) = (1234, 56)
    #expect(
      try files(layer) == [
        .file("a-program", size: 2, mode: 0o755), .file("b-data", size: 1, mode: 0o644),
        .file("c-link", size: 2, mode: 0o755), .file("d-mode", size: 1, mode: 0o4750), .file("e-bytes", size: 1),
        owned, .file("g-others", size: 1, mode: 0o644), .symbolicLink("h-symbolic", to: "../x"),
      ])
  }

  @Test(arguments: ["it shrank", "it was written to", "it grew"])
  func `a file that is written to after it was planned is an error`(reason: String) throws {
    let size = 3 << 20
    let path = try folder.write("file", [UInt8](repeating: 1, count: size))
    // Long ago, so that the write that follows is not in the same tick of the clock.
    try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSince1970: 1000)], ofItemAtPath: path)
    let plan = LayerPlan(kind: .data, files: [PlannedFile(path: "a", content: .file(try SourceFile(path)))])
    let file = try #require(FileHandle(forUpdatingAtPath: path))
    switch reason {
    case "it shrank": try file.truncate(atOffset: 10)
    case "it grew": try file.truncate(atOffset: UInt64(size + 10))
    default: try file.write(contentsOf: [2])
    }
    try file.close()
    #expect(throws: ChangedFile(path, reason: reason)) { try builder.build(plan) }
    #expect(try FileTree.names(in: folder.file("cache/sha256")).isEmpty)
  }

  @Test func `only regular files are read`() throws {
    let planned = try folder.write("planned", "1")
    let plan = LayerPlan(
      kind: .data,
      files: [
        PlannedFile(path: "a", content: .bytes([UInt8](repeating: 1, count: 3 << 20))),
        PlannedFile(path: "b", content: .file(try SourceFile(planned))),
      ])
    try FileTree.remove(planned)
    #expect(throws: FileError.self) { try builder.build(plan) }
    // Opening it would wait for a writer.
    #expect(mkfifo(planned, 0o600) == 0)
    #expect(throws: ImagePlanError.self) { try builder.build(plan) }
    #expect(throws: ImagePlanError.self) { try SourceFile(planned) }
    #expect(try FileTree.names(in: folder.file("cache/sha256")).isEmpty)
  }

  @Test func `a folder that cannot be written is an error`() throws {
    let file = try folder.write("file", "")
    let error = #expect(throws: FileError.self) {
      try LayerBuilder(folder: file, compressor: Compressor()).build(
        LayerPlan(kind: .data, files: []))
    }
    #expect(error?.path.hasPrefix(file) == true)
  }

  @Test func `the size is known before anything is read`() throws {
    let plan = try sample("one", reversed: false, mode: 0o755)
    #expect(try files(builder.build(plan)).map(\.size) == plan.files.map { $0.size ?? 0 })
    #expect(plan.size == 2_500_018)
  }

  @Test(.enabled(if: ChildProcess.canRun("tar"))) func `other tools extract it`() throws {
    let layer = try builder.build(try sample("one", reversed: false, mode: 0o755))
    guard case .file(let path) = layer.content else { return #expect(layer.content != .base) }
    try FileTree.createDirectory(folder.file("out"))
    let result = try ChildProcess.run(["tar", "-xzpf", path, "-C", folder.file("out")])
    #expect(result.status == 0 && result.output.isEmpty, "\(result.output)")
    #expect(try FileTree.read(folder.file("out/sematic/data/Grüße an alle 🎉.txt")) == Array("hello".utf8))
    #expect(try FileStatus(of: folder.file("out/sematic/bin/program")).mode == 0o755)
    #expect(try FileStatus(of: folder.file("out/sematic/bin")).modified == 0)
    #expect(try FileTree.read(folder.file("out/sematic/link")) == Array("hello".utf8))
  }

  private func sample(_ name: String, reversed: Bool, mode: UInt16) throws -> LayerPlan {
    let files: [(String, [UInt8], UInt16)] = [
      ("bin/program", [UInt8](repeating: 7, count: 2_500_000), mode),
      ("data/Grüße an alle 🎉.txt", Array("hello".utf8), 0o600),
      ("data/" + String(repeating: "n", count: 200), [1, 2, 3], 0o644), ("data/empty", [], 0o664),
    ]
    var planner = LayerPlanner()
    for folder in ["sematic/bin", "sematic/data"] {
      try planner.add(PlannedFile(path: folder, content: .directory, mode: 0o755), to: .data, owner: folder)
    }
    var planned = [
      PlannedFile(path: "sematic/link", content: .symbolicLink("data/Grüße an alle 🎉.txt")),
      PlannedFile(path: "sematic/entrypoint", content: .bytes(Array("#!/bin/sh\n".utf8)), mode: 0o755),
    ]
    for (path, content, mode) in files {
      let file = try folder.write("\(name)/\(path)", content, mode: mode)
      planned.append(PlannedFile(path: "sematic/\(path)", content: .file(try SourceFile(file))))
    }
    try planner.add(reversed ? planned.reversed() : planned, to: .data, owner: name)
    return try planner.layers(isWhole: false)[0]
  }

  private func files(_ layer: Layer) throws -> [TarEntry] {
    guard case .file(let path) = layer.content else { return [] }
    var found: [TarEntry] = []
    try TarReader.forEachEntry(in: ByteSource(InputFile(path))) { entry, _ in found.append(entry) }
    return found
  }
}
