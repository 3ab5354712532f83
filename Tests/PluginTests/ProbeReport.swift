import Foundation
import TestSupport

/// What the product Probe found where it ran (Tests/Fixtures/Probe).
struct ProbeReport: Decodable {
  let arguments: [String]
  let environment: [String: String]
  let user: UInt32
  let folder: String
  let hasImage: Bool
  let images: [String: String]
  let words: Int
  let note: String
  let libraryNote: String

  /// Reads the line that Probe printed.
  init(_ output: String) throws {
    guard let line = output.split(separator: "\n").first(where: { $0.hasPrefix("probe {") }) else {
      throw ChildProcess.Failure("Probe did not run: \(output)")
    }
    self = try JSONDecoder().decode(ProbeReport.self, from: Data(line.dropFirst("probe ".count).utf8))
  }

  /// Whether it found the resources of its target, of a library target and of a dependency's dynamic library.
  var foundResources: Bool { words == 2 && note == "found\n" && libraryNote == "found in the library\n" }
}

/// The launch programs' variables.
enum Variable {
  static let single = "SEMATIC_CONTAINER_IMAGE"
  static let several = "SEMATIC_CONTAINER_IMAGE_URIS"
  static let command = "SEMATIC_CLI_RUN_COMMAND"
  static let build = "SEMATIC_IMAGE_BUILD_CONFIG"
}

extension SwiftPackageRun.Result {
  /// The references `name@sha256:...` that it printed, one a line.
  var references: [String] {
    lines.map(String.init).filter { $0.wholeMatch(of: /[^ @]+@sha256:[0-9a-f]{64}/) != nil }
  }

  /// The layouts that it printed as `oci:PATH:TAG`.
  var layouts: [(path: String, tag: String)] {
    lines.compactMap { line in
      guard let match = line.wholeMatch(of: /oci:(.+):([^:]+)/) else { return nil }
      return (String(match.1), String(match.2))
    }
  }
}

extension String {
  /// `sha256:...` of a reference.
  var digest: String { String(self[(lastIndex(of: "@").map { index(after: $0) } ?? startIndex)...]) }
}
