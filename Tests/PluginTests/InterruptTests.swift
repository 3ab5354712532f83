import Foundation
import SematicFiles
import TestSupport
import Testing

extension PluginTests {
  @Suite struct InterruptTests {
    let copy: StarterCopy

    init() throws {
      copy = try .shared()
      try copy.configure("version: 1\npipelines: {Probe: {base: scratch}}\n")
    }

    enum Stop: String, CaseIterable, Sendable {
      case interrupt = "Ctrl-C"
      case terminate = "SIGTERM"

      func callAsFunction(_ run: SwiftPackageRun) throws {
        switch self {
        case .interrupt: try run.interrupt()
        case .terminate: try run.terminate()
        }
      }
    }

    @Test(arguments: ["run-pipeline", "run-local"], Stop.allCases)
    func `A signal reaches the launch program, and no process is left`(verb: String, stop: Stop) throws {
      let folder = try TemporaryFolder("interrupt")
      let mark = folder.file("signal")
      let run = try copy.start([verb, "--pipeline", "Probe", "--", "--wait", mark])
      try run.waitUntil { FileTree.exists(mark + ".ready") ? () : nil }
      try stop(run)
      _ = run.wait()
      try Self.expectNoProcess(with: mark)
      let signal = String(decoding: (try? FileTree.read(mark)) ?? [], as: UTF8.self)
      #expect(signal == "\(stop == .interrupt ? SIGINT : SIGTERM)" || signal == "\(SIGTERM)")
    }

    @Test(arguments: Stop.allCases) func `A push that is interrupted leaves no process`(stop: Stop) throws {
      let silent = try SilentRegistry()
      let run = try copy.start(["push-image", "--pipeline", "Probe", "--registry", silent.address])
      try run.waitUntil { silent.hasCaller ? () : nil }
      try stop(run)
      #expect(run.wait().status != 0)
      try Self.expectNoProcess(with: silent.address)
    }

    /// The last of them may still be on its way out when `swift package` is gone.
    static func expectNoProcess(with text: String) throws {
      var left = try SwiftPackageRun.processes(with: text)
      for _ in 0..<500 where !left.isEmpty {
        usleep(10_000)
        left = try SwiftPackageRun.processes(with: text)
      }
      #expect(left.isEmpty)
      for process in left { kill(process, SIGKILL) }
    }
  }
}
