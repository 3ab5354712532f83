import SematicELF

/// What Sematic and Kubernetes ask of an image: the seven rules of a totally custom one, and what a worker needs to run.
package enum Rule: String, CaseIterable, Hashable, Sendable, Codable {
  case sources
  case pushed
  case entrypoint
  case python
  case home
  case writableFolder = "sematic-bin-writable"
  case path = "sematic-bin-on-path"
  case platform
  case interpreter
  case cLibrary = "c-library"
  case libraries
  case certificates
  case temporary = "tmp"

  /// Of the seven rules that Sematic's documentation has for a custom image.
  package var number: Int? { Self.allCases.firstIndex(of: self).flatMap { $0 < 7 ? $0 + 1 : nil } }

  package var title: String {
    switch self {
    case .sources: "source and dependencies inside"
    case .pushed: "in a registry"
    case .entrypoint: "entrypoint"
    case .python: "/usr/bin/python3"
    case .home: "home writable"
    case .writableFolder: "/sematic/bin writable"
    case .path: "/sematic/bin on PATH"
    case .platform: "platform"
    case .interpreter: "interpreter of the entrypoint"
    case .cLibrary: "versions of the C libraries"
    case .libraries: "shared libraries"
    case .certificates: "certificate authorities"
    case .temporary: "/tmp writable"
    }
  }
}

/// What was found about one rule.
package struct Verdict: Hashable, Sendable {
  package enum Status: String, Hashable, Sendable, Codable {
    case holds, fails, unknown
    case notNeeded = "not needed"
  }

  package let rule: Rule
  package var status: Status
  /// What was found, in one line.
  package var detail: String
  /// What would make it hold.
  package var mend: String?

  static func holds(_ rule: Rule, _ detail: String) -> Verdict { .init(rule: rule, status: .holds, detail: detail) }

  static func fails(_ rule: Rule, _ detail: String, mend: String) -> Verdict {
    .init(rule: rule, status: .fails, detail: detail, mend: mend)
  }

  static func unknown(_ rule: Rule, _ detail: String, mend: String? = nil) -> Verdict {
    .init(rule: rule, status: .unknown, detail: detail, mend: mend)
  }

  static func notNeeded(_ rule: Rule, _ detail: String) -> Verdict {
    .init(rule: rule, status: .notNeeded, detail: detail)
  }
}

/// The language of the program that a container of the image starts.
package enum WorkerKind: String, Hashable, Sendable, Codable {
  case swift, python, unknown
}
