import TestSupport
import Testing

@testable import Sematic

@Suite struct RecorderTests {
  /// What a reader gets of an artifact, the first time, the second and so on, and the pauses between.
  private func read(_ bodies: [String]) async throws -> (value: Result<String?, any Error>, pauses: [Int]) {
    let storage = try ScriptedServer { request in .text(200, bodies[min(request.earlier, bodies.count - 1)]) }
    let pauses = Guarded<[Int]>([])
    let retries = SematicClient.Retries { attempt in pauses.withLock { $0.append(attempt) } }
    let client = try SematicClient(address: "http://\(storage.address)", key: nil, retries: retries)
    do {
      let value = try await Recorder(client: client).value(of: "a").string
      return (.success(value), pauses.withLock { $0 })
    } catch {
      return (.failure(error), pauses.withLock { $0 })
    }
  }

  @Test func `a value that somebody is writing over is read again`() async throws {
    let (value, pauses) = try await read(["", "\"the be", "\"the beginning\""])
    #expect(try value.get() == "the beginning")
    #expect(pauses == [1, 2])
  }

  @Test func `a value that stays damaged is an error soon`() async throws {
    let (value, pauses) = try await read(["\"the be"])
    let error = #expect(throws: SematicError.self) { try value.get() }
    #expect(error?.code == .malformedValue)
    #expect(error?.description.contains("the artifact a is not JSON: ") == true)
    #expect(pauses == [1, 2, 3])
  }
}
