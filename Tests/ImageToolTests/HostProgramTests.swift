import Foundation
import SematicELF
import TestSupport
import Testing

@testable import ImageTool

@Suite struct HostProgramTests {
  @Test func `a program can run where both the system and the processor are its own`() throws {
    let folder = try TemporaryFolder("foreign")
    // ELF for arm64 and for x86-64; Mach-O for arm64; a script.
    func elf(_ machine: UInt8) throws -> String {
      let header: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1] + Array(repeating: 0, count: 9) + [2, 0, machine, 0]
      let path = folder.file("elf-\(machine)")
      try Data(header).write(to: URL(fileURLWithPath: path))
      return path
    }
    let (arm, intel) = (try elf(183), try elf(62))
    #expect(!HostProgram.isForeign(arm, to: "linux/arm64"))
    #expect(HostProgram.isForeign(arm, to: "linux/amd64"))
    #expect(HostProgram.isForeign(arm, to: "linux/arm"))
    #expect(HostProgram.isForeign(arm, to: "darwin/arm64"))
    #expect(HostProgram.isForeign(intel, to: "darwin/arm64"))
    #expect(!HostProgram.isForeign(intel, to: "linux/amd64"))
    let mac = folder.file("mach-o")
    try Data([0xcf, 0xfa, 0xed, 0xfe, 12, 0, 0, 1]).write(to: URL(fileURLWithPath: mac))
    #expect(!HostProgram.isForeign(mac, to: "darwin/arm64"))
    #expect(!HostProgram.isForeign(try folder.write("script", "#!/bin/sh\n"), to: "darwin/arm64"))
    #expect(!HostProgram.isForeign("/bin/sh"))
  }

  @Test func `a Mach-O program is told of with the SDK that is installed`() throws {
    let error = ElfError(path: "/p/App", reason: .notElf("a program for macOS (Mach-O)"))
    let known = UnfitProgram(error: error, sdk: "x86_64-swift-linux-musl")
    #expect(known.description == "/p/App is a program for macOS (Mach-O), not a program for Linux (ELF)")
    #expect(known.hint?.contains("the Swift SDK that is installed: `") == true)
    #expect(known.hint?.contains("--swift-sdk x86_64-swift-linux-musl ") == true)
    #expect(UnfitProgram(error: error, sdk: nil).hint?.hasPrefix("install the Swift SDK for static Linux") == true)
  }
}
