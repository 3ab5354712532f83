import SematicFiles

/// An ELF program or library: its processor, and what it needs to be loaded.
///
/// https://refspecs.linuxfoundation.org/elf/gabi4+/contents.html
package struct ElfFile: Equatable, Sendable, Codable {
  package enum Kind: String, Equatable, Sendable, Codable {
    /// A program at a fixed address.
    case executable
    /// A library, or a program at any address.
    case sharedObject
    /// A compiler's output, which a linker has to make into a program.
    case objectFile
    /// The memory of a process that crashed.
    case coreDump
    case other

    package var isProgram: Bool { self == .executable || self == .sharedObject }

    package var name: String {
      switch self {
      case .executable: "a program"
      case .sharedObject: "a program or library"
      case .objectFile: "an object file, not yet linked"
      case .coreDump: "a core dump"
      case .other: "an ELF file of an unknown type"
      }
    }
  }

  /// A version of a library's symbols that has to be there: `GLIBC_2.35` of `libc.so.6`.
  package struct VersionNeed: Equatable, Sendable, Codable {
    package let library: String
    package let version: String
  }

  package var path: String
  package let machine: ElfMachine
  package let kind: Kind
  /// The loader's absolute path; nil for a library and a statically linked program.
  package let interpreter: String?
  /// The names of the libraries that it needs, in the order in which they are loaded.
  package let needed: [String]
  package let soname: String?
  /// The folders to search for its needs, with `$ORIGIN` as it was written.
  package let runpath: [String]
  /// As `runpath`, and for the needs of what it loads, too.
  package let rpath: [String]
  package let versionNeeds: [VersionNeed]
  /// The versions of its own symbols: `GLIBC_2.36` and all before it.
  package let versionDefinitions: [String]
  /// Libraries that it opens at run time, and can start without.
  package let dlopenNotes: [DlopenNote]
  /// Whether the loader searches for its needs only where it says itself (`-z nodefaultlib`).
  package let hasNoDefaultFolders: Bool

  /// - Throws: `ElfError`, `FileError`.
  package init(_ path: String) throws {
    let reader = try ElfReader(path)
    let header = try ElfHeader(reader)
    let dynamic = try header.dynamic.map { try ElfDynamicSection(reader, header: header, segment: $0) }
    self.path = path
    machine = reader.machine
    kind =
      switch header.type {
      case ET.exec: .executable
      case ET.dyn: .sharedObject
      case ET.rel: .objectFile
      case ET.core: .coreDump
      default: .other
      }
    interpreter = try header.interpreter.map { try reader.text(at: $0.offset) }
    needed = dynamic?.needed ?? []
    soname = dynamic?.soname
    runpath = Self.folders(dynamic?.runpath)
    rpath = Self.folders(dynamic?.rpath)
    versionNeeds = dynamic?.versionNeeds ?? []
    versionDefinitions = dynamic?.versionDefinitions ?? []
    dlopenNotes = try ElfNotes(reader, segments: header.segments).dlopen
    hasNoDefaultFolders = (dynamic?.flags ?? 0) & DF1.nodeflib != 0
  }

  /// Whether it runs without any loader or library.
  package var isStatic: Bool { interpreter == nil && needed.isEmpty }

  /// The platform of images that it runs in: `linux/amd64`.
  /// - Throws: `ElfError` for a processor that images have no name for.
  package var platformName: String {
    get throws {
      guard let name = machine.platformName else { throw ElfError(path: path, reason: .unknownMachine(machine)) }
      return name
    }
  }

  private static func folders(_ list: String?) -> [String] {
    (list ?? "").split(separator: ":").map(String.init)
  }
}
