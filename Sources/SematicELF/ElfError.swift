import SematicSystem

/// A file that is not the Linux program or library that it should be.
package struct ElfError: ExplainedError, Hashable, Sendable {
  package enum Reason: Hashable, Sendable {
    /// With what it is instead: "a Mach-O program", "a script".
    case notElf(String)
    /// With what is wrong in it.
    case malformed(String)
    /// Images of this processor have no name.
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
    case .malformed(let detail): "\(path) is a damaged ELF file: \(detail)"
    case .unknownMachine(let machine): "\(path) is for a processor that images have no name for (ELF \(machine))"
    }
  }

  package var hint: String? {
    switch reason {
    case .notElf:
      "an image needs a program for Linux: cross-compile it, as in `swift package --swift-sdk ID build-image`"
    case .malformed: "build the product again"
    case .unknownMachine: nil
    }
  }
}
