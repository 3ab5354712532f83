import Foundation
import SematicFiles
import TestSupport
import Testing

@testable import ImageTool

struct ServerCheckTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder("server") }

  private func problem(_ need: ServerNeed, _ environment: [String: String]) -> UnusableServer.Reason? {
    var all = ["HOME": folder.path]
    all.merge(environment) { $1 }
    do {
      try ServerCheck(need: need, caFile: nil, environment: all).run()
      return nil
    } catch {
      return (error as? UnusableServer)?.reason
    }
  }

  private func problem(_ need: ServerNeed, at server: ScriptedServer, _ more: [String: String] = [:])
    -> UnusableServer.Reason?
  {
    problem(need, ["SEMATIC_API_ADDRESS": "http://\(server.address)/"].merging(more) { $1 })
  }

  private let python = ServerNeed(isPython: true, version: [0, 41, 0])
  private let swift = ServerNeed(isPython: false)

  private func server(_ version: String, minimum: String = "[0, 30, 0]", key: String? = nil) throws -> ScriptedServer {
    try ScriptedServer { request in
      switch request.path {
      case "/api/v1/meta/versions": .text(200, "{\"server\": \(version), \"min_client_supported\": \(minimum)}")
      case "/api/v1/meta/env": .text(key == nil || request.headers["x-api-key"] == key ? 200 : 401, "{}")
      default: .text(404, "")
      }
    }
  }

  @Test func `A server of the right version takes the launch`() throws {
    let server = try server("[0, 41, 0]")
    #expect(problem(python, at: server) == nil)
    #expect(problem(swift, at: server) == nil)
    #expect(server.lines.prefix(2) == ["GET /api/v1/meta/versions", "GET /api/v1/meta/env"])
  }

  @Test func `A server that is too old, or too new, is told with both versions`() throws {
    let old = try server("[0, 40, 1]")
    #expect(problem(python, at: old) == .serverTooOld([0, 40, 1], needed: [0, 41, 0]))
    #expect(problem(ServerNeed(isPython: true), at: old) == nil)
    #expect(problem(swift, at: old) == nil)
    #expect(try problem(swift, at: server("[0, 29, 9]")) == .serverTooOld([0, 29, 9], needed: [0, 30, 0]))
    let new = try server("[0, 50, 0]", minimum: "[0, 42, 0]")
    #expect(problem(python, at: new) == .clientTooOld([0, 41, 0], needed: [0, 42, 0]))
    #expect(problem(swift, at: new) == .clientTooOld([0, 41, 0], needed: [0, 42, 0]))
  }

  @Test func `A key is asked for before anything is built`() throws {
    let server = try server("[0, 41, 0]", key: "right")
    #expect(problem(python, at: server) == .key(origin: nil))
    #expect(problem(python, at: server, ["SEMATIC_API_KEY": "wrong"]) == .key(origin: "SEMATIC_API_KEY"))
    #expect(problem(python, at: server, ["SEMATIC_API_KEY": "right"]) == nil)
  }

  @Test func `The settings of Sematic's own command are read`() throws {
    let server = try server("[0, 41, 0]", key: "right")
    let file = try folder.write(
      ".sematic/settings.yaml",
      """
      profiles:
        default:
          scopes: {}
          settings:
            sematic.config.user_settings.UserSettings:
              SEMATIC_API_ADDRESS: http://\(server.address)
              SEMATIC_API_KEY: wrong
              __version__: 0.1.0
        other:
          settings:
            sematic.config.user_settings.UserSettings: {SEMATIC_API_ADDRESS: http://127.0.0.1:9}
      version: 1
      """)
    #expect(problem(python, [:]) == .key(origin: file))
    #expect(problem(swift, ["SEMATIC_API_KEY": "right"]) == nil)
    #expect(problem(swift, ["SEMATIC_CONFIG_DIR": "elsewhere"]) == .notConfigured)
  }

  @Test func `No answer, and an answer of something else, are no server`() throws {
    let dead = "http://127.0.0.1:\(try closedPort())"
    guard case .silent = problem(swift, ["SEMATIC_API_ADDRESS": dead]) else {
      Issue.record("a dead server is none")
      return
    }
    #expect(problem(swift, ["SEMATIC_API_ADDRESS": "elsewhere"]) == .silent("its address is not that of a server"))
    let other = try ScriptedServer { _ in .text(200, "<html>") }
    #expect(problem(swift, at: other) == .stranger)
    let failing = try ScriptedServer { _ in .text(503, "") }
    #expect(problem(swift, at: failing) == .silent("it fails (503)"))
    let mute = try ScriptedServer { _ in .nothing }
    #expect(problem(swift, at: mute) != nil)
    let slow = try ScriptedServer { _ in
      usleep(2_500_000)
      return .nothing
    }
    #expect(problem(swift, at: slow) == .silent("it did not answer in time"))
  }

  @Test func `An address that redirects is followed, as by Sematic's client`() throws {
    let server = try server("[0, 41, 0]", key: "right")
    let front = try ScriptedServer { .status(308, ["Location": "http://\(server.address)\($0.target)"]) }
    #expect(problem(python, at: front, ["SEMATIC_API_KEY": "right"]) == nil)
  }

  @Test(.enabled(if: SematicServer.isAvailable)) func `The real server takes the launch, and refuses a wrong key`()
    throws
  {
    let server = try SematicServer(key: "right")
    defer { server.stop() }
    let address = ["SEMATIC_API_ADDRESS": server.address]
    #expect(problem(python, address) == .key(origin: nil))
    #expect(problem(swift, address.merging(["SEMATIC_API_KEY": "wrong"]) { $1 }) == .key(origin: "SEMATIC_API_KEY"))
    #expect(problem(python, address.merging(["SEMATIC_API_KEY": "right"]) { $1 }) == nil)
  }
}
