import SematicConfiguration
import SematicOCI
import Testing

@Suite struct PlatformSettingsTests {
  private static let both = [Platform(architecture: "amd64"), Platform(architecture: "arm64")]

  @Test func `Several platforms, or one by either key`() throws {
    #expect(try SamplePackage(settings("base: scratch")).pipeline().platforms == [])
    let one = try SamplePackage(settings("base: scratch\nplatform: linux/x86_64")).pipeline()
    #expect(one.platforms == [Self.both[0]])
    #expect(try SamplePackage(settings("base: scratch\nplatforms: [linux/amd64]")).pipeline() == one)
    let several = try SamplePackage(settings("base: scratch\nplatforms: [linux/amd64, linux/arm64]")).pipeline()
    #expect(several.platforms == Self.both)
    #expect(several.platform == nil)
    #expect(try several.buildConfiguration().contains("platforms:\n"))
  }

  @Test func `Those that are nearer replace the others as a whole`() throws {
    let package = try SamplePackage(
      """
      version: 1
      defaults: {platforms: [linux/amd64, linux/arm64], base: scratch}
      pipelines: {train: {}, small: {product: train, platform: linux/arm64}}
      """)
    #expect(try package.pipeline("train").platforms == Self.both)
    #expect(try package.pipeline("small").platforms == [Self.both[1]])
    let other = try package.pipeline("train", Overrides(platform: "linux/riscv64"))
    #expect(other.platforms.map(\.architecture) == ["riscv64"])
    let several = Overrides(["platform": ["linux/arm64", "linux/aarch64", "linux/amd64"]])
    #expect(try package.pipeline("small", several).platforms == Self.both.reversed())
  }

  @Test(arguments: [
    (
      "platforms: [linux/amd64]\nplatform: linux/arm64",
      "sematic.yaml:4: 'platforms' and 'platform' (sematic.yaml:5) cannot be used together; remove one"
    ),
    ("platforms: [linux/amd64, linux/x86_64]", "sematic.yaml:4: platforms: 'linux/amd64' is listed twice; remove one"),
    (
      "platforms: [linux/amd64, linux/arm64]\nbase: worker-base",
      """
      sematic.yaml:4: the base 'worker-base' is for linux/amd64, not for linux/arm64
      hint: choose another base, or describe one for linux/arm64 in sematic-bases/NAME.json
      """
    ),
    (
      "swift_sdks: {linux/arm64: a b}",
      "sematic.yaml:4: swift_sdks: 'a b' is not the name of a Swift SDK: `swift sdk list` prints those that are installed"
    ),
    (
      "swift_sdks: {arm64: a}",
      "sematic.yaml:4: swift_sdks: 'arm64' is not a valid platform: expected os/architecture[/variant], for example linux/amd64"
    ),
  ]) func `Mistakes are told with their place`(lines: String, expected: String) throws {
    #expect(try SamplePackage(settings(lines)).mistake() == expected)
  }

  @Test func `Swift SDKs are known by their platforms' usual names`() throws {
    let pipeline = try SamplePackage(settings("base: scratch\nswift_sdks: {linux/aarch64: musl}")).pipeline()
    #expect(pipeline.swiftSDKs == ["linux/arm64": "musl"])
  }
}
