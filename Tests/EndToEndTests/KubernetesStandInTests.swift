import Foundation
import SematicOCI
import TestSupport
import Testing

extension EndToEndTests {
  /// The cluster of the tests, by the calls that Sematic's server makes.
  @Suite(.serialized) struct KubernetesStandInTests {
    let cluster: Cluster
    var kubernetes: KubernetesStandIn { cluster.kubernetes }

    init() throws { cluster = try Cluster.shared() }

    @Test func `A job runs its image from the registry, with its arguments and environment`() throws {
      let image = cluster.base
      try kubernetes.create(
        "one", image: image, command: ["/bin/sh"],
        arguments: [
          "-c", #"printf "%s\n" "$1" "$KUBERNETES_POD_NAME" "$B" "$LANG"; id -u; pwd"#, "x", "a  $(A) $$(A)",
        ],
        environment: [("A", "ä"), ("B", "<$(A)>"), ("LANG", "de")])
      try kubernetes.wait("one") { $0["succeeded"] == .integer(1) && $0["active"] == nil }
      let pod = try #require(try kubernetes.pods(of: "x").first)
      #expect(pod.log == "a  ä $(A)\n\(pod.name)\n<ä>\nde\n1000\n/home/worker\n")
      #expect(pod.exitStatus == 0)
      #expect(pod.image == image)
    }

    @Test func `A container writes above its image, and a failure is one`() throws {
      let image = cluster.extraBase
      let script = "test ! -e /etc/mark && touch /etc/mark && exit 41"
      for name in ["first", "second"] {
        try kubernetes.create(name, image: image, command: ["/bin/sh", "-c"], arguments: [script])
        try kubernetes.wait(name) { $0["failed"] == .integer(1) }
      }
      #expect(try kubernetes.pods(of: script).map(\.exitStatus) == [41, 41])
    }

    @Test func `A deleted job is told to end, and given the time`() throws {
      let image = cluster.extraBase
      let script = "trap 'echo ending; exit 3' TERM; echo ready; while :; do sleep 0.1; done"
      try kubernetes.create("long", image: image, command: ["/bin/sh", "-c"], arguments: [script])
      try poll { try kubernetes.pods(of: script).first?.log == "ready\n" }
      #expect(
        try kubernetes.call("DELETE", "apis/batch/v1/namespaces/default/jobs/long")["status"]?.string == "Success")
      #expect(try kubernetes.call("GET", "apis/batch/v1/namespaces/default/jobs/long/status")["code"] == .integer(404))
      try poll { try kubernetes.pods(of: script).first?.exitStatus == 3 }
      #expect(try kubernetes.pods(of: script).first?.log == "ready\nending\n")
    }

    @Test func `An image that cannot be pulled leaves the pod pending`() throws {
      let image = cluster.base
      try kubernetes.create(
        "missing", image: String(image.prefix { $0 != "@" }) + "-missing:x", command: [], arguments: [])
      try poll {
        let pods = try kubernetes.call("GET", "api/v1/namespaces/default/pods?labelSelector=job-name%3Dmissing")
        let status = pods["items"]?.array?.first?["status"]
        let reason = status?["containerStatuses"]?.array?.first?["state"]?["waiting"]?["reason"]?.string
        return reason == "ErrImagePull" && status?["phase"]?.string == "Pending"
      }
      #expect(try kubernetes.status("missing")["active"] == .integer(1))
    }

    @Test func `What the cluster cannot do is refused`() throws {
      let jobs = "apis/batch/v1/namespaces/default/jobs"
      let container: JSONValue = .object(["name": .string("x"), "image": .string("x")])
      let pod: JSONValue = .object(["containers": .array([container]), "volumes": .array([.object([:])])])
      let job: JSONValue = .object([
        "metadata": .object(["name": .string("x")]), "spec": .object(["template": .object(["spec": pod])]),
      ])
      #expect(try kubernetes.call("POST", jobs, job)["code"] == .integer(422))
      #expect(try kubernetes.call("POST", jobs, .object([:]))["code"] == .integer(400))
      #expect(try kubernetes.call("GET", "api/v1/nodes")["code"] == .integer(404))
      #expect(!kubernetes.log.contains("cannot start x"))
    }
  }
}

/// Asks until the answer is yes, for two minutes at most.
func poll(_ question: () throws -> Bool) throws {
  for _ in 0..<1_200 {
    if try question() { return }
    usleep(100_000)
  }
  throw ChildProcess.Failure("waited for two minutes")
}

extension KubernetesStandIn {
  func call(
    _ method: String, _ path: String, _ body: JSONValue? = nil
  ) throws -> JSONValue {
    var arguments = ["curl", "--silent", "--noproxy", "*", "--request", method]
    if let body { arguments += ["--data-binary", String(decoding: try canonicalJSON(body), as: UTF8.self)] }
    let result = try ChildProcess.run(arguments + ["\(address)/\(path)"])
    return try JSONDecoder().decode(JSONValue.self, from: Data(result.output.utf8))
  }

  func create(
    _ name: String, image: String, command: [String], arguments: [String], environment: [(String, String)] = []
  ) throws {
    let podName: JSONValue = .object(["fieldRef": .object(["fieldPath": .string("metadata.name")])])
    var variables: [JSONValue] = [.object(["name": .string("KUBERNETES_POD_NAME"), "valueFrom": podName])]
    variables += environment.map { .object(["name": .string($0), "value": .string($1)]) }
    let container: JSONValue = .object([
      "name": .string(name), "image": .string(image), "command": .strings(command), "args": .strings(arguments),
      "env": .array(variables),
    ])
    let pod: JSONValue = .object(["containers": .array([container]), "volumes": .array([])])
    let job: JSONValue = .object([
      "metadata": .object(["name": .string(name)]), "spec": .object(["template": .object(["spec": pod])]),
    ])
    let answer = try call("POST", "apis/batch/v1/namespaces/default/jobs", job)
    guard answer["metadata"]?["name"]?.string == name else { throw ChildProcess.Failure("\(answer)") }
  }

  func status(_ name: String) throws -> JSONValue {
    try call("GET", "apis/batch/v1/namespaces/default/jobs/\(name)/status")["status"] ?? .null
  }

  func wait(_ name: String, until reached: (JSONValue) -> Bool) throws { try poll { reached(try status(name)) } }
}
