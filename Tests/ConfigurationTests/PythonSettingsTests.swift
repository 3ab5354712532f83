import SematicConfiguration
import SematicFiles
import TestSupport
import Testing

struct PythonSettingsTests {
  private func package(_ lines: String, files: [String] = []) throws -> SamplePackage {
    try SamplePackage(settings(lines), files: files, products: ["One", "Two"])
  }

  @Test func `A script brings the modules beside it, and every executable product`() throws {
    let files = [
      "py/main.py", "py/steps.py", "py/notes.txt", "py/lib/__init__.py", "py/lib/deep/a.py", "py/lib/data.json",
      "py/plain/b.py", "py/.hidden.py", "other.py", "py/venv/lib/c.py",
    ]
    let pipeline = try package(
      "script: py/main.py\nrequirements: ./requirements.txt", files: files + ["requirements.txt"]
    )
    .pipeline()
    let script = try #require(pipeline.script)
    #expect(script.file.relativePath == "py/main.py")
    #expect(
      script.sources.map(\.relativePath) == ["py/lib/__init__.py", "py/lib/deep/a.py", "py/main.py", "py/steps.py"])
    #expect(pipeline.products == ["One", "Two"])
    #expect(pipeline.product == nil)
    #expect(pipeline.requirements?.relativePath == "requirements.txt")
  }

  @Test func `Sources that are named are the only ones, besides the script`() throws {
    let package = try package(
      "script: a [1].py\nsrc: [lib/**/*.py, lib/*.json]",
      files: ["a [1].py", "a 1.py", "b.py", "lib/x/c.py", "lib/d.json"])
    let script = try #require(try package.pipeline().script)
    #expect(script.sources.map(\.relativePath) == ["a [1].py", "lib/d.json", "lib/x/c.py"])
    #expect(script.sources.map(\.source) == script.sources.map { package.folder.file($0.relativePath) })
  }

  @Test func `A pipeline's script takes the place of a product of the defaults, and the other way round`() throws {
    let package = try SamplePackage(
      "version: 1\ndefaults: {product: One}\npipelines: {a: {script: m.py}, b: {}}", files: ["m.py"], products: ["One"])
    #expect(try package.pipeline("a").product == nil)
    #expect(try package.pipeline("b").product == "One")
    let other = try SamplePackage(
      "version: 1\ndefaults: {script: m.py}\npipelines: {a: {product: One}, b: {}}", files: ["m.py"],
      products: ["One"])
    #expect(try other.pipeline("a").product == "One")
    #expect(try other.pipeline("b").script?.file.relativePath == "m.py")
  }

  @Test func `A package without products can have a script`() throws {
    let package = try SamplePackage(settings("script: m.py"), files: ["m.py"], products: [])
    #expect(try package.pipeline().products.isEmpty)
  }

  @Test func `The build configuration says script, sources and requirements`() throws {
    let package = try package(
      "script: m.py\nsrc: ['*.py']\nrequirements: r.txt\nbase: scratch", files: ["m.py", "r.txt"])
    let text = try package.pipeline().buildConfiguration()
    #expect(
      text.hasPrefix(
        "version: 1\npipelines:\n  train:\n    script: m.py\n    src:\n    - \"*.py\"\n    requirements: r.txt\n"))
    // It is a pipeline file again.
    let again = try SamplePackage(text, files: ["m.py", "r.txt"], products: ["One", "Two"])
    #expect(try again.pipeline().buildConfiguration() == text)
  }

  @Test(arguments: [
    Mistake("script: gone.py", "sematic.yaml:4: script: there is no file 'gone.py' in the package"),
    Mistake("script: folder", "sematic.yaml:4: script: 'folder' is not a file"),
    Mistake(
      "script: ../m.py",
      "sematic.yaml:4: script: '../m.py' leaves the package: write a path in the package's folder, without '..'"),
    Mistake(
      "script: /m.py", "sematic.yaml:4: script: '/m.py' is an absolute path: write it from the package's folder on"),
    Mistake(
      "script: 'a:b/m.py'",
      "sematic.yaml:4: script: its folder has a colon, which PYTHONPATH cannot have in a path"),
    Mistake("script: ''", "sematic.yaml:4: script: the path is empty"),
    Mistake("script: [m.py]", "sematic.yaml:4: 'script' must be text, not a list: write 'script: main.py'"),
    Mistake(
      "script: out/m.py", "sematic.yaml:4: script: 'out/m.py' leaves the package by a symbolic link, to /etc/hosts"),
    Mistake(
      "script: m.py\nproduct: One",
      "sematic.yaml:4: 'script' and 'product' (sematic.yaml:5) cannot be used together: a script brings all executable "
        + "products along"),
    Mistake(
      "src: ['*.py']\nproduct: One", "sematic.yaml:4: src: the pipeline 'train' has no 'script' to import them"),
    Mistake("script: m.py\nsrc: '*.py'", "sematic.yaml:5: 'src' must be a list, not text: write 'src: [lib/**/*.py]'"),
    Mistake(
      "script: m.py\nsrc: [../x]",
      "sematic.yaml:5: src: '../x' leaves the package: write a path in the package's folder, without '..'"),
    Mistake(
      "script: m.py\nsrc: [none/*.py]",
      "sematic.yaml:5: src: 'none/*.py' matches no file of the package\nhint: hidden files need a pattern that names the "
        + "dot; '.build' and '.git' are never searched"),
    Mistake(
      "product: One\nrequirements: none.txt", "sematic.yaml:5: requirements: there is no file 'none.txt' in the package"
    ),
    Mistake(
      "product: One\nrequirement: none.txt",
      "sematic.yaml:5: 'requirement' is not a setting: did you mean 'requirements'?"),
  ])
  func `A mistake is told with its place`(_ mistake: Mistake) throws {
    let package = try package(mistake.text, files: ["m.py", "folder/x", "a:b/m.py"])
    try FileTree.createDirectory(package.folder.file("out"))
    try FileTree.symbolicLink(at: package.folder.file("out/m.py"), to: "/etc/hosts")
    #expect(package.mistake() == mistake.message)
  }

  @Test(arguments: [
    ("\"pythonVersion\": \"3.10\", \"glibc\": \"2.35\"", nil),
    ("\"pythonVersion\": 3.10", nil),
    ("\"pythonVersion\": \"3\"", "sematic-bases/b.json:1: '3' is not a version: write it as '3.9'"),
    ("\"pythonVersion\": \"3.9.1\"", "sematic-bases/b.json:1: '3.9.1' is not a version: write it as '3.9'"),
    ("\"glibc\": \"2.x\"", "sematic-bases/b.json:1: '2.x' is not a version: write it as '2.35'"),
  ])
  func `A base promises the versions of its Python and its C library`(promises: String, message: String?) throws {
    let package = try SamplePackage(settings("base: b"))
    try package.folder.write(
      "sematic-bases/b.json",
      "{\"name\": \"b\", \"reference\": \"x\", \"platform\": \"linux/amd64\", \"promises\": {\(promises)}}")
    if let message {
      #expect(package.mistake() == message)
    } else {
      #expect(try package.pipeline().bases[0].descriptor?.promises.pythonVersion == "3.10")
    }
  }
}
