/// The result of checking one rule.
package struct Verdict: Equatable, Sendable {
  package enum Status: String, Equatable, Sendable, Codable {
    case pass, fail, unknown
    case notNeeded = "not needed"
    /// The rule does not pass, and somebody said that this image may do without.
    case waived
  }

  package let rule: CheckRule
  package var status: Status
  /// What was found: one line.
  package var detail: String
  /// How to make it pass.
  package var fix: String?

  static func pass(_ rule: CheckRule, _ detail: String) -> Verdict { .init(rule: rule, status: .pass, detail: detail) }

  static func fail(_ rule: CheckRule, _ detail: String, fix: String) -> Verdict {
    .init(rule: rule, status: .fail, detail: detail, fix: fix)
  }

  static func unknown(_ rule: CheckRule, _ detail: String, fix: String? = nil) -> Verdict {
    .init(rule: rule, status: .unknown, detail: detail, fix: fix)
  }

  static func notNeeded(_ rule: CheckRule, _ detail: String) -> Verdict {
    .init(rule: rule, status: .notNeeded, detail: detail)
  }

  /// The verdict where nobody asks for the rule.
  var waived: Verdict {
    guard status == .fail || status == .unknown else { return self }
    return Verdict(rule: rule, status: .waived, detail: detail)
  }
}
