import SematicConfiguration
import TestSupport
import Testing

struct BuildConfigurationTests {
  private static let file = """
    version: 1
    defaults:
      env: {Z: "1", A: "yes", EMPTY: "", PATHS: "/a:/b # c", TEXT: "two\\nlines"}
      registry: ghcr.io/acme
    pipelines:
      train:
        bases: {gpu: "docker.io/library/debian:12", 10: scratch}
        data: ["m/*.bin", {from: a.txt, to: /b.txt}]
        tags: ["1.10", nightly]
        tag_suffix: dev
        insecure: true
        mirrors: {docker.io: [mirror.example.com/hub]}
        retries: 0
        labels: {team: vision, note: "true"}
        annotations: {org.acme/x: "ü: y"}
        user: 1000:1000
        workdir: /work
        compression: zstd:3
        layer_size: 2GB
        debug_information: keep
    """

  private static let expected = """
    version: 1
    pipelines:
      train:
        product: train
        registry: ghcr.io
        repository: acme/sample
        bases:
          "10": scratch
          default: worker-cuda
          gpu: docker.io/library/debian:12
        platform: linux/amd64
        env:
          A: "yes"
          EMPTY: ""
          PATHS: '/a:/b # c'
          TEXT: "two\\nlines"
          Z: "1"
        data:
        - m/*.bin
        - from: a.txt
          to: /b.txt
        tags:
        - "1.10"
        - nightly
        tag_suffix: dev
        insecure: true
        mirrors:
          docker.io:
          - mirror.example.com/hub
        retries: 0
        labels:
          note: "true"
          team: vision
        annotations:
          org.acme/x: 'ü: y'
        user: "1000:1000"
        workdir: /work
        compression: zstd:3
        layer_size: "2000 MB"
        debug_information: keep

    """

  private func package() throws -> SamplePackage { try SamplePackage(Self.file, files: ["m/x.bin", "a.txt"]) }

  @Test func `The build configuration holds every setting, merged and in order`() throws {
    let pipeline = try package().pipeline(nil, Overrides(platform: "linux/amd64"))
    #expect(try pipeline.buildConfiguration() == Self.expected)
  }

  @Test func `The build configuration is itself a pipeline file, of the same pipeline`() throws {
    let package = try package()
    let pipeline = try package.pipeline()
    try package.folder.write("sematic.yaml", pipeline.buildConfiguration())
    #expect(try package.pipeline() == pipeline)
  }

  @Test func `The build configuration is the same on every machine`() throws {
    #expect(try package().pipeline().buildConfiguration() == package().pipeline().buildConfiguration())
    #expect(
      try SamplePackage().pipeline().buildConfiguration() == """
        version: 1
        pipelines:
          train:
            product: train
            registry: local
            repository: sample
            bases:
              default: worker-cuda

        """)
  }

  @Test func `Any text of a variable comes through`() throws {
    let texts = [
      "'", "\"", "\\", "a\tb", " x ", "- a", "# x", "~", "0x1", "{a: b}", "*a", "&a", "é\u{2028}x", "\u{1}", "a: b:",
      "%",
    ]
    let variables = texts.enumerated().map { "V\($0.offset)=\($0.element)" }
    let package = try SamplePackage()
    let pipeline = try package.pipeline(nil, Overrides(environment: variables))
    try package.folder.write("sematic.yaml", pipeline.buildConfiguration())
    #expect(try package.pipeline().environment == pipeline.environment)
    #expect(pipeline.environment.count == texts.count)
  }
}
