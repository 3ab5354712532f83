import Foundation
import SematicOCI

/// What the server has recorded. `/api/v1` is put before each path.
extension SematicServer {
  /// The JSON of an answer, whatever its status.
  package func call(_ method: String, _ path: String, body: String? = nil) throws -> [String: Any] {
    let output = try answer(method, path, body: body, arguments: [])
    guard let object = try? JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any] else {
      throw ChildProcess.Failure("\(method) \(path): \(output)")
    }
    return object
  }

  /// A run's row.
  package func run(_ identifier: String) throws -> [String: Any] {
    try call("GET", "/runs/\(identifier)")["content"] as? [String: Any] ?? [:]
  }

  /// A resolution's row.
  package func resolution(_ identifier: String) throws -> [String: Any] {
    try call("GET", "/resolutions/\(identifier)")["content"] as? [String: Any] ?? [:]
  }

  /// The newest runs, the newest first.
  package func runs() throws -> [[String: Any]] {
    try call("GET", "/runs?limit=50")["content"] as? [[String: Any]] ?? []
  }

  /// The answer to a GET that succeeds.
  package func get(_ path: String) throws -> JSONValue {
    let output = try answer("GET", path, body: nil, arguments: ["--fail-with-body", "--location"])
    return try JSONDecoder().decode(JSONValue.self, from: Data(output.utf8))
  }

  /// Waits until the record at `path` has one of these values, and returns it.
  /// - Parameter seconds: generous, since Python's client repeats a failed call for a minute.
  package func wait(
    for path: String, _ key: String, toBe ends: Set<String>, seconds: Double = 180
  ) throws -> JSONValue {
    let end = Date().addingTimeInterval(seconds)
    while true {
      let record = try get(path)["content"]
      if let record, let value = record[key]?.string, ends.contains(value) { return record }
      guard Date() < end else {
        throw ChildProcess.Failure("\(path) is still \(record?[key]?.string ?? "nothing"): \(log.suffix(4_000))")
      }
      usleep(200_000)
    }
  }

  private func answer(_ method: String, _ path: String, body: String?, arguments: [String]) throws -> String {
    var command = ["curl", "--silent", "--show-error", "--noproxy", "*", "--max-time", "60"] + arguments
    command += ["--request", method, "--header", "Content-Type: application/json"]
    if let key { command += ["--header", "X-API-KEY: \(key)"] }
    if let body { command += ["--data-binary", body] }
    let result = try ChildProcess.run(command + ["\(address)/api/v1\(path)"])
    guard result.status == 0 else {
      throw ChildProcess.Failure("\(method) \(path): \(result.status): \(result.output)")
    }
    return result.output
  }
}
