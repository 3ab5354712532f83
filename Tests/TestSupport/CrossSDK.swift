import Foundation
import SematicFiles

/// A Swift SDK for the other of linux/amd64 and linux/arm64, made by `Tests/cross-sdk`: it compiles C.
package struct CrossSDK: Sendable {
  /// The value of XDG_CONFIG_HOME by which SwiftPM finds it, under the name `other`.
  package let configurationFolder: String

  package init(in folder: TemporaryFolder) throws {
    configurationFolder = folder.file("configuration")
    let result = try ChildProcess.run([VerbScratch.repository + "/Tests/cross-sdk", configurationFolder])
    guard result.status == 0 else { throw ChildProcess.Failure(result.output) }
  }

  #if arch(x86_64)
    package static let (ownMachine, machine, architecture) = ("x86_64", "aarch64", "arm64")
  #else
    package static let (ownMachine, machine, architecture) = ("aarch64", "x86_64", "amd64")
  #endif

  /// What runs a program of that processor with the libraries of a folder.
  package static func emulated(_ program: String, root: String) throws -> ChildProcess.Result {
    try ChildProcess.run(["qemu-\(machine)-static", "-L", root, root + program])
  }

  /// For `.enabled(if:)`.
  package static var isAvailable: Bool {
    ChildProcess.canRun("swift", "clang", "qemu-\(machine)-static")
      && FileTree.exists("/usr/\(machine)-linux-gnu/lib/libc.so")
  }
}
