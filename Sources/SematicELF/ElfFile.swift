import SematicFiles
import SematicOCI

/// What an ELF program or library says of itself: its processor, and what it needs to be loaded.
///
/// https://refspecs.linuxfoundation.org/elf/gabi4+/contents.html
package struct ElfFile: Hashable, Sendable, Codable {
  package enum Kind: String, Hashable, Sendable, Codable {
    /// At a fixed address.
    case executable
    /// A library, or a program at any address.
    case sharedObject
    /// An object file, a core dump.
    case other
  }

  /// A version of a library's symbols that has to be there: `GLIBC_2.35` of `libc.so.6`.
  package struct VersionNeed: Hashable, Sendable, Codable {
    package let library: String
    package let version: String
  }

  package let path: String
  package let machine: ElfMachine
  package let kind: Kind
  /// The loader, by absolute path; nil for a library and a statically linked program.
  package let interpreter: String?
  /// Names of libraries, in the order in which they are loaded.
  package let needed: [String]
  package let soname: String?
  /// Folders to search, with `$ORIGIN` as it was written.
  package let runpath: [String]
  package let rpath: [String]
  package let versionNeeds: [VersionNeed]
  /// The versions of its own symbols: `GLIBC_2.36` and all before it.
  package let versionDefinitions: [String]
  /// Libraries that it can do without until it loads them.
  package let loads: [RuntimeLibrary]

  /// - Throws: `ElfError`, `FileError`.
  package init(_ path: String) throws {
    let reader = try ElfReader(path)
    let header = try ElfHeader(reader)
    let dynamic = try header.dynamic.map { try ElfDynamicSection(reader, header: header, segment: $0) }
    self.path = path
    machine = reader.machine
    kind = header.type == 2 ? .executable : header.type == 3 ? .sharedObject : .other
    interpreter = try header.interpreter.map { try reader.text(at: $0.offset) }
    needed = dynamic?.needed ?? []
    soname = dynamic?.soname
    runpath = Self.folders(dynamic?.runpath)
    rpath = Self.folders(dynamic?.rpath)
    versionNeeds = dynamic?.versionNeeds ?? []
    versionDefinitions = dynamic?.versionDefinitions ?? []
    loads = try ElfNotes(reader, segments: header.segments).loads
  }

  /// Whether it runs without any loader or library.
  package var isStatic: Bool { interpreter == nil && needed.isEmpty }

  /// The platform of images that it runs in.
  /// - Throws: `ElfError` for a processor that images have no name for.
  package var platform: Platform {
    get throws {
      guard let platform = machine.platform else { throw ElfError(path: path, reason: .unknownMachine(machine)) }
      return platform
    }
  }

  private static func folders(_ list: String?) -> [String] {
    (list ?? "").split(separator: ":").map(String.init)
  }
}
