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
    let passes = JSONValue.bool(reports.allSatisfy(\.check.passes))
    let all = documents.count == 1 ? documents[0] : .object(["passes": passes, "platforms": .array(documents)])
    return String(decoding: try canonicalJSON(all, pretty: true), as: UTF8.self)
  }

  private var document: JSONValue {
    .object([
      "image": .string(image), "digest": .string(digest.description), "platform": .string(platform.description),
      "worker": .string(check.kind.rawValue), "passes": .bool(check.passes),
      "rules": .array(check.verdicts.map(Self.document)),
    ])
  }

  private static func document(_ verdict: Verdict) -> JSONValue {
    var document: [String: JSONValue] = [
      "rule": .string(verdict.rule.rawValue), "status": .string(verdict.status.rawValue),
      "detail": .string(verdict.detail),
    ]
    // The number among Sematic's seven rules of a custom image.
    document["number"] = verdict.rule.number.map { .integer(Int64($0)) }
    document["fix"] = verdict.fix.map { .string($0) }
    return .object(document)
  }
}
