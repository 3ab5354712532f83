import SematicConfiguration
import SematicOCI
import TestSupport
import Testing

struct BaseDescriptorTests {
  @Test(arguments: [
    Mistake("", "sematic-bases/b.json:1: the file is empty: it must describe the base 'b'"),
    Mistake("[]", #"sematic-bases/b.json:1: a base descriptor must be a map, not a list: write '{"name": "b"}'"#),
    Mistake("{\n", "sematic-bases/b.json:2: this is not JSON: did not find expected node content"),
    Mistake(#"{"name": "b", "platform": "linux/amd64"}"#, "sematic-bases/b.json:1: 'reference' is missing"),
    Mistake(#"{"name": "b", "reference": "x"}"#, "sematic-bases/b.json:1: 'platform' is missing"),
    Mistake(#"{"reference": "x", "platform": "linux/amd64"}"#, "sematic-bases/b.json:1: 'name' is missing"),
    Mistake(
      #"{"name": "c", "reference": "x", "platform": "linux/amd64"}"#,
      "sematic-bases/b.json:1: the name 'c' is not the file's name: write 'b', or rename the file"),
    Mistake(
      "{\n\"name\": \"b\",\n\"reference\": \"x/Y\", \"platform\": \"linux/amd64\"}",
      "sematic-bases/b.json:3: 'x/Y' is not a base: 'x/Y' is not a valid repository: expected "
        + "lower-case letters and digits, parted by single . _ __ or dashes, in folders parted by /"),
    Mistake(
      "{\n\"name\": \"b\",\n\"reference\": \"x\", \n\"platform\": \"amd64\"}",
      "sematic-bases/b.json:4: 'amd64' is not a valid platform: expected os/architecture[/variant], for example "
        + "linux/amd64"),
    Mistake(
      "{\n\"refrence\": \"x\"}", "sematic-bases/b.json:2: 'refrence' is not a key here: did you mean 'reference'?"),
    Mistake(
      "{\"size\": 1}",
      "sematic-bases/b.json:1: 'size' is not a key here: there are 'name', 'reference', 'platform', 'promises'"),
    Mistake("{\"name\": null}", #"sematic-bases/b.json:1: 'name' has no value: write '"name": "..."', or remove it"#),
    Mistake("{\"name\": [1]}", #"sematic-bases/b.json:1: 'name' must be text, not a list: write '"name": "..."'"#),
    Mistake(
      "{\"promises\": []}",
      #"sematic-bases/b.json:1: 'promises' must be a map, not a list: write '"promises": {"python": "/usr/bin/python3"}'"#
    ),
    Mistake(
      "{\"promises\": {\"pyhton\": \"x\"}}",
      "sematic-bases/b.json:1: 'pyhton' is not a key here: did you mean 'python'?"),
    Mistake(
      "{\"promises\": {\"python\": \"x\"}}",
      "sematic-bases/b.json:1: 'x' is not a path of the image: write an absolute path without '..'"),
    Mistake(
      "{\"promises\": {\"python\":\n \"/a/../b\"}}",
      "sematic-bases/b.json:2: '/a/../b' is not a path of the image: write an absolute path without '..'"),
    Mistake(
      "{\"promises\": {\"python\": [\"/a\"]}}",
      #"sematic-bases/b.json:1: 'python' must be text, not a list: write '"python": "/usr/bin/python3"'"#),
    Mistake(
      "{\"promises\": {\"writable\": [\"/a\"]}}",
      "sematic-bases/b.json:1: 'writable' is not a key here: there are 'python', 'pythonVersion', 'glibc', 'glibcxx', 'cxxabi'"
    ),
  ])
  func `A mistake in a descriptor is said with its line`(_ mistake: Mistake) throws {
    let package = try SamplePackage()
    try package.folder.write("sematic-bases/b.json", mistake.text)
    #expect(package.mistake() == mistake.message)
  }

  @Test func `A platform that a base is not for is an error before anything is fetched`() throws {
    let package = try SamplePackage(settings("platform: linux/arm64\nbase: worker-base\nbases: {any: 'debian:12'}"))
    #expect(
      package.mistake()
        == "sematic.yaml:4: the base 'worker-base' is for linux/amd64, not for linux/arm64"
        + "\nhint: choose another base, or describe one for linux/arm64 in sematic-bases/NAME.json")
    #expect(package.mistake(nil, Overrides(platform: "linux/amd64/v3")).hasPrefix("--platform: the base 'worker-base'"))
    #expect(try package.pipeline(nil, Overrides(bases: ["scratch"])).platform == Platform(architecture: "arm64"))
    #expect(try package.pipeline(nil, Overrides(platform: "linux/amd64")).bases.count == 2)
  }

  @Test func `All that a descriptor promises is read`() throws {
    let package = try SamplePackage(settings("base: b"))
    try package.folder.write(
      "sematic-bases/b.json",
      """
      {
      \t"name": "b", "reference": "registry.example.com\\/b:1", "platform": "linux/arm64/v8",
      \t"promises": {"python": "/opt/python3", "pythonVersion": "3.12", "glibc": "2.36"}
      }
      """)
    let descriptor = try #require(try package.pipeline().bases.first?.descriptor)
    #expect(descriptor.reference == "registry.example.com/b:1")
    #expect(descriptor.platform.description == "linux/arm64/v8")
    #expect(descriptor.promises.pythonPath == "/opt/python3")
    #expect(descriptor.promises.pythonVersion == "3.12")
    #expect(descriptor.promises.glibcVersion == "2.36")
  }
}
