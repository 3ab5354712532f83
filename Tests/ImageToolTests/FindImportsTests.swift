import Foundation
import SematicFiles
import TestSupport
import Testing

/// Templates/find-imports.py: what a script imports and its image will not have.
@Suite(.enabled(if: ChildProcess.canRun("python3"))) struct FindImportsTests {
  private struct Found: Decodable {
    let file: String
    let line: Int
    let module: String
    let deferred: Bool
    let conditional: Bool
    let path: String?
  }

  /// - Parameters:
  ///   - files: the package's files; those with a `-` in front are not in the image.
  /// - Returns: `FILE:LINE MODULE`, with what is said besides.
  private func missing(
    _ files: [String: String], roots: [String] = [""], packages: [String] = [], version: String? = nil
  ) throws -> [String] {
    let folder = try TemporaryFolder("imports")
    for (name, text) in files {
      try folder.write("package/" + (name.hasPrefix("-") ? "\(name.dropFirst())" : name), text)
    }
    for name in packages { try folder.write("packages/" + name, "vendored\n") }
    let request: [String: Any?] = [
      "folder": folder.file("package"), "script": "main.py", "roots": roots,
      "files": files.keys.filter { !$0.hasPrefix("-") }, "packages": folder.file("packages"), "version": version,
    ]
    try folder.write("request", JSONSerialization.data(withJSONObject: request.compactMapValues { $0 }))
    let script = (0..<3).reduce(#filePath) { path, _ in FileTree.parent(of: path) } + "/Templates/find-imports.py"
    let result = try ChildProcess.run(["sh", "-c", "python3 -I '\(script)' <'\(folder.file("request"))'"])
    try #require(result.status == 0, "\(result.output)")
    return try JSONDecoder().decode([Found].self, from: Data(result.output.utf8)).map {
      "\($0.file):\($0.line) \($0.module)" + ($0.deferred ? " deferred" : "") + ($0.conditional ? " conditional" : "")
        + ($0.path.map { " " + $0 } ?? "")
    }
  }

  @Test func `Modules of Python, the package and the requirements are there, others not`() throws {
    #expect(
      try missing(
        [
          "main.py":
            "import os.path, sys, __main__\nimport numpy, pandas\nfrom a.b import c, VALUE\nfrom google.cloud import x",
          "a/b/c.py": "import lib.deep\nfrom torch import nn\nfrom . import d, NAME\nfrom ...up import x",
          "a/b/__init__.py": "from .c import *", "a/b/d.py": "", "unused.py": "import unused_too",
        ],
        packages: ["numpy/__init__.py", "google/auth.py", "lib.cpython-311-x86_64-linux-gnu.so", "x.dist-info/RECORD"])
        == ["main.py:2 pandas", "a/b/c.py:2 torch"])
  }

  @Test func `A module that does not come along is named with its place`() throws {
    #expect(
      try missing(
        [
          "main.py": "import pkg.left\nfrom pkg import out, there, NAME\nfrom space import out\nimport alone, other",
          "pkg/__init__.py": "from . import out as o", "-pkg/left.py": "", "-pkg/out.py": "", "pkg/there.py": "",
          "space/there.py": "", "-space/out.py": "", "-alone.py": "", "-roots/other.py": "",
        ], roots: ["", "roots"]) == [
          "main.py:1 pkg.left pkg/left.py", "main.py:2 pkg.out pkg/out.py", "main.py:3 space.out space/out.py",
          "main.py:4 alone alone.py", "main.py:4 other roots/other.py", "pkg/__init__.py:1 .out pkg/out.py",
        ])
  }

  @Test func `Roots are searched in their order, and a folder is no module where there is one`() throws {
    #expect(
      try missing(
        [
          "main.py": "import a\nimport data\nimport yaml\nimport table", "first/a.py": "", "a.py": "import never",
          "data/b.py": "", "yaml/settings.yml": "", "table/rows.csv": "",
        ], roots: ["first", ""], packages: ["yaml/__init__.py"]) == ["main.py:4 table"])
  }

  @Test func `Imports that may fail, or that do not run, are no mistake`() throws {
    let source = """
      import sys
      from typing import TYPE_CHECKING
      from contextlib import suppress
      if TYPE_CHECKING:
          import one
      try:
          import two
      except (ValueError, ImportError):
          import three
      else:
          import two.more
      if sys.platform == "win32":
          import four
      else:
          import five
      with suppress(ImportError):
          import six
      if __name__ == "__main__":
          import seven
          from part import run
      def work():
          import eight
          import importlib; importlib.import_module("nine")
      class Kind:
          import ten
      try:
          import eleven
      except KeyError:
          import twelve
      finally:
          import thirteen
      """
    #expect(
      try missing(["main.py": source, "part.py": "import fourteen"]) == [
        "main.py:22 eight deferred", "main.py:25 ten", "main.py:27 eleven", "main.py:29 twelve", "main.py:31 thirteen",
        "part.py:1 fourteen",
      ])
  }

  @Test func `Under a condition, only what is in the package is named, and what it imports itself is left alone`()
    throws
  {
    let source = """
      import os
      from typing import TYPE_CHECKING
      if TYPE_CHECKING:
          import hints
      else:
          import needed
      if os.environ.get("DEBUG"):
          import debugging, debugpy
      elif os.name == "nt":
          import windows
      def work(fast):
          if fast:
              from parts import quick
      """
    #expect(
      try missing([
        "main.py": source, "-hints.py": "", "-debugging.py": "", "windows.py": "import winreg_of_others",
        "parts/__init__.py": "import never", "-parts/quick.py": "", "-needed.py": "",
      ]) == [
        "main.py:6 needed needed.py", "main.py:8 debugging conditional debugging.py",
        "main.py:13 parts.quick deferred conditional parts/quick.py",
      ])
  }

  @Test func `Python's library is that of the image's version`() throws {
    let files = ["main.py": "import tomllib\nimport distutils.core\nimport cgi"]
    #expect(try missing(files, version: "3.9") == ["main.py:1 tomllib"])
    #expect(try missing(files, version: "3.11").isEmpty)
    #expect(try missing(files, version: "3.13") == ["main.py:2 distutils.core", "main.py:3 cgi"])
  }

  @Test func `What cannot be read as Python is nobody's fault`() throws {
    #expect(try missing(["main.py": "import a, b", "a.py": "print 'old'", "b.py": "\u{0}"]).isEmpty)
    #expect(try missing(["main.py": "import vendored", "-x": ""], packages: ["a.pth", "vendored/b.py"]).isEmpty)
  }
}
