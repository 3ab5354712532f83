import Foundation
import TestSupport

/// The matrix as people read it: what came of each fault once, and of the same fault for ever.
struct MatrixTable {
  let text: String

  init(title: String, faults: [Fault], cells: [MatrixCell], results: [MatrixCell.Outcome]) {
    var words: [String: String] = [:]
    for (cell, outcome) in zip(cells, results) {
      let key = "\(cell.fault)/\(cell.step)"
      let word = Self.word(outcome)
      words[key] = words[key].map { "\($0)/\(word)" } ?? word
    }
    func row(_ name: String, _ columns: [String]) -> String {
      ([name.padding(toLength: 26, withPad: " ", startingAt: 0)]
        + columns.map { $0.padding(toLength: 13, withPad: " ", startingAt: 0) }).joined(separator: " ")
    }
    var lines = [
      "", "\(title): once/always, ok = the right digest, error = a clear error and nothing half-written, - = cannot be",
      row("", Step.allCases.map(\.rawValue)),
    ]
    for fault in faults {
      lines.append(row("\(fault)", Step.allCases.map { words["\(fault)/\($0)"] ?? "-" }))
    }
    let count = { (word: String) in results.count { Self.word($0) == word } }
    lines.append(
      "\(results.count) cells: \(count("ok")) ok, \(count("error")) error, \(count("-")) -, \(count("WRONG")) wrong")
    text = lines.joined(separator: "\n")
  }

  private static func word(_ outcome: MatrixCell.Outcome) -> String {
    switch outcome {
    case .success: "ok"
    case .failure: "error"
    case .unreached: "-"
    case .wrong: "WRONG"
    }
  }
}
