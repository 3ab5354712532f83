import SematicOCI
import TestSupport
import Testing

@testable import SematicCheck

@Suite struct JudgeStartTests {
  @Test func `Without an entrypoint, or in shell form, the arguments go nowhere`() throws {
    let none = JudgedImage.python.with {
      $0.configuration.entrypoint = []
      $0.configuration.command = ["python3"]
    }
    let verdict = try none.verdict(.entrypoint)
    #expect(verdict.status == .fail)
    #expect(verdict.detail == "there is none, only a command, which Kubernetes replaces with the arguments")
    #expect(verdict.fix?.contains("ENTRYPOINT") == true)
    for (words, status) in [
      (["/bin/sh", "-c", "python3 -m sematic.resolvers.worker"], Verdict.Status.fail),
      (["/bin/sh", "-c", "exec python3 -m sematic.resolvers.worker \"$@\"", "worker"], .pass),
    ] {
      #expect(try JudgedImage.python.with { $0.configuration.entrypoint = words }.status(.entrypoint) == status)
    }
  }

  @Test(arguments: [
    ("#!/bin/sh\nexec /usr/bin/python3 -m sematic.resolvers.worker \"$@\"\n", 0o755, Verdict.Status.pass),
    ("#!/bin/sh\n/usr/bin/python3 -m sematic.resolvers.worker\n", 0o755, .fail),
    ("exec /usr/bin/python3 -m sematic.resolvers.worker \"$@\"\n", 0o755, .fail),
    ("#!/bin/sh\nexec /usr/bin/python3 -m sematic.resolvers.worker \"$@\"\n", 0o644, .fail),
    ("#!/bin/sh\nexec /usr/bin/python3 -m sematic.resolvers.worker \"$@\"\n", 0o700, .fail),
  ]) func `A script has to be executable and to hand its arguments on`(
    text: String, mode: Int, status: Verdict.Status
  ) throws {
    let image = JudgedImage.python.above(.file("start.sh", text, mode: mode)).with {
      $0.configuration.entrypoint = ["/start.sh"]
    }
    #expect(try image.status(.entrypoint) == status)
    #expect(try image.check().kind == .python)
  }

  @Test func `A script asks for its interpreter`() throws {
    let image = JudgedImage.swift.above(.file("start.sh", "#!/bin/sh\nexec /sematic/bin/Program \"$@\"\n", mode: 0o755))
      .with { $0.configuration.entrypoint = ["/start.sh"] }
    #expect(try image.verdict(.interpreter) == .pass(.interpreter, "/bin/sh -> /usr/bin/dash"))
    #expect(try image.check().kind == .swift)
    let distroless = image.above(.file("usr/bin/.wh.sh"))
    let verdict = try distroless.verdict(.interpreter)
    #expect(verdict.status == .fail)
    #expect(verdict.detail == "/usr/bin/sh is not in the image")
    #expect(try JudgedImage.swift.status(.interpreter) == .notNeeded)
  }

  @Test func `An entrypoint is looked for on PATH and in the working directory`() throws {
    let found = JudgedImage.swift.with { $0.configuration.entrypoint = ["Program"] }
    #expect(try found.status(.entrypoint) == .pass)
    let relative = JudgedImage.swift.with {
      $0.configuration.entrypoint = ["./Program"]
      $0.configuration.workingDirectory = "/sematic/bin"
    }
    #expect(try relative.status(.entrypoint) == .pass)
    let missing = JudgedImage.swift.with { $0.configuration.entrypoint = ["/sematic/bin/Other"] }
    #expect(try missing.status(.entrypoint) == .fail)
    #expect(try missing.status(.sources) == .fail)
  }

  @Test func `Python is followed through its links`() throws {
    let moved = JudgedImage.python.above(.file("usr/bin/.wh.python3.11"))
    #expect(try moved.verdict(.python).detail == "/usr/bin/python3 leads to /usr/bin/python3.11, which is not there")
    let loop = JudgedImage.python.above(.link("usr/bin/python3", "python3"))
    #expect(try loop.verdict(.python).detail == "/usr/bin/python3 is a loop of links")
    let gone = JudgedImage.python.above(.file("usr/bin/.wh.python3"))
    #expect(try gone.verdict(.python).detail == "/usr/bin/python3 is not in the image")
    let absolute = JudgedImage.python.above(
      .link("usr/bin/python3", "/opt/python/bin/python3.12"),
      .program("opt/python/bin/python3.12", JudgedImage.program()))
    #expect(
      try absolute.verdict(.python)
        == .pass(.python, "/usr/bin/python3 -> /opt/python/bin/python3.12, Python 3.12"))
    let closed = JudgedImage.python.above(.file("usr/bin/python3.11", "x", mode: 0o744))
    #expect(try closed.status(.python) == .fail)
  }

  @Test func `What is neither a Swift nor a Python worker is judged as both`() throws {
    let image = JudgedImage.swift.above(.program("opt/tool", JudgedImage.program())).with {
      $0.configuration.entrypoint = ["/opt/tool"]
    }
    #expect(try image.check().kind == .unknown)
    #expect(try image.verdict(.python).status == .unknown)
    #expect(try image.verdict(.python).detail.contains("for a Python worker this fails") == true)
  }

  @Test func `Sematic is looked for in Python's folders, PYTHONPATH and the working directory`() throws {
    let gone = JudgedImage.python.above(.file("usr/lib/python3/dist-packages/.wh.sematic"))
    #expect(try gone.status(.sources) == .unknown)
    let given = gone.above(.file("srv/sematic/resolvers/worker.py"))
    #expect(try given.with { $0.configuration.environment.append("PYTHONPATH=/srv") }.status(.sources) == .pass)
    #expect(try given.with { $0.configuration.workingDirectory = "/srv" }.status(.sources) == .pass)
  }
}
