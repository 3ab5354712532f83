import Foundation
import SematicOCI
import TestSupport
import Testing

@testable import SematicCheck

/// A whole worker image in parts that a test changes.
struct JudgedImage {
  var layers: [[CraftedEntry]]
  var configuration = ImageConfiguration(platform: Platform(architecture: "amd64"))
  var place = PullLocation.registry("registry.example/team/image")
  var wanted: Platform?

  static let passwd = "root:x:0:0:root:/root:/bin/sh\nworker:x:1000:1000::/home/worker:/bin/sh\n"
  static let group = "root:x:0:\nworker:x:1000:\nstaff:x:50:worker\n"

  static let system: [CraftedEntry] = [
    .folder("etc"), .file("etc/passwd", passwd), .file("etc/group", group), .folder("tmp", mode: 0o1777),
    .folder("root", mode: 0o700), .folder("home"), .folder("home/worker", owner: 1000), .folder("usr"),
    .folder("usr/bin"), .folder("usr/lib"), .link("bin", "usr/bin"), .link("lib", "usr/lib"), .link("lib64", "usr/lib"),
    .program("usr/bin/dash", CraftedElf.program(["libc.so.6"]).bytes), .link("usr/bin/sh", "dash"),
    .program("usr/lib/ld-linux-x86-64.so.2", CraftedElf.library().bytes),
    .program("usr/lib/libc.so.6", cLibrary(["GLIBC_2.2.5", "GLIBC_2.34", "GLIBC_2.36"])),
    .folder("etc/ssl"), .folder("etc/ssl/certs"), .file("etc/ssl/certs/ca-certificates.crt", "certificates"),
    .folder("sematic"),
    .folder("sematic/bin", mode: 0o1777),
  ]

  static func cLibrary(_ versions: [String]) -> [UInt8] {
    CraftedElf(soname: "libc.so.6", versionDefinitions: versions).bytes
  }

  static func program(_ needed: [String] = ["libc.so.6"], version: String = "GLIBC_2.34") -> [UInt8] {
    var elf = CraftedElf.program(needed)
    elf.versionNeeds = [("libc.so.6", [version])]
    return elf.bytes
  }

  static var python: JudgedImage {
    var image = JudgedImage(layers: [
      system,
      [
        .program("usr/bin/python3.11", program()), .link("usr/bin/python3", "python3.11"),
        .file("usr/lib/python3/dist-packages/sematic/resolvers/worker.py"),
      ],
    ])
    image.configuration.entrypoint = ["/usr/bin/python3", "-m", "sematic.resolvers.worker"]
    image.configuration.user = "worker"
    image.configuration.environment = ["PATH=/sematic/bin:/usr/bin"]
    return image
  }

  static var swift: JudgedImage {
    var image = JudgedImage(layers: [system, [.program("sematic/bin/Program", program())]])
    image.configuration.entrypoint = ["/sematic/bin/Program"]
    image.configuration.environment = ["PATH=/sematic/bin:/usr/bin"]
    return image
  }

  func with(_ change: (inout JudgedImage) -> Void) -> JudgedImage {
    var copy = self
    change(&copy)
    return copy
  }

  func above(_ entries: CraftedEntry...) -> JudgedImage { with { $0.layers.append(entries) } }

  func check() throws -> ImageCheck {
    let image = try CraftedImage(layers)
    return try ImageCheck(configuration, files: ImageFiles(image.tree()), place: place, wanted: wanted)
  }

  func verdict(_ rule: CheckRule) throws -> Verdict {
    try #require(try check().verdicts.first { $0.rule == rule })
  }

  func status(_ rule: CheckRule) throws -> Verdict.Status { try verdict(rule).status }
}
