import SematicOCI
import TestSupport
import Testing

/// The base images and the container runtime of the tests themselves.
@Suite(.enabled(if: ContainerBundle.isAvailable && WorkerBase.isAvailable), .serialized)
struct WorkerBaseTests {
  @Test func `Python runs in the worker base, as its user`() throws {
    let bundle = try ContainerBundle(layout: WorkerBase.layout(), tag: WorkerBase.tag)
    let result = try bundle.run(
      [
        "-c", "import json, os, sys; print(json.dumps([os.getuid(), os.getcwd(), os.environ['A'], sys.argv[1:]]))",
        "a  b",
      ],
      environment: ["A": "ä"], program: ["/usr/bin/python3"])
    #expect(result.output == "[1000, \"/home/worker\", \"\\u00e4\", [\"a  b\"]]\n")
    #expect(result.status == 0)
    #expect(bundle.configuration.environmentValue("LD_LIBRARY_PATH") == "/usr/local/nvidia/lib")
  }

  @Test func `A container's exit status is its program's`() throws {
    let bundle = try ContainerBundle(layout: WorkerBase.layout(), tag: WorkerBase.extraTag)
    let result = try bundle.run(["-c", "id -u; cat /etc/worker-extra; exit 41"], program: ["/bin/sh"])
    #expect(result.output == "0\nthe second base\n")
    #expect(result.status == 41)
    #expect(try bundle.run(["-c", "id -u"], user: (1234, 1234), program: ["/bin/sh"]).output == "1234\n")
  }
}
