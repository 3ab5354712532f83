import Foundation
import TestSupport
import Testing

/// Every fault at every step of a push and a pull; `Tests/fault-matrix` prints the table.
@Suite(.serialized) struct FaultMatrixTests {
  @Test func `no fault of a network harms the embedded registry's clients`() throws { try walk(.embedded) }

  @Test(.enabled(if: DockerRegistry.isAvailable))
  func `no fault of a network harms the clients of docker-registry`() throws { try walk(.docker) }

  @Test(.enabled(if: DockerRegistry.isAvailable))
  func `no fault of a network harms the clients of a registry with tokens`() throws { try walk(.token) }

  private func faults(elsewhere: String) -> [Fault] {
    let statuses = [401, 403, 408, 413, 429, 500, 502, 503, 504].map { Fault.status($0) }
    let (middle, last) = (Fault.middle, Fault.last)
    return [0, 1, middle, last].map { .cutRequest(after: $0) } + [.lostAnswer, .cutHead]
      + [0, 1, middle, last].map { .cutAnswer(after: $0) }
      + [
        .stallRequest(after: middle), .stallAnswer(after: 0), .stallAnswer(after: middle), .delay(seconds: 0.1),
        .truncate(by: 1), .corruptRequest(at: middle), .corruptRequest(at: last), .corruptAnswer(at: middle),
        .corruptAnswer(at: last),
      ] + statuses + [
        .status(401, headers: ["WWW-Authenticate": "Basic realm=\"x\""]),
        .status(429, headers: ["Retry-After": "0"]), .redirect(to: elsewhere), .elsewhere(elsewhere), .closeAfter,
      ]
  }

  /// All cells when the table is printed; else those that differ from each other, within minutes.
  private func isWalked(_ kind: MatrixRegistry.Kind, _ step: Step, _ fault: Fault, isLasting: Bool) -> Bool {
    if isPrinted { return true }
    let isTypical =
      switch fault {
      case .cutRequest(let place), .cutAnswer(let place), .corruptAnswer(let place): place == Fault.middle
      case .status(let status, let headers): [401, 403, 429, 503].contains(status) && headers.isEmpty
      case .lostAnswer, .stallAnswer, .elsewhere, .redirect: true
      default: false
      }
    return switch kind {
    case .embedded: !isLasting || isTypical
    case .docker: !isLasting && (isTypical || step == .upload || step == .chunk)
    case .token: !isLasting && (isTypical || step == .token)
    }
  }

  private func walk(_ kind: MatrixRegistry.Kind) throws {
    let registry = try MatrixRegistry(kind)
    defer { registry.stop() }
    // It says yes to everything, as a hostile host would.
    let elsewhere = try ScriptedServer { request in
      request.headers["authorization"] == nil
        ? .status(["PUT", "POST"].contains(request.method) ? 201 : 200) : .status(500)
    }
    let faults = faults(elsewhere: elsewhere.address)
    var cells: [MatrixCell] = []
    for fault in faults {
      for step in Step.allCases where step.takes(fault) && (step != .token || kind == .token) {
        for isLasting in [false, true] where isWalked(kind, step, fault, isLasting: isLasting) {
          cells.append(
            MatrixCell(
              registry: registry, step: step, fault: fault, isLasting: isLasting, elsewhere: elsewhere,
              number: cells.count))
        }
      }
    }
    let results = MatrixRun(cells).results(threads: 24, secondsPerCell: 120)
    for (cell, outcome) in zip(cells, results) {
      if case .wrong(let what) = outcome {
        Issue.record("\(kind.rawValue): \(cell.fault) \(cell.isLasting ? "always" : "once") at \(cell.step): \(what)")
      }
      // Whatever passes is survived, unless somebody says no or changes bytes.
      if !cell.isLasting, case .failure(let words) = outcome, isPassing(cell.fault) {
        Issue.record("\(kind.rawValue): \(cell.fault) once at \(cell.step) was not survived: \(words)")
      }
    }
    if isPrinted {
      print(MatrixTable(title: kind.rawValue, faults: faults, cells: cells, results: results).text)
    }
  }

  private var isPrinted: Bool { ProcessInfo.processInfo.environment["FAULT_MATRIX"] != nil }

  private func isPassing(_ fault: Fault) -> Bool {
    switch fault {
    case .status(let status, _): status == 408 || status == 429 || status >= 500
    case .truncate, .corruptRequest, .corruptAnswer, .redirect, .elsewhere: false
    default: true
    }
  }
}
