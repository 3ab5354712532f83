import Foundation
import SematicConfiguration
import SematicFiles
import TestSupport
import Testing

struct PythonSettingsTests {
  private func package(_ lines: String, files: [String] = []) throws -> SamplePackage {
    try SamplePackage(settings(lines), files: files, products: ["One", "Two"])
  }

  @Test func `A script brings the package's Python files, what lies with them, and every executable product`() throws {
    let files = [
      "py/main.py", "py/steps.py", "py/notes.txt", "py/lib/deep/a.py", "py/lib/templates/page.html", "other/b.py",
      "docs/guide.md", "README.md", "py/.hidden.py", "py/__pycache__/steps.pyc", "py/venv/pyvenv.cfg",
      "py/venv/lib/c.py", ".build/d.py", "py/node_modules/e.py",
    ]
    let package = try package(
      "script: py/main.py\nrequirements: ./requirements.txt", files: files + ["requirements.txt"])
    let pipeline = try package.pipeline()
    let script = try #require(pipeline.script)
    #expect(script.file.relativePath == "py/main.py")
    #expect(
      try script.sources().map(\.relativePath) == [
        "other/b.py", "py/lib/deep/a.py", "py/lib/templates/page.html", "py/main.py", "py/notes.txt", "py/steps.py",
      ])
    #expect(script.importRoots == ["py", ""])
    #expect(pipeline.products == ["One", "Two"])
    #expect(pipeline.product == nil)
    #expect(pipeline.requirements?.file.relativePath == "requirements.txt")
  }

  @Test func `A script at the root brings what is not Swift's`() throws {
    let files = [
      "main.py", "Package.swift", "Package.resolved", "prompts/a.txt", "Sources/One/One.swift",
      "Sources/One/Resources/model.bin", "Sources/Two/tool.py", "Sources/Two/tool.json", "Sources/Two/Two.swift",
    ]
    let package = try package("script: main.py", files: files)
    let script = try #require(try package.pipeline().script)
    #expect(
      try script.sources().map(\.relativePath) == [
        "Sources/Two/tool.json", "Sources/Two/tool.py", "main.py", "prompts/a.txt",
      ])
    #expect(script.importRoots == [""])
  }

  @Test(.enabled(if: ChildProcess.canRun("git"))) func `What git ignores stays behind, also in repositories inside`()
    throws
  {
    let package = try package(
      "script: main.py",
      files: [
        "main.py", "new.py", "out/a.py", "gone.py", "inner/b.py", "inner/skipped.py", "c/local.json", "c/d.py",
        "image/e.py",
        "image/oci-layout",
      ])
    func git(_ arguments: String...) throws {
      let settings = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
      let result = try ChildProcess.run(["git", "-C", package.folder.path] + settings + arguments)
      try #require(result.status == 0, "\(result.output)")
    }
    try package.folder.write(".gitignore", "out/\n*.json\n")
    try git("init", "--quiet")
    try git("-C", "inner", "init", "--quiet")
    try package.folder.write("inner/.git/info/exclude", "skipped.py\n")
    try git("add", "main.py", "gone.py")
    try FileTree.remove(package.folder.file("gone.py"))
    let script = try #require(try package.pipeline().script)
    #expect(try script.sources().map(\.relativePath) == ["c/d.py", "inner/b.py", "main.py", "new.py"])
    // A package that is ignored as a whole is taken as it is.
    try package.folder.write(".gitignore", "*\n")
    try git("rm", "--cached", "--quiet", "main.py", "gone.py")
    #expect(try script.sources().map(\.relativePath).contains("out/a.py"))
    // What is ignored may be secret: where git does not tell, nothing is guessed.
    try package.folder.write(".git/HEAD", "nothing\n")
    #expect(throws: UnreadableRepository.self) { try script.sources() }
  }

  @Test func `Symbolic links in the package are followed`() throws {
    let package = try package("script: a/main.py", files: ["a/main.py", "common/x.py", "common/data/y.json"])
    try FileTree.symbolicLink(at: package.folder.file("a/common"), to: "../common")
    try FileTree.symbolicLink(at: package.folder.file("a/z.py"), to: "../common/x.py")
    try FileTree.symbolicLink(at: package.folder.file("a/hosts"), to: "/etc/hosts")
    let script = try #require(try package.pipeline().script)
    #expect(
      try script.sources().map(\.relativePath) == [
        "a/common/data/y.json", "a/common/x.py", "a/main.py", "a/z.py", "common/data/y.json", "common/x.py",
      ])
  }

  @Test(arguments: ["", "src: [py, other/b.py]\n"]) func `Files can be excluded, and data is where it says`(
    sources: String
  ) throws {
    let package = try package(
      sources + "script: py/main.py\nexclude: [py/tests, '**/*.ipynb']\ndata: [{from: py/big.bin, to: /models}]",
      files: [
        "py/main.py", "py/a.ipynb", "py/deep/b.ipynb", "py/tests/c.py", "py/tests/d/e.py", "py/big.bin", "other/b.py",
      ])
    let script = try package.pipeline().script
    #expect(try script?.sources().map(\.relativePath) == ["other/b.py", "py/main.py"])
  }

  @Test func `More than 100 MB have to be asked for`() throws {
    let package = try package("script: main.py", files: ["main.py", "small.txt"])
    for name in ["large.bin", "larger.bin"] {
      try package.folder.write(name, "")
      truncate(package.folder.file(name), name == "large.bin" ? 49_000_000 : 52_000_000)
    }
    let script = try #require(try package.pipeline().script)
    let error = try #require(throws: ConfigurationError.self) { try script.sources() }
    #expect(
      error.description
        == "sematic.yaml:4: the files that come along with the script have 101 MB, more than 100 MB; the largest are "
        + "larger.bin (52 MB), large.bin (49 MB), small.txt (9 B)")
    #expect(error.hint?.contains("'src'") == true)
    let named = try package.folder.write("sematic.yaml", settings("script: main.py\nsrc: ['*.bin']"))
    #expect(try package.pipeline().script?.sources().count == 3, "\(named)")
  }

  @Test func `Folders to import from come behind the script's and the package's`() throws {
    let package = try package(
      "script: app/main.py\nimport_roots: [src, ./lib/py/, app]", files: ["app/main.py", "src/a/b.py", "lib/py/c.py"])
    let script = try #require(try package.pipeline().script)
    #expect(script.importRoots == ["app", "", "src", "lib/py"])
  }

  @Test func `Sources that are named are the only ones, besides the script`() throws {
    let package = try package(
      "script: a [1].py\nsrc: [lib/**/*.py, lib/*.json]",
      files: ["a [1].py", "a 1.py", "b.py", "lib/x/c.py", "lib/d.json"])
    let script = try #require(try package.pipeline().script)
    let sources = try script.sources()
    #expect(sources.map(\.relativePath) == ["a [1].py", "lib/d.json", "lib/x/c.py"])
    #expect(sources.map(\.source) == sources.map { package.folder.file($0.relativePath) })
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

  @Test func `Requirements can be a pyproject's, with extras`() throws {
    let files = ["m.py", "py/pyproject.toml", "py[1].txt"]
    let pipeline = try package("script: m.py\nrequirements: 'py/pyproject.toml[dev, gpu]'", files: files).pipeline()
    #expect(pipeline.requirements?.file.relativePath == "py/pyproject.toml")
    #expect(pipeline.requirements?.extras == ["dev", "gpu"])
    #expect(try pipeline.buildConfiguration().contains("requirements: py/pyproject.toml[dev,gpu]\n"))
    let plain = try package("product: One\nrequirements: 'py[1].txt'", files: files).pipeline()
    #expect(plain.requirements?.file.relativePath == "py[1].txt")
    #expect(plain.requirements?.extras == [])
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
      "src: ['*.py']\nproduct: One", "sematic.yaml:4: src: the pipeline 'train' has no 'script' to import modules"
    ),
    Mistake(
      "import_roots: [src]\nproduct: One",
      "sematic.yaml:4: import_roots: the pipeline 'train' has no 'script' to import modules"),
    Mistake(
      "script: m.py\nimport_roots: [none]", "sematic.yaml:5: import_roots: there is no folder 'none' in the package"),
    Mistake("script: m.py\nimport_roots: [m.py]", "sematic.yaml:5: import_roots: 'm.py' is not a folder"),
    Mistake(
      "script: m.py\nimport_roots: ['a:b']",
      "sematic.yaml:5: import_roots: 'a:b' has a colon, which PYTHONPATH cannot have in a path"),
    Mistake(
      "script: m.py\nworkdir: '/a:b'",
      "sematic.yaml:5: workdir: it has a colon, which PYTHONPATH cannot have in a path"),
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
      "product: One\nrequirements: 'pyproject.toml[]'",
      "sematic.yaml:5: requirements: '[]' are not names of extras: write 'pyproject.toml[dev,gpu]'"),
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
    ("\"pythonVersion\": \"3.10\", \"glibcxx\": \"3.4.30\", \"cxxabi\": \"1.3.13\"", nil),
    ("\"glibcxx\": \"3.4\"", "sematic-bases/b.json:1: '3.4' is not a version: write it as '3.4.30'"),
    ("\"cxxabi\": \"13\"", "sematic-bases/b.json:1: '13' is not a version: write it as '1.3.13'"),
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
