import Foundation
import SematicFiles
import SematicOCI

/// The real Sematic server on loopback, with a database and a store of its own. Tests/sematic installs it.
package final class SematicServer: Sendable {
  private let folder: TemporaryFolder
  private let child: ChildProcess
  private let output: String
  let key: String?
  /// `http://127.0.0.1:PORT`
  package let address: String

  /// - Parameters:
  ///   - kubernetes: the address of a Kubernetes API, `http://127.0.0.1:PORT`, where the server runs Jobs.
  ///   - workerAddress: the address by which the containers reach this server; its own unless given.
  ///   - key: that of its only user; without one it knows no users.
  package init(kubernetes: String? = nil, workerAddress: String? = nil, key: String? = nil) throws {
    self.key = key
    let python = try Self.program("python")
    folder = try TemporaryFolder("sematic-server")
    output = folder.file("log")
    let port = try freePort()
    address = "http://127.0.0.1:\(port)"
    var environment = [
      "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": folder.path, "SEMATIC_CONFIG_DIR": folder.file("sematic"),
      "PORT": "\(port)", "SEMATIC_SERVER_ADDRESS": "127.0.0.1", "PYTHONUNBUFFERED": "1",
      "SEMATIC_WORKER_API_ADDRESS": workerAddress ?? address,
    ]
    if let kubernetes {
      environment["KUBECONFIG"] = try folder.write(
        "kubeconfig",
        """
        apiVersion: v1
        kind: Config
        clusters: [{name: test, cluster: {server: "\(kubernetes)"}}]
        users: [{name: test, user: {}}]
        contexts: [{name: test, context: {cluster: test, user: test}}]
        current-context: test
        """)
      environment["KUBERNETES_NAMESPACE"] = "default"
    }
    let copied = try ChildProcess.run([
      "cp", "--recursive", "\(try Self.installed.get())/fresh", folder.file("sematic"),
    ])
    guard copied.status == 0 else { throw ChildProcess.Failure(copied.output) }
    if let key {
      environment["SEMATIC_AUTHENTICATE"] = "true"
      let user = """
        import sqlite3, sys
        with sqlite3.connect(sys.argv[1]) as database:
            database.execute(
                "INSERT INTO users (id, email, api_key, created_at, updated_at) VALUES (?, 'a@b', ?, ?, ?)",
                ("0" * 32, sys.argv[2]) + 2 * ("2024-01-01 00:00:00.000000",))
        """
      let added = try ChildProcess.run([python, "-c", user, folder.file("sematic/db.sqlite3"), key])
      guard added.status == 0 else { throw ChildProcess.Failure(added.output) }
    }
    child = try ChildProcess(
      [python, "-m", "sematic.api.server", "--env", "local", "--debug"], output: output, environment: environment,
      folder: folder.path)
    // It takes 3 s alone, and minutes beside many others.
    let end = Date().addingTimeInterval(300)
    while (try? get("/meta/versions")) == nil {
      guard child.isRunning, Date() < end else {
        child.stop()
        throw ChildProcess.Failure("the Sematic server: \(log)")
      }
      usleep(50_000)
    }
  }

  /// What it wrote so far.
  package var log: String { String(decoding: (try? FileTree.read(output)) ?? [], as: UTF8.self) }

  /// The processor's time that it has used so far: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
  package var processorSeconds: Double {
    guard let bytes = try? FileTree.read("/proc/\(child.identifier)/stat") else { return 0 }
    let fields = String(decoding: bytes, as: UTF8.self).split(separator: ")").last?.split(separator: " ") ?? []
    return fields.dropFirst(11).prefix(2).reduce(0) { $0 + (Double($1) ?? 0) } / Double(sysconf(Int32(_SC_CLK_TCK)))
  }

  package func stop() { child.stop() }

  /// For `.enabled(if:)`.
  package static var isAvailable: Bool { ChildProcess.canRun("/usr/bin/python3", "curl", "flock") }

  /// A program of the Python environment that the server is installed in: `python`, `sematic`.
  package static func program(_ name: String) throws -> String { "\(try installed.get())/venv/bin/\(name)" }

  /// The folder of wheels of Sematic and all that it depends on, for the machine's own Python.
  package static func wheels() throws -> String { "\(try installed.get())/wheels" }

  private static let installed = Result { () throws -> String in
    let script = FileTree.parent(of: FileTree.parent(of: #filePath)) + "/sematic"
    let result = try ChildProcess.run([script])
    guard result.status == 0, let path = result.output.split(separator: "\n").last else {
      throw ChildProcess.Failure("\(script): \(result.status): \(result.output)")
    }
    return String(path)
  }
}
