import SematicConfiguration
import SematicOCI
import Testing

struct PipelineFileTests {
  @Test func `Without a file every executable product is a pipeline with the defaults`() throws {
    let package = try SamplePackage(products: ["train", "evaluate"])
    #expect(try package.load().pipelineNames == ["evaluate", "train"])
    let pipeline = try package.pipeline("evaluate")
    #expect(pipeline.name == "evaluate")
    #expect(pipeline.product == "evaluate")
    #expect(pipeline.registry == .local)
    #expect(pipeline.repository == "sample")
    #expect(pipeline.bases.map(\.tag) == ["default"])
    #expect(pipeline.bases.first?.descriptor?.name == "worker-cuda")
    #expect(pipeline.imageTags(for: "default") == ["evaluate_default"])
    #expect(pipeline.platform == nil)
    #expect(!pipeline.insecure)
  }

  @Test func `The only pipeline needs no name`() throws {
    #expect(try SamplePackage().pipeline().name == "train")
    #expect(try SamplePackage("version: 1\npipelines: {a: {product: train}}").pipeline().product == "train")
  }

  @Test func `Of several pipelines one has to be named`() throws {
    #expect(
      try SamplePackage(products: ["train", "evaluate"]).mistake()
        == "there are 2 pipelines: name one of 'evaluate', 'train'\nhint: --pipeline NAME")
    #expect(
      try SamplePackage("version: 1\npipelines: {z: , a: }").mistake()
        == "there are 2 pipelines: name one of 'z', 'a'\nhint: --pipeline NAME")
  }

  @Test func `A name that no pipeline has is an error that says which there are`() throws {
    #expect(
      try SamplePackage(products: ["train", "evaluate"]).mistake("trian")
        == "--pipeline: there is no pipeline 'trian': did you mean 'train'?")
    #expect(
      try SamplePackage(products: ["train", "evaluate"]).mistake("deploy")
        == "--pipeline: there is no pipeline 'deploy': there are 'evaluate', 'train'")
    #expect(try SamplePackage(products: []).mistake("x") == "--pipeline: there is no pipeline 'x': there is none")
    #expect(
      try SamplePackage("version: 1\npipelines: {a: {product: train}}").mistake("train")
        == "--pipeline: there is no pipeline 'train': there are 'a'")
  }

  @Test func `A package without executables has no pipeline`() throws {
    #expect(
      try SamplePackage(products: []).mistake()
        == "there is no pipeline: the package has no executable product, and sematic.yaml names none"
        + "\nhint: an executable target in Package.swift makes one")
  }

  @Test func `Without a package any product is taken`() throws {
    let package = try SamplePackage(products: nil)
    #expect(try package.load().pipelineNames == [])
    #expect(try package.pipeline("anything").product == "anything")
  }

  @Test func `A file without pipelines holds the defaults of every executable product`() throws {
    let package = try SamplePackage("version: 1\ndefaults:\n  registry: ghcr.io/acme\n", products: ["b", "a"])
    #expect(try package.load().pipelineNames == ["a", "b"])
    #expect(try package.pipeline("a").registry == .remote(host: "ghcr.io"))
    #expect(try package.pipeline("a").repository == "acme/sample")
  }

  @Test func `A product of any name is a pipeline, and its tags are valid`() throws {
    let package = try SamplePackage(products: ["Große Pipeline", ".x"])
    let tags = try package.pipeline("Große Pipeline").imageTags(for: "default")
    #expect(tags == ["Gro-e-Pipeline_default"])
    #expect(try package.pipeline(".x").imageTags(for: "gpu") == ["_.x_gpu"])
    #expect((tags + ["_.x_gpu"]).allSatisfy(ImageReference.isTag))
  }

  @Test func `A file with the other ending is not overlooked`() throws {
    let package = try SamplePackage(files: ["sematic.yml"])
    #expect(package.mistake() == "sematic.yml is not read: name the file 'sematic.yaml'")
  }

  @Test func `A pipeline file that is a folder is an error`() throws {
    let package = try SamplePackage(files: ["sematic.yaml/x"])
    #expect(package.mistake() == "cannot read PACKAGE/sematic.yaml: it is not a file")
  }
}
