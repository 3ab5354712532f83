import SematicCheck
import SematicOCI
import SematicSystem

/// The verdicts on an image, for people and for programs.
struct CheckReport {
  let image: String
  let digest: Digest
  let platform: Platform
  let check: ImageCheck

  /// `12 checks passed, 1 unknown`.
  var summary: String {
    let words: [Verdict.Status: String] = [.pass: "passed", .fail: "failed", .unknown: "unknown", .waived: "waived"]
    let counts = [Verdict.Status.pass, .fail, .unknown, .waived].compactMap { status -> String? in
      let count = check.verdicts.count { $0.status == status }
      guard count > 0, let word = words[status] else { return nil }
      return status == .pass ? "\(count) check\(count == 1 ? "" : "s") passed" : "\(count) \(word)"
    }
    return counts.joined(separator: ", ")
  }

  var lines: [String] {
    let worker =
      switch check.kind {
      case .swift: "Swift"
      case .python: "Python"
      case .unknown: "unknown"
      }
    return (["worker: \(worker): \(check.kindReason)"] + check.verdicts.map(line))
  }

  var failures: [String] { check.verdicts.filter { $0.status == .fail }.map(line) }

  /// `fail        entrypoint: there is none; to fix it: ENTRYPOINT [...]`
  private func line(_ verdict: Verdict) -> String {
    let word = verdict.status.rawValue
    let status = word + String(repeating: " ", count: max(0, 10 - word.count))
    let fix = verdict.fix.map { "; to fix it: \($0)" } ?? ""
    return "\(status)  \(verdict.rule.title): \(verdict.detail)\(fix)"
  }

  /// One object; for several platforms, one with all of theirs.
  static func json(_ reports: [CheckReport]) throws -> String {
    let documents = reports.map(\.document)
    let bytes =
      try documents.count == 1
      ? canonicalJSON(documents[0], pretty: true)
      : canonicalJSON(JSONReports(passes: documents.allSatisfy(\.passes), platforms: documents), pretty: true)
    return String(decoding: bytes, as: UTF8.self)
  }

  private struct JSONReports: Encodable {
    let passes: Bool
    let platforms: [JSONReport]
  }

  private var document: JSONReport {
    JSONReport(
      image: image, digest: digest, platform: platform.description, worker: check.kind, passes: check.passes,
      rules: check.verdicts.map {
        .init(rule: $0.rule, number: $0.rule.number, status: $0.status, detail: $0.detail, fix: $0.fix)
      })
  }

  private struct JSONReport: Encodable {
    struct JudgedRule: Encodable {
      let rule: CheckRule
      /// The number among Sematic's seven rules of a custom image.
      let number: Int?
      let status: Verdict.Status
      let detail: String
      let fix: String?
    }

    let image: String
    let digest: Digest
    let platform: String
    let worker: WorkerKind
    let passes: Bool
    let rules: [JudgedRule]
  }
}
