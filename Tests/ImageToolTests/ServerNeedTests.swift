import SematicFiles
import TestSupport
import Testing

@testable import ImageTool

struct ServerNeedTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder("need") }

  private func script(_ text: String) throws -> ServerNeed? {
    ServerNeed(
      ofScript: try folder.write("app/main.py", text), python: "python3",
      importRoots: [folder.file("app"), folder.path])
  }

  private func program(_ text: String, hasAddress: Bool = true) throws -> ServerNeed? {
    ServerNeed(
      ofProgram: [try folder.write("Main.swift", text), try folder.write("Other.swift", "import Sematic\n")],
      hasAddress: hasAddress)
  }

  @Test(
    .enabled(if: ChildProcess.canRun("python3")),
    arguments: [
      "from sematic import CloudRunner\nCloudRunner().run(1)\n",
      "import sematic\nrunner = sematic.CloudRunner if True else sematic.LocalRunner\n",
      "from launching import start\nstart()\n", "import app.launching\n", "from . import launching\n",
      "from .launching import start\n", "def f():\n  from app import launching\n",
    ])
  func `A script that starts pipelines in the cluster needs a server, wherever it does so`(text: String) throws {
    try folder.write("app/launching.py", "import sematic\ndef start(): sematic.CloudRunner().run(1)\n")
    #expect(try script(text)?.isPython == true)
  }

  @Test(
    .enabled(if: ChildProcess.canRun("python3")),
    arguments: [
      "print('hello')\n", "import sematic\nprint(sematic.has_container_image())\n",
      "# CloudRunner()\nprint('CloudRunner')\n",
      "from sematic import CloudRunner\n",
      "from sematic import CloudRunner, SilentRunner\nSilentRunner() or CloudRunner()\n",
      "import os\nos.environ['SEMATIC_API_ADDRESS'] = 'x'\nfrom sematic import CloudRunner\nCloudRunner()\n",
      "from dotenv import load_dotenv\nload_dotenv()\nfrom sematic import CloudRunner\nCloudRunner()\n", "no Python:\n",
    ])
  func `A script that may do without one, or finds its own, needs none`(text: String) throws {
    try folder.write("app/launching.py", "import sematic\nsematic.CloudRunner()\n")
    #expect(try script(text) == nil)
  }

  @Test(.enabled(if: SematicServer.isAvailable)) func `The version of Sematic is that of the script's Python`() throws {
    let main = try folder.write("main.py", "from sematic import CloudRunner\nCloudRunner()\n")
    let need = ServerNeed(ofScript: main, python: try SematicServer.program("python"), importRoots: [folder.path])
    #expect(need == ServerNeed(isPython: true, version: [0, 41, 0]))
  }

  @Test func `A program with a cloud resolver needs a server`() throws {
    #expect(try program("try await p.schedule(with: CloudResolver())") == ServerNeed(isPython: false))
    #expect(try program("print(hasContainerImage())") == nil)
    #expect(try program("/// CloudResolver\nprint(1) // CloudResolver()") == nil)
    #expect(try program("isQuiet ? SilentResolver() : CloudResolver()") == nil)
    #expect(try program("setenv(\"SEMATIC_API_ADDRESS\", a, 1)\nCloudResolver()") == nil)
  }

  @Test func `Without an address, a program that can run here as well may do so`() throws {
    #expect(try program("CloudResolver()", hasAddress: false) != nil)
    #expect(try program("flag ? CloudResolver() : LocalResolver()", hasAddress: false) == nil)
    #expect(try program("hasContainerImage() ? CloudResolver() : LocalResolver()", hasAddress: false) != nil)
  }
}
