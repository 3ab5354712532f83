import SematicConfiguration
import Testing

struct PipelineMergeTests {
  @Test func `Defaults lie under every pipeline: lists append, maps merge, scalars override`() throws {
    let package = try SamplePackage(
      """
      version: 1
      defaults:
        product: train
        registry: ghcr.io/acme
        repository: common
        base: worker-base
        bases: {gpu: worker-cuda, cpu: debian:12}
        env: {A: 1, B: 1}
        data: [a.txt]
        tags: [nightly]
        tag_suffix: dev
        insecure: true
        labels: {team: a, x: y}
        annotations: {team: a}
        user: nobody
        workdir: /work
      pipelines:
        own:
          registry: quay.io
          repository: own
          bases: {default: scratch, gpu: debian:11}
          env: {B: 2, C: 2}
          data: [b.txt, a.txt]
          tags: [nightly, own]
          tag_suffix: release
          insecure: false
          labels: {team: b}
          annotations: {more: z}
          user: root
          workdir: /own
        plain:
      """, files: ["a.txt", "b.txt"])
    let own = try package.pipeline("own")
    #expect(own.product == "train")
    #expect(own.registry == .remote(host: "quay.io"))
    #expect(own.repository == "own")
    #expect(own.bases.map { "\($0.tag)=\($0.written)" } == ["default=scratch", "cpu=debian:12", "gpu=debian:11"])
    #expect(own.environment == ["A": "1", "B": "2", "C": "2"])
    #expect(own.data.map(\.relativePath) == ["a.txt", "b.txt"])
    #expect(own.tags == ["nightly", "own"])
    #expect(own.tagSuffix == "release")
    #expect(!own.insecure)
    #expect(own.labels == ["team": "b", "x": "y"])
    #expect(own.annotations == ["team": "a", "more": "z"])
    #expect(own.user == "root")
    #expect(own.workingDirectory == "/own")

    let plain = try package.pipeline("plain")
    #expect(plain.name == "plain")
    #expect(plain.repository == "acme/common")
    #expect(plain.bases.map(\.written) == ["worker-base", "debian:12", "worker-cuda"])
    #expect(plain.data.map(\.relativePath) == ["a.txt"])
    #expect(plain.insecure)
  }

  @Test func `Each base has its own image tags`() throws {
    let pipeline = try SamplePackage(settings("bases: {gpu: worker-cuda}\ntags: [nightly, v1]\ntag_suffix: dev"))
      .pipeline()
    #expect(pipeline.imageTags(for: "default") == ["train_default_dev", "nightly", "v1"])
    #expect(pipeline.imageTags(for: "gpu") == ["train_gpu_dev", "nightly_gpu", "v1_gpu"])
  }

  @Test func `The same base in both ways of writing it is no contradiction`() throws {
    let package = try SamplePackage(settings("base: scratch\nbases: {default: scratch}"))
    #expect(try package.pipeline().bases.map(\.written) == ["scratch"])
  }

  @Test(arguments: [
    Mistake(
      "trian:",
      "sematic.yaml:3: the pipeline 'trian' has no 'product' and does not have the name of one: "
        + "there are 'evaluate', 'train'"),
    Mistake(
      "x:\n    product: trian",
      "sematic.yaml:4: product: 'trian' is not an executable product of the package: did you mean 'train'?"),
    Mistake(
      "x:\n    product: deploy",
      "sematic.yaml:4: product: 'deploy' is not an executable product of the package: there are 'evaluate', 'train'"),
  ])
  func `A product that is no executable product is an error`(_ mistake: Mistake) throws {
    let package = try SamplePackage(
      "version: 1\npipelines:\n  \(mistake.text)\n", products: ["train", "evaluate"])
    #expect(package.mistake() == mistake.message)
  }

  @Test func `A package without executables is said to have none`() throws {
    #expect(
      try SamplePackage(settings("product: x"), products: []).mistake()
        == "sematic.yaml:4: product: 'x' is not an executable product of the package: the package has none")
  }

  @Test func `An image tag that no registry would take is an error`() throws {
    let long = String(repeating: "x", count: 121)
    #expect(
      try SamplePackage("version: 1\npipelines:\n  \(long): {product: train}").mistake()
        == "sematic.yaml:3: the image tag '\(long)_default' has 129 characters, more than 128: shorten the names that it is made of"
    )
    let suffix = String(repeating: "s", count: 120)
    #expect(
      try SamplePackage(settings("tag_suffix: \(suffix)")).mistake()
        == "sematic.yaml:4: the image tag 'train_default_\(suffix)' has 134 characters, more than 128: "
        + "shorten the names that it is made of")
    #expect(
      try SamplePackage(settings("bases: {gpu: scratch}\ntags: [\(long)abcdefg]")).mistake()
        == "sematic.yaml:5: the image tag '\(long)abcdefg_gpu' has 132 characters, more than 128: "
        + "shorten the names that it is made of")
    #expect(
      try SamplePackage(products: [String(repeating: "p", count: 300)]).mistake().hasPrefix(
        "--pipeline: the image tag 'pppppppp"))
  }

  @Test func `Two images cannot have one tag`() throws {
    #expect(
      try SamplePackage(settings("bases: {gpu: scratch}\ntags: [x, x_gpu]")).mistake()
        == "sematic.yaml:5: the bases 'default' and 'gpu' would both get the image tag 'x_gpu': rename one of them")
    #expect(
      try SamplePackage(settings("tags: [train_default]")).mistake()
        == "sematic.yaml:4: the image tag 'train_default' is made twice: remove it from 'tags'")
  }

  @Test func `A repository can be too long together with the registry's path`() throws {
    let path = String(repeating: "a", count: 200)
    let package = try SamplePackage(settings("registry: x.y/\(path)\nrepository: \(path)"))
    #expect(package.mistake() == "sematic.yaml:5: the repository '\(path)/\(path)' is longer than 255 characters")
  }
}
