import Testing

@testable import ImageTool

@Suite struct PluginContextTests {
  @Test(arguments: [
    (["build", "--disable-sandbox", "--tag", "a"], ["build", "--tag", "a"]),
    (["build", "--allow-network-connections", "all", "-v"], ["build", "-v"]),
    (["build", "--allow-network-connections=all", "-v"], ["build", "-v"]),
    (["run", "--package", "swift-sematic", "--", "--package", "x"], ["run", "--", "--package", "x"]),
    (["run", "--allow-writing-to-directory"], ["run"]),
  ])
  func `what SwiftPM meant for itself is dropped, but not behind the dashes`(given: [String], kept: [String]) {
    #expect(PluginContext.withoutPackageManagerOptions(given) == kept)
  }

  @Test func `all verbs share one folder below the scratch folder`() {
    #expect(StateFolder.shared(of: "/p/.build/plugins/BuildImage/outputs") == "/p/.build/swift-sematic")
    #expect(StateFolder.shared(of: "/p/plugins/.build/plugins/X/outputs") == "/p/plugins/.build/swift-sematic")
    #expect(StateFolder.shared(of: "/elsewhere") == nil)
  }
}
