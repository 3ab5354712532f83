import SematicCheck
import SematicOCI
import SematicSystem

/// The verdicts on an image, for people and for programs.
struct CheckReport {
  let image: String
  let digest: Digest
  let platform: Platform
  let check: ImageCheck

  var text: String {
    let worker =
      switch check.kind {
      case .swift: "Swift"
      case .python: "Python"
      case .unknown: "unknown"
      }
    return (["worker: \(worker): \(check.kindReason)"] + check.verdicts.map(line)).joined(separator: "\n")
  }

  var failures: String { check.verdicts.filter { $0.status == .fails }.map(line).joined(separator: "\n") }

  /// `fails       entrypoint: there is none; to mend it: ENTRYPOINT [...]`
  private func line(_ verdict: Verdict) -> String {
    let word = verdict.status.rawValue
    let status = word + String(repeating: " ", count: max(0, 10 - word.count))
    let mend = verdict.mend.map { "; to mend it: \($0)" } ?? ""
    // One line for each rule, whatever the image's names hold.
    return "\(status)  \(verdict.rule.title): \(verdict.detail)\(mend)".replacing("\n", with: " ")
  }

  func json() throws -> String {
    let document = Document(
      image: image, digest: digest, platform: platform.description, worker: check.kind, holds: check.holds,
      rules: check.verdicts.map {
        .init(rule: $0.rule, number: $0.rule.number, status: $0.status, detail: $0.detail, mend: $0.mend)
      })
    return String(decoding: try canonicalJSON(document, pretty: true), as: UTF8.self)
  }

  private struct Document: Encodable {
    struct Rule: Encodable {
      let rule: CheckedRule
      /// Of Sematic's seven rules of a custom image.
      let number: Int?
      let status: Verdict.Status
      let detail: String
      let mend: String?
    }

    let image: String
    let digest: Digest
    let platform: String
    let worker: WorkerKind
    let holds: Bool
    let rules: [Rule]
  }
}

private typealias CheckedRule = Rule
