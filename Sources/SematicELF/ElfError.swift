import SematicSystem

/// A file that is not the Linux program or library that it should be.
package struct ElfError: ExplainedError, Equatable, Sendable {
  package enum Reason: Equatable, Sendable {
    /// The file is something else: "a Mach-O program", "a script".
    case notElf(String)
    /// The ELF file is no program: an object file, a core dump.
    case notProgram(ElfFile.Kind)
    /// The ELF file is damaged, in the way that the text says.
    case malformed(String)
    /// The processor has no name in images.
    case unknownMachine(ElfMachine)
  }

  package let path: String
  package let reason: Reason

  package init(path: String, reason: Reason) {
    self.path = path
    self.reason = reason
  }

  package var description: String {
    switch reason {
    case .notElf(let kind): "\(path) is \(kind), not a program for Linux (ELF)"
    case .notProgram(let kind): "\(path) is \(kind.name), and cannot be started"
    case .malformed(let detail): "\(path) is a damaged ELF file: \(detail)"
    case .unknownMachine(let machine): "\(path) is for a processor without a name in images (ELF \(machine))"
    }
  }

  package var hint: String? {
    switch reason {
    case .notElf:
      "an image needs a program for Linux; cross-compile it: `swift package --swift-sdk ID build-image`"
    case .notProgram: "name the program that the linker makes: `swift build` prints where it lies"
    case .malformed: "build it, or copy it, again"
    case .unknownMachine: nil
    }
  }
}
