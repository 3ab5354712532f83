import Foundation
import TestSupport
import Testing

/// Every fault at every step of a push and a pull; `Tests/fault-matrix` prints the table.
@Suite(.serialized) struct FaultMatrixTests {
  @Test func `no fault of a network harms the embedded registry's clients`() throws { try walk(.embedded) }

  @Test(.enabled(if: DockerRegistry.isAvailable))
  func `no fault of a network harms the clients of docker-registry`() throws { try walk(.docker) }

  private func faults(elsewhere: String) -> [Fault] {
    let statuses = [401, 403, 408, 413, 429, 500, 502, 503, 504].map { Fault.status($0) }
    return [
      .cutRequest(after: 0), .cutRequest(after: 200), .lostAnswer, .cutHead, .cutAnswer(after: 0),
      .cutAnswer(after: 40), .stallRequest(after: 200), .stallAnswer(after: 0), .stallAnswer(after: 40),
      .delay(seconds: 0.1), .truncate(by: 7), .corruptRequest(at: 30), .corruptAnswer(at: 30),
    ] + statuses + [
      .status(401, headers: ["WWW-Authenticate": "Basic realm=\"x\""]),
      .status(429, headers: ["Retry-After": "0"]), .redirect(to: elsewhere), .elsewhere(elsewhere), .closeAfter,
    ]
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
      for step in Step.allCases where step.takes(fault) {
        // docker-registry takes four times as long, and in most of that nothing differs.
        for isLasting in kind == .embedded || isPrinted ? [false, true] : [false] {
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
