import TestSupport
import Testing

@testable import Sematic

@Suite struct SettingsTests {
  @Test(.enabled(if: SematicServer.isAvailable))
  func `what Sematic's own command has written is read, and the environment wins`() throws {
    let folder = try TemporaryFolder("settings")
    var environment = ["HOME": folder.path, "SEMATIC_CONFIG_DIR": "mine", "PATH": "/usr/bin:/bin"]
    // The second has to be quoted in YAML.
    for (name, value) in [
      (SematicSettings.addressName, "https://sematic.test:5001/"), (SematicSettings.keyName, "0123"),
    ] {
      let set = try ChildProcess.run(
        [SematicServer.program("sematic"), "settings", "set", name, value], environment: environment)
      try #require(set.status == 0, "\(set.output)")
    }
    var settings = SematicSettings(environment: environment)
    #expect(settings.address == "https://sematic.test:5001")
    #expect(settings.key == "0123")
    environment[SematicSettings.addressName] = "http://other.test"
    settings = SematicSettings(environment: environment)
    #expect(settings.address == "http://other.test")
    #expect(settings.key == "0123")
    environment["SEMATIC_CONFIG_DIR"] = nil
    environment[SematicSettings.addressName] = nil
    settings = SematicSettings(environment: environment)
    #expect(settings.address == nil)
    #expect(settings.key == nil)
  }
}
