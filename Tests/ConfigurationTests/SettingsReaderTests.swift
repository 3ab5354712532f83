import Testing

@testable import SematicConfiguration

struct SettingsReaderTests {
  @Test(arguments: [
    Mistake("regsitry: ghcr.io", "'regsitry' is not a setting: did you mean 'registry'?"),
    Mistake("tagsuffix: x", "'tagsuffix' is not a setting: did you mean 'tag_suffix'?"),
    Mistake("Env: {}", "'Env' is not a setting: did you mean 'env'?"),
    Mistake(
      "entrypoint: x",
      "'entrypoint' is not a setting: there are " + SettingsTable.names.quotedList),
    Mistake("<<: {}", "'<<' is not a setting: put what pipelines have in common under 'defaults'"),
    Mistake("? [a]\n: b", "a key of the pipeline 'train' is not text: write 'registry: ghcr.io/acme'"),
  ])
  func `A key that is no setting is an error`(_ mistake: Mistake) throws {
    #expect(try SamplePackage(settings(mistake.text)).mistake() == "sematic.yaml:4: " + mistake.message)
  }

  @Test(arguments: [
    Mistake("product: [a]", "'product' must be text, not a list: write 'product: train'"),
    Mistake("registry: {a: b}", "'registry' must be text, not a map: write 'registry: ghcr.io/acme'"),
    Mistake("repository:", "'repository' has no value: write 'repository: pipelines', or remove it"),
    Mistake("base: ~", "'base' has no value: write 'base: worker-base', or remove it"),
    Mistake("base: ''", "base: the text is empty"),
    Mistake("product: ''", "product: the text is empty"),
    Mistake("bases: worker-base", "'bases' must be a map, not text: write 'bases: {gpu: worker-cuda}'"),
    Mistake("bases: {gpu: }", "'gpu' has no value: write 'gpu: worker-base', or remove it"),
    Mistake("bases: {gpu: ''}", "bases: the text is empty"),
    Mistake("env: [A=1]", "'env' must be a map, not a list: write 'env: {LOG_LEVEL: info}'"),
    Mistake("env: {A: }", "'A' has no value: write 'A: \"\"', or remove it"),
    Mistake("env: {A: null}", "'A' has no value: write 'A: \"\"', or remove it"),
    Mistake("env: {A: [1]}", "'A' must be text, not a list: write 'A: \"\"'"),
    Mistake("data: x", "'data' must be a list, not text: write 'data: [models/*.bin]'"),
    Mistake("data:", "'data' has no value: write 'data: [models/*.bin]', or remove it"),
    Mistake("tags: latest", "'tags' must be a list, not text: write 'tags: [nightly]'"),
    Mistake("tags: [{a: b}]", "an entry of 'tags' must be text, not a map: write 'tags: [nightly]'"),
    Mistake("tag_suffix: []", "'tag_suffix' must be text, not a list: write 'tag_suffix: dev'"),
    Mistake("default_tag: no", "'default_tag' must be true or false, not 'no': write 'default_tag: false'"),
    Mistake("insecure: yes", "'insecure' must be true or false, not 'yes': write 'insecure: true'"),
    Mistake("insecure: 'true'", "'insecure' must be true or false, not 'true': write 'insecure: true'"),
    Mistake("retries: -1", "retries: '-1' is not a number of retries: write a number from 0 (never retry) to 100"),
    Mistake("retries: many", "retries: 'many' is not a number of retries: write a number from 0 (never retry) to 100"),
    Mistake("retries: [1]", "'retries' must be text, not a list: write 'retries: 4'"),
    Mistake("labels: x", "'labels' must be a map, not text: write 'labels: {team: vision}'"),
    Mistake(
      "annotations: x",
      "'annotations' must be a map, not text: write 'annotations: {org.opencontainers.image.licenses: MIT}'"),
    Mistake("user: {}", "'user' must be text, not a map: write 'user: 1000:1000'"),
    Mistake("workdir: []", "'workdir' must be text, not a list: write 'workdir: /work'"),
    Mistake("compression: [gzip]", "'compression' must be text, not a list: write 'compression: zstd'"),
    Mistake("layer_size: {}", "'layer_size' must be text, not a map: write 'layer_size: 512 MB'"),
    Mistake("debug_information:", "'debug_information' has no value: write 'debug_information: keep', or remove it"),
  ])
  func `A value of a wrong type is an error`(_ mistake: Mistake) throws {
    #expect(try SamplePackage(settings(mistake.text)).mistake() == "sematic.yaml:4: " + mistake.message)
  }

  @Test(arguments: [
    Mistake("tags: [a, b, a]", "sematic.yaml:4: tags: 'a' is listed twice; remove one"),
    Mistake("data:\n- x\n- x", "sematic.yaml:6: data: 'x' is listed twice; remove one"),
    Mistake("env:\n  A: 1\n  A: 2", "sematic.yaml:5: 'A' is given again below; remove one"),
    Mistake("user: a\nuser: b", "sematic.yaml:4: 'user' is given again below; remove one"),
    Mistake(
      "base: worker-base\nbases:\n  default: worker-cuda",
      "sematic.yaml:6: 'bases' has 'worker-cuda' as 'default', but 'base' is 'worker-base' (sematic.yaml:4); "
        + "remove one"),
  ])
  func `What is there twice is an error`(_ mistake: Mistake) throws {
    #expect(try SamplePackage(settings(mistake.text)).mistake() == mistake.message)
  }

  @Test(arguments: [
    Mistake("", "sematic.yaml:1: 'version' is missing: begin the file with 'version: 1'"),
    Mistake("~", "sematic.yaml:1: 'version' is missing: begin the file with 'version: 1'"),
    Mistake("pipelines: {}", "sematic.yaml:1: 'version' is missing: begin the file with 'version: 1'"),
    Mistake("[version]", "sematic.yaml:1: the file must be a map, not a list: write 'version: 1'"),
    Mistake("\nversion: 2", "sematic.yaml:2: version '2' is not known: write 'version: 1'"),
    Mistake("version:", "sematic.yaml:1: 'version' has no value: write 'version: 1', or remove it"),
    Mistake(
      "version: 1\nregistry: x", "sematic.yaml:2: 'registry' is a setting: put it under 'defaults' or under a pipeline"),
    Mistake("version: 1\ndefault: {}", "sematic.yaml:2: 'default' is not a key of the file: did you mean 'defaults'?"),
    Mistake(
      "version: 1\nx: {}", "sematic.yaml:2: 'x' is not a key of the file: there are 'version', 'defaults', 'pipelines'"),
    Mistake(
      "version: 1\npipelines: [train]",
      "sematic.yaml:2: 'pipelines' must be a map, not a list: write 'pipelines: {train: {product: train}}'"),
    Mistake(
      "version: 1\npipelines:\n  train: x",
      "sematic.yaml:3: the pipeline 'train' must be a map, not text: write 'registry: ghcr.io/acme'"),
    Mistake(
      "version: 1\npipelines:\n  a::b: {}",
      "sematic.yaml:3: 'a::b' is not a valid name of a pipeline: use at most 128 of A-Z a-z 0-9 _ . - "
        + "(not . or - first)"),
    Mistake(
      "version: 1\ndefaults: x", "sematic.yaml:2: 'defaults' must be a map, not text: write 'registry: ghcr.io/acme'"),
  ])
  func `A file of the wrong shape is an error`(_ mistake: Mistake) throws {
    #expect(try SamplePackage(mistake.text).mistake() == mistake.message)
  }

  @Test func `Numbers and booleans are taken by their text`() throws {
    let package = try SamplePackage(
      settings(
        "env: {A: 1.10, B: true, C: '', D: 0x1F, E: 'null'}\ntags: [1.0]\nuser: 1000:1000\nlabels: {a: 2024-01-01}"))
    let pipeline = try package.pipeline()
    #expect(pipeline.environment == ["A": "1.10", "B": "true", "C": "", "D": "0x1F", "E": "null"])
    #expect(pipeline.tags == ["1.0"])
    #expect(pipeline.user == "1000:1000")
    #expect(pipeline.labels == ["a": "2024-01-01"])
  }

  @Test func `A mistake of any pipeline is found, whichever is asked for`() throws {
    let package = try SamplePackage("version: 1\npipelines:\n  train:\n  other:\n    usr: x\n")
    #expect(package.mistake("train") == "sematic.yaml:5: 'usr' is not a setting: did you mean 'user'?")
  }
}
