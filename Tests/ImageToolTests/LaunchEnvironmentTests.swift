import Testing

@testable import ImageTool

private let uri = "127.0.0.1:5155/app@sha256:" + String(repeating: "1", count: 64)

@Suite struct LaunchEnvironmentTests {
  private let stale = [
    "SEMATIC_CONTAINER_IMAGE": "old", "SEMATIC_CONTAINER_IMAGE_URIS": "::default##old",
    "SEMATIC_CLI_RUN_COMMAND": "old", "SEMATIC_IMAGE_BUILD_CONFIG": "old", "SEMATIC_API_KEY": "kept",
    "HOME": "/home/me",
  ]

  @Test func `images that were built replace every stale variable`() throws {
    let environment = try LaunchEnvironment(
      inherited: stale, image: .built(["default": uri]), commandLine: "swift package run-pipeline",
      buildConfiguration: "version: 1\n", libraryPath: nil)
    #expect(
      environment.variables == [
        "SEMATIC_CONTAINER_IMAGE_URIS": "::default##\(uri)", "SEMATIC_CLI_RUN_COMMAND": "swift package run-pipeline",
        "SEMATIC_IMAGE_BUILD_CONFIG": "version: 1\n", "SEMATIC_API_KEY": "kept", "HOME": "/home/me",
      ])
    #expect(environment.added == ["SEMATIC_CONTAINER_IMAGE_URIS": "::default##\(uri)"])
  }

  @Test func `a local run knows of no image`() throws {
    let environment = try LaunchEnvironment(
      inherited: stale, image: .none, commandLine: "swift package run-local", buildConfiguration: "version: 1\n",
      libraryPath: nil)
    #expect(environment.variables == ["SEMATIC_API_KEY": "kept", "HOME": "/home/me"])
  }

  @Test func `the user's own image is handed on alone`() throws {
    let environment = try LaunchEnvironment(
      inherited: stale, image: .custom("r/own:1"), commandLine: "c", buildConfiguration: nil, libraryPath: nil)
    #expect(environment.variables["SEMATIC_CONTAINER_IMAGE"] == "r/own:1")
    #expect(environment.variables["SEMATIC_CONTAINER_IMAGE_URIS"] == nil)
    #expect(environment.variables["SEMATIC_IMAGE_BUILD_CONFIG"] == nil)
  }

  @Test func `the toolchain's library path is not handed on`() throws {
    func path(_ original: String??) throws -> String? {
      try LaunchEnvironment(
        inherited: ["LD_LIBRARY_PATH": "/mine:/toolchain"], image: .none, commandLine: "", buildConfiguration: nil,
        libraryPath: original
      ).variables["LD_LIBRARY_PATH"]
    }
    #expect(try path(.some("/mine")) == "/mine")
    #expect(try path(.some(nil)) == nil)
    #expect(try path(nil) == "/mine:/toolchain")
  }

  @Test func `a script finds the package's modules in front of the user's own`() throws {
    let surroundings = HostProgram.Surroundings(
      folder: "/p", commands: "/p/bin", importRoots: ["/p/a", "/p", "/p/src"])
    func variables(_ inherited: [String: String]) throws -> [String: String] {
      try LaunchEnvironment(
        inherited: inherited, image: .none, commandLine: "", buildConfiguration: nil, libraryPath: nil,
        surroundings: surroundings
      ).variables
    }
    #expect(
      try variables(["PYTHONPATH": "/mine::", "PATH": "/bin", "PWD": "/elsewhere"]) == [
        "PYTHONPATH": "/p/a:/p:/p/src:/mine::", "PATH": "/p/bin:/bin", "PWD": "/p",
      ])
    #expect(try variables(["PYTHONPATH": ""])["PYTHONPATH"] == "/p/a:/p:/p/src")
    #expect(try variables([:])["PYTHONPATH"] == "/p/a:/p:/p/src")
  }

  @Test func `a printed command can be pasted into a shell`() {
    let line = LaunchEnvironment.shellLine(
      ["/bin/app", "two words", "it's", "", "$HOME", "a=b"], assignments: ["V": "::default##x"])
    #expect(line == #"V='::default##x' /bin/app 'two words' 'it'\''s' '' '$HOME' a=b"#)
  }
}
