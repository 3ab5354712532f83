/// The processor that an ELF file is for.
///
/// https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html
package struct ElfMachine: Hashable, Sendable, Codable {
  /// The header's `e_machine`.
  package let number: UInt16
  package let is64Bit: Bool
  package let isLittleEndian: Bool

  package init(number: UInt16, is64Bit: Bool, isLittleEndian: Bool) {
    self.number = number
    self.is64Bit = is64Bit
    self.isLittleEndian = isLittleEndian
  }

  /// The processor of a file; nil for one that is no ELF file.
  package init?(of path: String) {
    guard let reader = try? ElfReader(path) else { return nil }
    self = reader.machine
  }

  /// The platform of image indexes, `linux/arm/v7`; nil for a processor that has no name there.
  package var platformName: String? { names?.platform }

  /// The folder name that Debian's multiarch uses: `x86_64-linux-gnu`.
  package var multiarchName: String? { names?.multiarch }

  private var names: (platform: String, multiarch: String)? {
    switch (number, is64Bit, isLittleEndian) {
    case (EM.x86_64, true, true): ("linux/amd64", "x86_64-linux-gnu")
    case (EM.aarch64, true, true): ("linux/arm64", "aarch64-linux-gnu")
    // Swift for Linux has never supported an older variant of 32-bit arm.
    case (EM.arm, false, true): ("linux/arm/v7", "arm-linux-gnueabihf")
    case (EM.i386, false, true): ("linux/386", "i386-linux-gnu")
    case (EM.riscv, true, true): ("linux/riscv64", "riscv64-linux-gnu")
    case (EM.ppc64, true, true): ("linux/ppc64le", "powerpc64le-linux-gnu")
    case (EM.s390, true, false): ("linux/s390x", "s390x-linux-gnu")
    default: nil
    }
  }
}

extension ElfMachine: CustomStringConvertible {
  package var description: String {
    "machine \(number), \(is64Bit ? 64 : 32) bits, \(isLittleEndian ? "little" : "big") endian"
  }
}
