import Foundation
import TestSupport

/// What stands between a cell's client and its registry, and its token service where it has one.
final class MatrixProxies: Sendable {
  let registry: FaultProxy
  private let tokens: FaultProxy?
  private let preparation: Once
  /// What a registry asks for that wants chunks, in bytes.
  static let chunk: Int64 = 65536

  init(for cell: MatrixCell, configuration: String) throws {
    let (step, fault, isLasting) = (cell.step, cell.fault, cell.isLasting)
    let (once, preparation) = (Once(), Once())
    self.preparation = preparation
    let plan: @Sendable (FaultProxy.Request) -> Fault? = { request in
      // Only what was cut is asked for its state.
      if step == .resume, Step.upload.matches(request, configuration: configuration), preparation.take() {
        return .cutRequest(after: Fault.middle)
      }
      // The first request of all is asked for its credential: the fault is for the one after it.
      let isMet =
        step.matches(request, configuration: configuration)
        && (step == .connect || step == .token || request.headers["authorization"] != nil)
      return isMet && (isLasting || once.take()) ? fault : nil
    }
    let service = cell.registry.tokens.map { "127.0.0.1:\($0.port)" }
    let tokens = try service.map { try FaultProxy(to: $0, plan) }
    self.tokens = tokens
    let realm = tokens?.address ?? ""
    registry = try FaultProxy(
      to: cell.registry.address,
      rewriting: { request, head in
        var head = head
        if let service {
          head = head.map { $0.replacingOccurrences(of: "http://\(service)/", with: "http://\(realm)/") }
        }
        if step.isInChunks, request.method == "POST" { head.append("OCI-Chunk-Min-Length: \(Self.chunk)") }
        return head
      }, plan)
  }

  /// How often the cell's fault came to pass.
  var faults: Int {
    registry.faults + (tokens?.faults ?? 0) - (preparation.isTaken ? 1 : 0)
  }

  func stop() {
    registry.stop()
    tokens?.stop()
  }
}
