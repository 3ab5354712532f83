import Foundation
import SematicFiles
import SematicOCI
import TestSupport
import Testing

extension EndToEndTests.SwiftStepsTests {
  /// What the containers of a pipeline have used, and the server meanwhile.
  private func measured(_ name: String, _ launch: () throws -> RecordedRun) throws -> (record: RecordedRun, peak: Int) {
    let (start, before) = (Date(), cluster.server.processorSeconds)
    let record = try launch()
    let elapsed = Date().timeIntervalSince(start)
    let runs = Set(record.runs.compactMap { $0["id"]?.string })
    let pods = try cluster.kubernetes.pods().filter { $0.arguments.contains(where: runs.contains) }
    // used SECONDS s, MEGABYTES MB
    let used = pods.compactMap { pod -> (seconds: Double, megabytes: Int)? in
      guard let line = pod.log.split(separator: "\n").last(where: { $0.hasPrefix("used ") }) else { return nil }
      let words = line.split(separator: " ")
      return (Double(words[1]) ?? 0, Int(words[3]) ?? 0)
    }
    let peak = used.map(\.megabytes).max() ?? 0
    let seconds = used.map(\.seconds).reduce(0, +)
    let server = cluster.server.processorSeconds - before
    print(
      """
      \(name): \(pods.count) containers, \(Float(elapsed)) s; CPU \(Float(seconds)) s in them, \(Float(server)) s in the \
      server; at most \(peak) MB in one
      """)
    return (record, peak)
  }

  private func pods(of record: RecordedRun) throws -> [KubernetesStandIn.Pod] {
    let runs = Set(record.runs.compactMap { $0["id"]?.string })
    return try cluster.kubernetes.pods().filter { $0.arguments.contains(where: runs.contains) }
  }

  /// All steps of a launch are from the cache or an earlier run. The driver says why one was run again.
  private func expectNothingRunAgain(_ record: RecordedRun) throws {
    let pods = try pods(of: record)
    let logs = pods.map { "\($0.name) \($0.arguments):\n\($0.log)" }.joined(separator: "\n")
    #expect(pods.count == 1, "\(logs)")
    let again = record.runs.filter { $0["name"]?.string == "part" && $0["original_run_id"]?.string == nil }
    #expect(again.isEmpty, "\(again)\n\(logs)")
    #expect(record.runs.count { $0["original_run_id"]?.string != nil } == 50, "\(logs)")
  }

  @Test func `Fifty steps in containers of their own, and none of them twice`() throws {
    let (record, _) = try measured("50 steps") { try cluster.outcome(of: launch("fifty")) }
    #expect(record.state == "RESOLVED", "\(record.run)")
    #expect(try cluster.output(of: record.run, in: record) == .integer(2_450))
    #expect(record.runs.count { $0["name"]?.string == "part" } == 50)
    #expect(try pods(of: record).count == 51)
    let driver = try #require(try cluster.kubernetes.pods(of: "--resolve").first { $0.arguments.contains("6") })
    #expect(driver.arguments.suffix(2) == ["--max-parallelism", "6"])

    // The next launch has them from the cache, and a rerun by the UI's call from the runs before.
    let cached = try measured("50 steps in the cache") { try cluster.outcome(of: launch("fifty")) }.record
    #expect(cached.state == "RESOLVED")
    #expect(try cluster.output(of: cached.run, in: cached) == .integer(2_450))
    try expectNothingRunAgain(cached)
    let total = try #require(record.step("total")?["id"]?.string)
    let rerun = try measured("rerun of the last of 51 steps") {
      let answer = try cluster.server.call(
        "POST", "/resolutions/\(try record.identifier)/rerun", body: "{\"rerun_from\": \"\(total)\"}")
      let content = try #require(answer["content"] as? [String: Any])
      return try cluster.outcome(of: try #require(content["root_id"] as? String))
    }.record
    #expect(rerun.state == "RESOLVED")
    try expectNothingRunAgain(rerun)
  }

  @Test func `Values of 50 MB go from one container to the next`() throws {
    let (record, peak) = try measured("50 MB") { try cluster.outcome(of: launch("large")) }
    #expect(record.state == "RESOLVED", "\(record.run)")
    let sum: [JSONValue] = [.integer(5_640_623_812_500), .number(5_640_623_812_500)]
    #expect(try sum.contains(cluster.output(of: record.run, in: record)))
    #expect(peak > 50)
    // What the program has without them, and three times their bytes.
    #expect(peak < 180)
  }

  @Test func `A step that takes too long is ended with its container`() throws {
    let record = try cluster.outcome(of: launch("late"))
    #expect(record.state == "NESTED_FAILED")
    let step = try #require(record.step("add"))
    #expect(step["future_state"]?.string == "FAILED")
    #expect(step["exception_metadata_json"]?["repr"]?.string?.contains("its timeout of 3.0 seconds") == true, "\(step)")
    let identifier = try #require(step["id"]?.string)
    // Where the node was slow, it has not come to start the container.
    try poll { try cluster.kubernetes.pods(of: identifier).allSatisfy { $0.exitStatus != nil || $0.log.isEmpty } }
  }
}
