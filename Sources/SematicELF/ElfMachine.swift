/// The processor that an ELF file is for.
///
/// https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html
package struct ElfMachine: Equatable, Sendable, Codable {
  /// The header's `e_machine`.
  package let number: UInt16
  package let is64Bit: Bool
  package let isLittleEndian: Bool

  package init(number: UInt16, is64Bit: Bool, isLittleEndian: Bool) {
    self.number = number
    self.is64Bit = is64Bit
    self.isLittleEndian = isLittleEndian
  }

  /// The processor of an image's platform, whatever its variant; nil for one that no program in Swift is for.
  package init?(architecture: String) {
    let start = "linux/" + architecture
    guard let found = Self.known.first(where: { ($0.platform + "/").hasPrefix(start + "/") }) else { return nil }
    self = found.machine
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

  private var names: Names? { Self.known.first { $0.machine == self } }

  private typealias Names = (machine: ElfMachine, platform: String, multiarch: String)

  private static let known: [Names] = [
    named(EM.x86_64, "linux/amd64", "x86_64-linux-gnu"),
    named(EM.aarch64, "linux/arm64", "aarch64-linux-gnu"),
    // Swift for Linux has never supported an older variant of 32-bit arm.
    named(EM.arm, is64Bit: false, "linux/arm/v7", "arm-linux-gnueabihf"),
    named(EM.i386, is64Bit: false, "linux/386", "i386-linux-gnu"),
    named(EM.riscv, "linux/riscv64", "riscv64-linux-gnu"),
    named(EM.ppc64, "linux/ppc64le", "powerpc64le-linux-gnu"),
    named(EM.s390, isLittleEndian: false, "linux/s390x", "s390x-linux-gnu"),
  ]

  private static func named(
    _ number: UInt16, is64Bit: Bool = true, isLittleEndian: Bool = true, _ platform: String, _ multiarch: String
  ) -> Names {
    (ElfMachine(number: number, is64Bit: is64Bit, isLittleEndian: isLittleEndian), platform, multiarch)
  }
}

extension ElfMachine: CustomStringConvertible {
  package var description: String {
    "machine \(number), \(is64Bit ? 64 : 32) bits, \(isLittleEndian ? "little" : "big") endian"
  }
}
