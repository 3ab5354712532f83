import ArgumentParser
import SematicConfiguration
import Testing

@testable import ImageTool

struct SettingOptionsTests {
  private func texts(_ arguments: String...) throws -> [String: [String]] {
    try PushCommand.parse(arguments).image.settings.overrides.texts.filter { !$0.value.isEmpty }
  }

  @Test func `A setting's option is taken in every form, between other options`() throws {
    #expect(try texts() == [:])
    #expect(try texts("--registry", "a", "--dry-run", "--repository=b") == ["registry": ["a"], "repository": ["b"]])
    #expect(try texts("--env", "A=1", "--quiet", "--env=B==2") == ["env": ["A=1", "B==2"]])
    #expect(try texts("--tag", "x", "--tag", "x", "--base", "gpu=y") == ["tag": ["x", "x"], "base": ["gpu=y"]])
    #expect(try texts("--registry", "a", "--registry", "b") == ["registry": ["b"]])
    #expect(try texts("--no-default-tag") == ["default-tag": ["false"]])
    #expect(try texts("--default-tag") == ["default-tag": ["true"]])
  }

  @Test(arguments: [
    (["push", "--regitry", "x"], "Unknown option '--regitry'. Did you mean '--registry'?"),
    (["push", "--registry"], "Missing value for '--registry <registry>'"),
    (["push", "--default-tag=no"], "The option '--default-tag' does not take any value, but 'no' was specified."),
  ])
  func `A mistake in an option is misuse`(_ arguments: [String], _ message: String) {
    let error = #expect(throws: (any Error).self) { try ImageTool.parseAsRoot(arguments) }
    guard let error else { return }
    #expect(ImageTool.message(for: error).hasPrefix(message))
    #expect(ImageTool.exitCode(for: error) == .validationFailure)
  }

  @Test func `A pipeline is named by an option, by its synonym, or by its bare name`() throws {
    for arguments in [
      ["--pipeline", "a"], ["--product=a"], ["a"], ["--quiet", "a", "--tag", "x"], ["a", "--product", "a"],
    ] {
      #expect(try PushCommand.parse(arguments).options.pipeline == "a")
    }
    let run = try RunCommand.parse(["a", "--", "b", "--quiet"])
    #expect(run.options.pipeline == "a")
    #expect(run.arguments == ["b", "--quiet"])
    #expect(try RunCommand.parse(["--", "b"]).options.pipeline == nil)
    #expect(throws: (any Error).self) { try PushCommand.parse(["a", "--pipeline", "b"]) }
  }

  @Test func `The help has the options of all settings`() {
    let help = PushCommand.helpMessage(columns: 300)
    for option in SettingsTable.options {
      #expect(help.contains("--\(option.name)") && help.contains(option.help), "\(option.name)")
    }
  }
}
