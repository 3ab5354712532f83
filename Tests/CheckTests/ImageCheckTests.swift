import SematicArchive
import SematicOCI
import TestSupport
import Testing

@testable import SematicCheck

@Suite struct ImageCheckTests {
  @Test func `All rules hold for a Python worker`() throws {
    let check = try JudgedImage.python.check()
    #expect(check.kind == .python)
    #expect(check.verdicts.map(\.rule) == CheckRule.allCases)
    #expect(check.verdicts.filter { $0.status != .pass }.map(\.rule) == [.interpreter])
    #expect(check.passes)
  }

  @Test func `All rules hold for a Swift worker, or are not needed`() throws {
    let check = try JudgedImage.swift.check()
    #expect(check.kind == .swift)
    #expect(check.verdicts.filter { $0.status != .pass }.map(\.rule) == [.python, .interpreter])
    #expect(check.verdicts.allSatisfy { $0.status == .pass || $0.status == .notNeeded })
  }

  @Test func `A layer out of reach makes unknown what needs it, and nothing else`() throws {
    let image = JudgedImage.swift
    let crafted = try CraftedImage(image.layers)
    let tree = try ImageTree(layers: crafted.descriptors) { descriptor in
      if descriptor == crafted.descriptors[0] { throw UnreadableLayer(digest: descriptor.digest, reason: "far away") }
      return ByteSource(crafted.layers[1])
    }
    let check = try ImageCheck(image.configuration, files: ImageFiles(tree), place: .disk)
    let known = check.verdicts.filter { $0.status != .unknown }.map(\.rule)
    #expect(check.passes)
    #expect(known.contains(.path))
    #expect(check.verdicts.first { $0.rule == .temporary }?.detail.contains("far away") == true)
  }

  @Test func `A damaged layer is an error`() throws {
    let image = JudgedImage.swift
    let whole = try CraftedImage(image.layers).layers
    var refused = 0
    var random = SeededRandom(of: "ImageCheckTests")
    for _ in 0..<30 {
      let cut = Array(whole[0].prefix(Int.random(in: 1..<whole[0].count, using: &random)))
      let crafted = try CraftedImage(layers: [cut, whole[1]])
      do {
        let check = try ImageCheck(image.configuration, files: ImageFiles(crafted.tree()), place: .disk)
        // Cut between two entries, it is a shorter layer.
        #expect(check.verdicts.count == CheckRule.allCases.count)
      } catch is ArchiveError { refused += 1 }
    }
    #expect(refused > 0)
  }

  @Test func `Layers below the last answer are not read`() throws {
    let image = JudgedImage.swift.with {
      let program = CraftedEntry.program("sematic/bin/Program", CraftedElf(type: 2).bytes)
      let top: [CraftedEntry] = [.folder("sematic"), .folder("sematic/bin", mode: 0o1777), program]
      $0.layers = [[.file("unrelated")], JudgedImage.system, top]
    }
    let crafted = try CraftedImage(image.layers)
    let check = try ImageCheck(image.configuration, files: ImageFiles(crafted.tree()), place: .disk)
    #expect(check.passes)
    #expect(Set(crafted.reads) == [1, 2])
  }

  @Test func `An image's place decides whether a cluster can pull it`() throws {
    #expect(try JudgedImage.swift.status(.pushed) == .pass)
    #expect(try JudgedImage.swift.with { $0.place = .loopback("127.0.0.1:5000/x") }.status(.pushed) == .unknown)
    #expect(try JudgedImage.swift.with { $0.place = .disk }.status(.pushed) == .unknown)
    #expect(try JudgedImage.swift.with { $0.place = .unpublished }.status(.pushed) == .notNeeded)
  }

  @Test func `Empty images and random configurations are judged without a trap`() throws {
    let entrypoints = [[], [""], ["/"], ["sh", "-c", ""], ["/../.."], ["a/b"], ["/usr/bin"], ["$@", "\n"]]
    let users = [nil, "", ":", "-1", "99999999999999999999", "worker:", ":worker", "nobody", "0:0"]
    for entrypoint in entrypoints {
      for user in users {
        for layers in [[], [JudgedImage.system]] {
          var image = JudgedImage(layers: layers)
          image.configuration.entrypoint = entrypoint
          image.configuration.user = user
          image.configuration.environment = ["PATH", "=", "HOME=", "PATH=::/", "LD_LIBRARY_PATH=:x:/"]
          #expect(try image.check().verdicts.count == CheckRule.allCases.count)
        }
      }
    }
  }
}
