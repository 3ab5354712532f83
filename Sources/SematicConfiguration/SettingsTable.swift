import SematicOCI

/// The table of settings: a row for each, in the order in which they are listed and written.
///
/// The reader of sematic.yaml, the options of the command line with their help, the merging and the build configuration
/// follow from a row; `pipeline.NAME` is the value that a pipeline has. A class: code that copies a struct of this size
/// would be a fifth of the module.
package final class SettingsTable: Sendable {
  let product = Setting.optional("product", example: "train", insteadOf: "script", ValueRules.text)
  let script = Setting.optional("script", example: "main.py", insteadOf: "product", ValueRules.ownPath)
  let sources = Setting.list("src", example: "[lib/**/*.py]", ValueRules.sources)
  let excluded = Setting.list("exclude", example: "[tests, '**/*.ipynb']", ValueRules.sources)
  let importRoots = Setting.list("import_roots", example: "[src]", ValueRules.ownPath)
  let requirements = Setting.optional(
    "requirements", example: "requirements.txt", RequirementsSetting.init)
  let registry = Setting.optional(
    "registry", example: "ghcr.io/acme",
    option: SettingOption("registry", "registry", help: "Where images are pushed: host[:port][/folder], or local."),
    RegistrySetting.init)
  let repository = Setting.optional(
    "repository", example: "pipelines",
    option: SettingOption("repository", "name", help: "The repository in the registry."), ValueRules.repository)
  /// A short form of `bases`, by which it is replaced when a file is read.
  let base = Setting.item("base", example: "worker-base") { try TypedBase($0, of: "base") }
  let bases = Setting.map(
    "bases", example: "{gpu: worker-cuda}",
    option: SettingOption(
      "base", "[tag=]reference",
      help: "A base image: worker-cuda, worker-base, a reference, oci:PATH or scratch. With TAG= it is one more image."),
    defaultKey: BaseReference.defaultTag,
    pair: { pair in
      try ValueRules.tag(pair.key, "base tag")
      return (pair.key, try TypedBase(pair.value, of: pair.key))
    }
  ) { tag, reference in
    try ValueRules.tag(tag, "base tag")
    return TypedBase.text(reference)
  }
  package let platform = Setting.optional(
    "platform", example: "linux/arm64", insteadOf: "platforms", ValueRules.platform)
  let platforms = Setting.list(
    "platforms", example: "[linux/amd64, linux/arm64]",
    option: SettingOption(
      "platform", "os/arch",
      help: "A platform for the image, for example linux/arm64. With several, one image each, below an index."),
    insteadOf: "platform", ValueRules.platform)
  package let swiftSDKs = Setting.map(
    "swift_sdks", example: "{linux/arm64: swift-6.1-RELEASE_static-linux-0.0.1}",
    pair: { pair in
      let text = try pair.value.text("'\(pair.key)'", example: "linux/arm64: swift-6.1-RELEASE_static-linux-0.0.1")
      return (try ValueRules.platform(pair.key).description, try ValueRules.swiftSDK(text))
    }
  ) { _, name in try ValueRules.swiftSDK(name) }
  package let environment = Setting.map(
    "env", example: "{LOG_LEVEL: info}",
    option: SettingOption("env", "name=value", help: "A variable of the image's environment."), ValueRules.environment)
  let dataPatterns = Setting.items(
    "data", example: "[models/*.bin]", item: DataPatternReader.pattern)
  package let tags = Setting.list(
    "tags", example: "[nightly]", option: SettingOption("tag", "tag", help: "One more tag for the image."),
    ValueRules.tag)
  package let tagSuffix = Setting.optional("tag_suffix", example: "dev", ValueRules.tagSuffix)
  package let defaultTag = Setting.flag(
    "default_tag", example: "false", default: true,
    option: SettingOption("default-tag", help: "Whether the image gets the tag PIPELINE_BASETAG."))
  package let waived = Setting.list(
    "waive", example: "[certificates]",
    option: SettingOption("waive", "rule", help: "A rule of check that the image may break."), ValueRules.checkRule)
  package let insecure = Setting.flag("insecure", example: "true", default: false)
  package let mirrors = Setting.pairs(
    "mirrors", example: "{docker.io: [mirror.example.com/hub]}", pair: MirrorReader.mirrors)
  package let retries = Setting.optional(
    "retries", example: "4",
    option: SettingOption(
      "retries", "number", help: "How many times to retry transient failures; 0 never retries."), ValueRules.retries)
  package let labels = Setting.map(
    "labels", example: "{team: vision}", ValueRules.label)
  package let annotations = Setting.map(
    "annotations", example: "{org.opencontainers.image.licenses: MIT}", ValueRules.label)
  package let sbom = Setting.flag(
    "sbom", example: "true", default: false,
    option: SettingOption("sbom", help: "Whether a bill of materials (SPDX) is stored beside the image."))
  package let provenance = Setting.flag("provenance", example: "true", default: false)
  package let user = Setting.optional("user", example: "1000:1000", ValueRules.user)
  package let workingDirectory = Setting.optional("workdir", example: "/work", ValueRules.workingDirectory)
  package let compression = Setting.value(
    "compression", example: "zstd", default: .gzip,
    option: SettingOption(
      "compression", "method[:level]", help: "How layers are compressed: gzip or zstd, or with a level."),
    ValueRules.compression)
  package let layerSize = Setting.optional("layer_size", example: "512 MB", LayerSize.init)
  package let cacheSize = Setting.optional("cache_size", example: "20 GB", LayerSize.init)
  package let linking = Setting.optional(
    "linking", example: "static-stdlib",
    option: SettingOption(
      "linking", "how", help: "How the program is linked with Swift's libraries: dynamic, static-stdlib or static."),
    Linking.init(setting:))
  package let systemLibraries = Setting.optional("system_libraries", example: "base", SystemLibraries.init(setting:))
  package let addedCertificates = Setting.flag("added_certificates", example: "false", default: true)
  package let backtraces = Setting.flag("backtraces", example: "false", default: true)
  package let debugInformation = Setting.optional("debug_information", example: "keep", DebugInformation.init(setting:))
}

extension SettingsTable {
  static let shared = SettingsTable()

  /// All rows, found by reflection as the argument parser finds options: a row need not be listed once more.
  static let rows: [SettingRow] = Mirror(reflecting: shared).children.compactMap { ($0.value as? any AnySetting)?.row }

  static let names = rows.map(\.name)

  static func row(named name: String) -> SettingRow? { rows.first { $0.name == name } }

  /// The settings that the command line has options for.
  package static let options: [SettingOption] = rows.compactMap(\.option)
}
