import Foundation
import TestSupport
import Testing

@testable import Sematic

/// The functions that were really called, and one that fails.
private actor Calls {
  private(set) var names: [String] = []
  var failing: String?

  init(failing: String? = nil) { self.failing = failing }

  func note(_ name: String) throws {
    names.append(name)
    if name == failing { throw Broken() }
  }
}

private struct Broken: Error {}

/// `outer` calls `load`, then `middle`, which calls `fit` twice, side by side, and then `join`.
private struct Functions {
  let outer: SematicFunction<Int, Int>

  init(_ calls: Calls) {
    let load = SematicFunction("load") { (number: Int) async throws -> Int in
      try await calls.note("load")
      return number + 1_000
    }
    let fit = SematicFunction("fit") { (number: Int) async throws -> Int in
      try await calls.note("fit \(number)")
      return number * 2
    }
    let join = SematicFunction("join") { (numbers: [Int]) async throws -> Int in
      try await calls.note("join")
      return numbers.reduce(0, +)
    }
    let middle = SematicFunction("middle") { (number: Int) async throws -> Int in
      try await calls.note("middle")
      let first = try await fit(number)
      let second = try await fit(number + 1)
      return try await join([first, second])
    }
    outer = SematicFunction("outer") { (number: Int) async throws -> Int in
      try await calls.note("outer")
      let loaded = try await load(number)
      return try await middle(loaded)
    }
  }
}

@Suite(.enabled(if: SematicServer.isAvailable)) struct RerunTests {
  private func resolver(_ server: SematicServer, _ rerun: Rerun? = nil) -> LocalResolver {
    LocalResolver(environment: ["SEMATIC_API_ADDRESS": server.address], rerun: rerun)
  }

  private func runs(of root: String, on server: SematicServer) throws -> [[String: Any]] {
    try #require(try server.call("GET", "/runs/\(root)/graph?root=1")["runs"] as? [[String: Any]])
  }

  private func identifier(_ name: String, of root: String, on server: SematicServer) throws -> String {
    try #require(try runs(of: root, on: server).first { $0["name"] as? String == name }?["id"] as? String)
  }

  /// The steps that were taken over, by name, with the run that was executed.
  private func originals(of root: String, on server: SematicServer) throws -> [String: String] {
    Dictionary(
      try runs(of: root, on: server).compactMap { run in
        (run["original_run_id"] as? String).map { (run["name"] as? String ?? "", $0) }
      }
    ) { first, _ in first }
  }

  @Test func `a rerun from a step runs that, what is around it and what depends on it`() async throws {
    let server = try SematicServer()
    let first = Calls()
    let done = try await Functions(first).outer.with(1).resolve(with: resolver(server))
    let root = try #require(done.run?.id)
    #expect(await first.names == ["outer", "load", "middle", "fit 1001", "fit 1002", "join"])

    let second = Calls()
    let join = try identifier("join", of: root, on: server)
    let again = try await Functions(second).outer.with(1).resolve(with: resolver(server, .from(join)))
    #expect(again.output == done.output)
    #expect(await second.names == ["outer", "middle", "join"])
    let copy = try #require(again.run?.id)
    #expect(
      try originals(of: copy, on: server) == [
        "load": identifier("load", of: root, on: server), "fit": identifier("fit", of: root, on: server),
      ])

    // With its steps, where all of a function is done; of a rerun, what was executed first.
    let third = Calls()
    let load = try identifier("outer", of: copy, on: server)
    #expect(load == copy)
    let continued = try await Functions(third).outer.with(1).resolve(with: resolver(server, .continuing(copy)))
    #expect(continued.output == done.output)
    #expect(await third.names == [])
    let last = try #require(continued.run?.id)
    let found = try originals(of: last, on: server)
    #expect(found["load"] == (try identifier("load", of: root, on: server)))
    #expect(found["outer"] == copy)
    #expect(found["join"] == (try identifier("join", of: copy, on: server)))
    #expect(try server.resolution(last)["status"] as? String == "COMPLETE")
    let graph = try server.call("GET", "/runs/\(last)/graph?root=1")
    let edges = try #require(graph["edges"] as? [[String: Any]])
    let own = Set(try runs(of: last, on: server).compactMap { $0["id"] as? String })
    #expect(own.count == (try runs(of: root, on: server)).count)
    for edge in edges {
      for end in ["source_run_id", "destination_run_id"].compactMap({ edge[$0] as? String }) {
        #expect(own.contains(end))
      }
      #expect(edge["artifact_id"] is String)
    }
    #expect(edges.count == (try server.call("GET", "/runs/\(root)/graph?root=1")["edges"] as? [Any])?.count)

    // Other arguments: what they change is run.
    let other = Calls()
    let changed = try await Functions(other).outer.with(2).resolve(with: resolver(server, .continuing(copy)))
    #expect(changed.output == done.output + 4)
    #expect(await other.names == ["outer", "load", "middle", "fit 1002", "fit 1003", "join"])

    let foreign = SematicFunction("foreign") { (number: Int) in number }
    let misuse = await #expect(throws: SematicError.self) {
      try await foreign.with(1).resolve(with: resolver(server, .from(join)))
    }
    #expect(misuse?.code == .misuse)
    let missing = await #expect(throws: SematicError.self) {
      try await foreign.with(1).resolve(with: resolver(server, .from(String(repeating: "0", count: 32))))
    }
    #expect(missing.map { "\($0)" }?.contains("there is no run") == true, "\(String(describing: missing))")
  }

  @Test func `a pipeline that failed goes on where it failed`() async throws {
    let server = try SematicServer()
    let first = Calls(failing: "fit 1002")
    await #expect(throws: Broken.self) { try await Functions(first).outer.with(1).resolve(with: resolver(server)) }
    let root = try #require(try server.runs().first { $0["name"] as? String == "outer" }?["id"] as? String)
    let second = Calls()
    let done = try await Functions(second).outer.with(1).resolve(with: resolver(server, .continuing(root)))
    #expect(done.output == 4_006)
    #expect(await second.names == ["outer", "middle", "fit 1002", "join"])
    #expect(Set(try originals(of: try #require(done.run?.id), on: server).keys) == ["load", "fit"])
  }
}
