import SematicOCI

/// The processor that an ELF file is for.
///
/// https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html
package struct ElfMachine: Hashable, Sendable, Codable {
  /// `e_machine`.
  package let number: UInt16
  package let is64Bit: Bool
  package let isLittleEndian: Bool

  package init(number: UInt16, is64Bit: Bool, isLittleEndian: Bool) {
    self.number = number
    self.is64Bit = is64Bit
    self.isLittleEndian = isLittleEndian
  }

  /// In the names of image indexes; nil for a processor that has none there.
  package var platform: Platform? {
    switch (number, is64Bit, isLittleEndian) {
    case (62, true, true): Platform(architecture: "amd64")
    case (183, true, true): Platform(architecture: "arm64")
    // Swift for Linux has never supported an older variant of 32-bit arm.
    case (40, false, true): Platform(architecture: "arm", variant: "v7")
    case (3, false, true): Platform(architecture: "386")
    case (243, true, true): Platform(architecture: "riscv64")
    case (21, true, true): Platform(architecture: "ppc64le")
    case (22, true, false): Platform(architecture: "s390x")
    default: nil
    }
  }

  /// The folder names that Debian's multiarch uses for it.
  package var multiarchNames: [String] {
    switch platform?.architecture {
    case "amd64": ["x86_64-linux-gnu"]
    case "arm64": ["aarch64-linux-gnu"]
    case "arm": ["arm-linux-gnueabihf"]
    case "386": ["i386-linux-gnu"]
    case "riscv64": ["riscv64-linux-gnu"]
    case "ppc64le": ["powerpc64le-linux-gnu"]
    case "s390x": ["s390x-linux-gnu"]
    default: []
    }
  }
}

extension ElfMachine: CustomStringConvertible {
  package var description: String {
    "machine \(number), \(is64Bit ? 64 : 32) bits, \(isLittleEndian ? "little" : "big") endian"
  }
}
