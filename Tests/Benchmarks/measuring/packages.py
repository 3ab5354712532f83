"""Swift packages to build: the starter of this checkout, and one with a peer's package graph."""
import shutil, textwrap

from .workplace import ROOT, WORK, remove, run


def written(name, files):
    folder = WORK / name
    for file, text in files.items():
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip())
    return folder


def starter(name):
    """A copy of the starter package, which uses this checkout."""
    folder = WORK / name
    shutil.copytree(ROOT / "Templates/starter", folder, ignore=shutil.ignore_patterns(".build", "Package.resolved"))
    manifest = folder / "Package.swift"
    manifest.write_text(manifest.read_text().replace('path: "../.."', f'path: "{ROOT}"'))
    return folder


HELLO = {
    "sematic.yaml": "version: 1\ndefaults:\n  base: scratch\n",
    "Package.swift": """
        // swift-tools-version: 6.1
        import PackageDescription
        let package = Package(
          name: "hello",
          platforms: [.macOS(.v13)],
          dependencies: [.package(name: "swift-sematic", path: "%s")],
          targets: [.executableTarget(name: "Hello")])
        """ % ROOT,
    "Sources/Hello/Hello.swift": """
        @main struct Hello {
          static func main() { print("Hello, world!") }
        }
        """,
}


def hello(name):
    """The least package that has an image, which uses this checkout."""
    return written(name, HELLO)


def fetch(folder):
    """Puts the dependencies into SwiftPM's cache, so that the network is not measured; the folder stays fresh."""
    run(["swift", "package", "resolve"], folder)
    remove(folder / ".build")
    remove(folder / "Package.resolved")


def change_line(folder, number):
    """One line of the program says something else for each number."""
    source = folder / "Sources/WordCount/WordCount.swift"
    lines = source.read_text().splitlines(keepends=True)
    at = next(at for at, line in enumerate(lines) if "x \\(word)" in line)
    lines[at] = f'      print("{"again " * number}\\(occurrences) x \\(word)")\n'
    source.write_text("".join(lines))


def sources(name):
    """A copy of what of this checkout is compiled by users, to be built on its own."""
    folder = WORK / name
    folder.mkdir()
    for part in ("Sources", "Plugins", "Templates", "Tests"):
        shutil.copytree(ROOT / part, folder / part, symlinks=True, ignore=shutil.ignore_patterns(".build"))
    shutil.copyfile(ROOT / "Package.swift", folder / "Package.swift")
    return folder


PEER = {
    "Package.swift": """
        // swift-tools-version: 6.1
        import PackageDescription
        let package = Package(
          name: "peer",
          dependencies: [
            .package(url: "https://github.com/apple/swift-crypto", from: "3.12.3"),
            .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
            .package(url: "https://github.com/apple/swift-http-types", from: "1.4.0"),
          ],
          targets: [
            .plugin(
              name: "Verb", capability: .command(intent: .custom(verb: "verb", description: "Builds the program")),
              dependencies: ["Tool"]),
            .executableTarget(
              name: "Tool",
              dependencies: [
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
              ]),
            .executableTarget(name: "Program"),
          ])
        """,
    "Plugins/Verb/Verb.swift": """
        import Foundation
        import PackagePlugin
        @main struct Verb: CommandPlugin {
          func performCommand(context: PluginContext, arguments: [String]) throws {
            let result = try packageManager.build(
              .product("Program"), parameters: .init(configuration: .release))
            let tool = try Process.run(context.tool(named: "Tool").url, arguments: [])
            tool.waitUntilExit()
            guard result.succeeded, tool.terminationStatus == 0 else { fatalError() }
          }
        }
        """,
    "Sources/Tool/Tool.swift": """
        import ArgumentParser
        import Crypto
        import HTTPTypes
        @main struct Tool: ParsableCommand {
          func run() { print(SHA256.hash(data: [UInt8]()), HTTPRequest.Method.get) }
        }
        """,
    "Sources/Program/Program.swift": """
        @main struct Program { static func main() { print("Hello, world!") } }
        """,
}


def peer(name):
    """A plugin whose tool has the package graph of apple/swift-container-plugin and does nothing.

    It costs less than that plugin itself.
    """
    return written(name, PEER)
