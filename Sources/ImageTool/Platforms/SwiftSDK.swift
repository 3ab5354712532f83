import SematicFiles
import SematicOCI
import SematicSystem

/// A Swift SDK that is installed: compilers' files for other platforms than this machine's.
///
/// https://github.com/swiftlang/swift-evolution/blob/main/proposals/0387-cross-compilation-destinations.md
struct SwiftSDK: Equatable, Sendable {
  /// The name that `swift sdk list` prints.
  let name: String
  /// What it builds for: each triple with the root of the system there.
  let roots: [String: String]
  /// The folder that it is installed in, where that is not SwiftPM's own.
  let folder: String?

  /// The triple for a platform.
  func triple(for platform: Platform) -> String? {
    roots.keys.sorted().first { Self.platform(ofTriple: $0)?.satisfies(platform.withoutVariant) == true }
  }

  /// The platform that it builds for, if that is one alone.
  var onlyPlatform: Platform? {
    let platforms = Set(roots.keys.compactMap(Self.platform))
    return platforms.count == 1 ? platforms.first : nil
  }

  /// The options of `swift build` that choose it.
  /// - Parameter others: all that are installed.
  func options(for platform: Platform, among others: [SwiftSDK]) -> [String] {
    // By its name alone, SwiftPM takes any of its triples.
    let triple = roots.count > 1 ? triple(for: platform) : nil
    let selector = triple.flatMap { triple in others.count { $0.roots[triple] != nil } == 1 ? triple : nil }
    return ["--swift-sdk", selector ?? name] + (folder.map { ["--swift-sdks-path", $0] } ?? [])
  }

  /// Whether a person means it by a name or a triple.
  func isMeant(by text: String) -> Bool { name == text || roots[text] != nil }

  /// `aarch64-unknown-linux-gnu` -> `linux/arm64`
  static func platform(ofTriple triple: String) -> Platform? {
    let parts = triple.split(separator: "-").map(String.init)
    guard let machine = parts.first, parts.dropFirst().contains(where: { $0.hasPrefix("linux") }) else { return nil }
    if machine.hasPrefix("arm"), machine != "arm64" { return Platform(architecture: "arm", variant: "v7") }
    let names = ["powerpc64le": "ppc64le", "arm64": "arm64"]
    return try? Platform("linux/" + (names[machine] ?? machine))
  }

  /// The SDKs in SwiftPM's folder, and in another one.
  static func installed(in other: String? = nil) -> [SwiftSDK] {
    let own = folders.flatMap { bundles(in: $0, isOwn: true) }
    return own + (other.map { bundles(in: FileTree.absolute($0), isOwn: false) } ?? [])
  }

  /// The folder by SwiftPM's rules, with its place on macOS.
  private static var folders: [String] {
    let environment = ProcessInfo.processInfo.environment
    if let configuration = environment["XDG_CONFIG_HOME"], configuration.hasPrefix("/") {
      return [configuration + "/swiftpm/swift-sdks"]
    }
    let home = environment["CFFIXED_USER_HOME"] ?? StateFolder.userFolder ?? environment["HOME"] ?? "/"
    #if os(macOS)
      return [home + "/Library/org.swift.swiftpm/swift-sdks"]
    #else
      return [home + "/.swiftpm/swift-sdks"]
    #endif
  }

  private static func bundles(in folder: String, isOwn: Bool) -> [SwiftSDK] {
    let bundles = ((try? FileTree.names(in: folder)) ?? []).filter { $0.hasSuffix(".artifactbundle") }
    return bundles.flatMap { bundle -> [SwiftSDK] in
      let path = folder + "/" + bundle
      let artifacts = json(path + "/info.json")?["artifacts"]?.object ?? [:]
      return artifacts.sorted { $0.key < $1.key }.map { name, artifact in
        let variants = artifact["variants"]?.array?.compactMap { $0["path"]?.string } ?? []
        var found: [String: String] = [:]
        for variant in variants { found.merge(roots(of: path + "/" + variant)) { first, _ in first } }
        return SwiftSDK(name: name, roots: found, folder: isOwn ? nil : folder)
      }
    }
  }

  private static func roots(of variant: String) -> [String: String] {
    let file = variant.hasSuffix(".json") ? variant : variant + "/swift-sdk.json"
    let triples = json(file)?["targetTriples"]?.object ?? [:]
    return triples.mapValues { FileTree.absolute($0["sdkRootPath"]?.string ?? ".", from: FileTree.parent(of: file)) }
  }

  private static func json(_ path: String) -> JSONValue? {
    (try? FileTree.read(path, limit: 1 << 20)).flatMap { try? decodeJSON(from: Data($0)) }
  }
}

extension Platform {
  /// The platform of a program: variants of other processors than arm only say what a base needs.
  var withoutVariant: Platform { architecture == "arm" ? self : Platform(os: os, architecture: architecture) }
}
