import SematicConfiguration
import Testing

struct ValueRulesTests {
  @Test(arguments: [
    Mistake(
      "compression: xz",
      "compression: 'xz' is not a valid compression: expected gzip or zstd, or one of them with a level, as in zstd:3"),
    Mistake(
      "compression: gzip:10",
      "compression: 'gzip:10' is not a valid compression: expected a level of gzip from 1 to 9"),
    Mistake(
      "compression: 'zstd:'", "compression: 'zstd:' is not a valid compression: expected a level of zstd from 1 to 19"),
    Mistake("layer_size: 512", "layer_size: '512' is not a size: write it in MB or GB, as in 512 MB"),
    Mistake("layer_size: 0 MB", "layer_size: '0 MB' is not a size: write it in MB or GB, as in 512 MB"),
    Mistake(
      "layer_size: 99999999999 GB", "layer_size: '99999999999 GB' is not a size: write it in MB or GB, as in 512 MB"),
    Mistake("debug_information: no", "debug_information: 'no' is neither 'keep' nor 'strip'"),
  ])
  func `What says how layers are made is checked`(_ mistake: Mistake) throws {
    #expect(try SamplePackage(settings(mistake.text)).mistake() == "sematic.yaml:4: " + mistake.message)
  }

  @Test(arguments: [
    Mistake(
      "tags: [a b]", "tags: 'a b' is not a valid tag: use at most 128 of A-Z a-z 0-9 _ . - (not . or - first)"),
    Mistake(
      "tags: ['a::b']", "tags: 'a::b' is not a valid tag: use at most 128 of A-Z a-z 0-9 _ . - (not . or - first)"),
    Mistake(
      "tags: [.a]", "tags: '.a' is not a valid tag: use at most 128 of A-Z a-z 0-9 _ . - (not . or - first)"),
    Mistake(
      "bases: {'a##b': scratch}",
      "bases: 'a##b' is not a valid base tag: use at most 128 of A-Z a-z 0-9 _ . - (not . or - first)"),
    Mistake(
      "bases: {'a::b': scratch}",
      "bases: 'a::b' is not a valid base tag: use at most 128 of A-Z a-z 0-9 _ . - (not . or - first)"),
    Mistake("tag_suffix: 'a:b'", "tag_suffix: 'a:b' is not a valid tag suffix: use A-Z a-z 0-9 _ . -"),
    Mistake("tag_suffix: ''", "tag_suffix: '' is not a valid tag suffix: use A-Z a-z 0-9 _ . -"),
    Mistake("tag_suffix: ü", "tag_suffix: 'ü' is not a valid tag suffix: use A-Z a-z 0-9 _ . -"),
  ])
  func `A tag that a registry or Sematic could not read is an error`(_ mistake: Mistake) throws {
    #expect(try SamplePackage(settings(mistake.text)).mistake() == "sematic.yaml:4: " + mistake.message)
  }

  @Test(arguments: [
    Mistake(
      "env: {1A: x}",
      "env: '1A' is not a name for an environment variable: use A-Z a-z 0-9 _ . - (no digit first)"),
    Mistake(
      "env: {'': x}",
      "env: '' is not a name for an environment variable: use A-Z a-z 0-9 _ . - (no digit first)"),
    Mistake(
      "env: {A=B: x}",
      "env: 'A=B' is not a name for an environment variable: use A-Z a-z 0-9 _ . - (no digit first)"),
    Mistake(
      "env: {SEMATIC_CONTAINER_IMAGE: x}",
      "env: 'SEMATIC_CONTAINER_IMAGE' cannot be set here: it tells Sematic which image runs"),
    Mistake(
      "env: {SEMATIC_CONTAINER_IMAGE_URIS: x}",
      "env: 'SEMATIC_CONTAINER_IMAGE_URIS' cannot be set here: it tells Sematic which image runs"),
    Mistake(#"env: {A: "x\0"}"#, "env: the value of 'A' has a zero byte; environment variables cannot have one"),
    Mistake(
      "labels: {a b: x}",
      "labels: 'a b' is not a name for a label or an annotation: use A-Z a-z 0-9 _ . - / (letter or digit first)"),
    Mistake(
      "annotations: {-a: x}",
      "annotations: '-a' is not a name for a label or an annotation: use A-Z a-z 0-9 _ . - / (letter or digit first)"
    ),
    Mistake(#"labels: {a: "\0"}"#, "labels: the value of 'a' has a zero byte"),
    Mistake(
      "user: 'a b'", "user: 'a b' is not a user: write a name or a number, with or without a group, as in 1000:1000"),
    Mistake(
      "user: '1:2:3'", "user: '1:2:3' is not a user: write a name or a number, with or without a group, as in 1000:1000"
    ),
    Mistake(
      "user: 'a:'", "user: 'a:' is not a user: write a name or a number, with or without a group, as in 1000:1000"),
    Mistake(
      "user: 4294967295",
      "user: '4294967295' is not a user: write a name or a number, with or without a group, as in 1000:1000"),
    Mistake(
      "user: 99999999999999999999",
      "user: '99999999999999999999' is not a user: write a name or a number, with or without a group, as in 1000:1000"),
    Mistake("workdir: work", "workdir: 'work' is not a folder of the image: write an absolute path without '..'"),
    Mistake(
      "workdir: /a/../b", "workdir: '/a/../b' is not a folder of the image: write an absolute path without '..'"),
  ])
  func `A value that no image could hold is an error`(_ mistake: Mistake) throws {
    #expect(try SamplePackage(settings(mistake.text)).mistake() == "sematic.yaml:4: " + mistake.message)
  }

  @Test(arguments: ["2147483648", "4294967296", "9223372036854775807", "9223372036854775808", "18446744073709551616"])
  func `A number at the end of a type is an error or taken as it is, and never a crash`(_ number: String) throws {
    func mistake(_ line: String) throws -> String { try SamplePackage(settings(line)).mistake() }
    for number in [number, "-" + number, number + "0000000000"] {
      for (setting, value) in [
        ("retries", number), ("compression", "zstd:" + number), ("registry", "localhost:" + number),
      ] {
        #expect(try mistake("\(setting): \(value)").hasPrefix("sematic.yaml:4: \(setting): '\(value)' is not a"))
      }
      let isUser = UInt32(number).map { $0 < .max } ?? false
      let isSize = Int64(number).map { $0 > 0 && !$0.multipliedReportingOverflow(by: 1_000_000_000).overflow } ?? false
      for (setting, value, isValid) in [("user", number, isUser), ("layer_size", number + " GB", isSize)] {
        let package = try SamplePackage(settings("\(setting): '\(value)'"))
        if isValid {
          _ = try package.pipeline()
        } else {
          #expect(package.mistake().hasPrefix("sematic.yaml:4: \(setting): '\(value)' is not a"))
        }
      }
      #expect(try SamplePackage("version: \(number)").mistake().hasPrefix("sematic.yaml:1: version '\(number)' is not"))
      #expect(try SamplePackage(settings("env: {A: \(number)}")).pipeline().environment == ["A": number])
    }
  }

  @Test func `Values of every allowed form are taken`() throws {
    let package = try SamplePackage(
      settings("env: {_a.b-c: 'x y'}\nlabels: {org.acme/x: ä}\nuser: www-data:0\nworkdir: /\ntag_suffix: -x"))
    let pipeline = try package.pipeline()
    #expect(pipeline.environment == ["_a.b-c": "x y"])
    #expect(pipeline.labels == ["org.acme/x": "ä"])
    #expect(pipeline.user == "www-data:0")
    #expect(pipeline.workingDirectory == "/")
    #expect(pipeline.imageTags(for: "default") == ["train_default_-x"])
  }
}
