import SematicSystem

/// A library of the package that is for another processor than the program.
package struct MismatchedLibrary: ExplainedError, Equatable, Sendable {
  package let path: String
  package let machine: ElfMachine
  package let executable: ElfFile

  package var description: String {
    "the library \(path) is for \(name(machine)), but the program \(executable.path) is for \(name(executable.machine))"
  }

  package var hint: String? {
    "build both for the same processor; clean the build folder if it was used for another one"
  }

  private func name(_ machine: ElfMachine) -> String {
    machine.platformName ?? "ELF \(machine)"
  }
}
