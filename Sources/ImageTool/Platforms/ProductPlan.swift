import SematicConfiguration
import SematicOCI
import SematicSystem

/// Where the products of each platform come from, decided before anything is built.
struct ProductPlan: Equatable {
  enum Source: Equatable {
    /// The build that SwiftPM was asked for: for this machine, or with the Swift SDK that was named for the whole call.
    case own
    /// A build of the tool's own in a scratch folder beside it; without a Swift SDK, for this machine.
    case nested(SwiftSDK?)
    /// An executable that exists.
    case executable(String)
  }

  struct Entry: Equatable {
    /// Nil: the program's, whatever it is.
    let platform: Platform?
    let source: Source
  }

  let entries: [Entry]

  /// Whether SwiftPM has to be asked for the products.
  var needsOwnBuild: Bool { entries.contains { $0.source == .own } }

  /// What a plan depends on, besides the settings.
  struct Surroundings {
    /// The platform that this machine builds for by itself; nil where that is none of an image.
    let own: Platform?
    /// The Swift SDK that was named for the whole call.
    let chosenSDK: String?
    /// Whether nobody can tell if one was named.
    let mayHaveChosen: Bool
    let installed: [SwiftSDK]
  }

  /// The plan with one source for all platforms.
  init(platforms: [Platform], source: Source) {
    let platforms: [Platform?] = platforms.isEmpty ? [nil] : platforms
    entries = platforms.map { Entry(platform: $0, source: source) }
  }

  /// - Parameters:
  ///   - platforms: those that were asked for; none: the program's.
  ///   - sdks: the names of Swift SDKs by platform, as they were written.
  /// - Throws: `MissingProduct`.
  init(
    platforms: [Platform], executables: [GivenExecutable], sdks: [String: String], in surroundings: Surroundings
  ) throws(MissingProduct) {
    let wanted = platforms.isEmpty ? executables.compactMap(\.platform) : platforms
    guard !wanted.isEmpty else {
      entries = [Entry(platform: nil, source: executables.first.map { .executable($0.path) } ?? .own)]
      return
    }
    if wanted.count > 1, let given = executables.first(where: { $0.platform == nil }) {
      throw MissingProduct(platform: wanted[0], reason: .unknownPlatform(given.path))
    }
    func given(for platform: Platform) -> GivenExecutable? {
      executables.first { $0.platform?.satisfies(platform.withoutVariant) ?? true }
    }
    let used = wanted.compactMap(given)
    if let unused = executables.first(where: { !used.contains($0) }) {
      throw MissingProduct(platform: unused.platform ?? wanted[0], reason: .unwanted(unused.path, asked: wanted))
    }
    // What the own build is for, unless only its programs will tell.
    let chosen = surroundings.chosenSDK.flatMap { name in surroundings.installed.first { $0.isMeant(by: name) } }
    let own =
      surroundings.chosenSDK.map { SwiftSDK.platform(ofTriple: $0) ?? chosen?.onlyPlatform } ?? surroundings.own
    var isOwnFree = own == nil && (surroundings.chosenSDK != nil || surroundings.mayHaveChosen)
    var entries: [Entry] = []
    for platform in wanted {
      let bare = platform.withoutVariant
      let fitting = surroundings.installed.filter { $0.triple(for: bare) != nil }
      let source: Source
      if let given = given(for: platform) {
        source = .executable(given.path)
      } else if let name = sdks[platform.description] ?? sdks[bare.description] {
        guard let sdk = fitting.first(where: { $0.isMeant(by: name) }) else {
          throw MissingProduct(platform: platform, reason: .unknownSDK(name))
        }
        source = .nested(sdk)
      } else if own?.satisfies(bare) == true || isOwnFree && wanted.count == 1 {
        source = .own
      } else if let chosen, fitting.contains(chosen) {
        source = .nested(chosen)
      } else if surroundings.own?.satisfies(bare) == true {
        source = .nested(nil)
      } else if fitting.count == 1 {
        source = .nested(fitting[0])
      } else if isOwnFree {
        isOwnFree = false
        source = .own
      } else {
        throw MissingProduct(platform: platform, reason: fitting.isEmpty ? .noSDK : .severalSDKs(fitting.map(\.name)))
      }
      entries.append(Entry(platform: platform, source: source))
    }
    self.entries = entries
  }
}

/// A product that cannot be had for a platform.
struct MissingProduct: ExplainedError, Equatable {
  enum Reason: Equatable {
    case noSDK
    case severalSDKs([String])
    case unknownSDK(String)
    /// An executable without its platform, where there are several.
    case unknownPlatform(String)
    /// An executable that no image is for.
    case unwanted(String, asked: [Platform])
    /// SwiftPM's sandbox forbids a build beside its own.
    case sandbox
  }

  let platform: Platform
  let reason: Reason

  var description: String {
    let start = "the product cannot be built for \(platform)"
    return switch reason {
    case .noSDK: "\(start): no Swift SDK for it is installed"
    case .severalSDKs(let names): "\(start): several Swift SDKs for it are installed: \(names.joined(separator: ", "))"
    case .unknownSDK(let name): "\(start): no Swift SDK '\(name)' for it is installed"
    case .unknownPlatform(let path): "it is not said which platform the executable \(path) is for"
    case .unwanted(let path, let asked):
      "the executable \(path) is for \(platform), and what is asked for is an image for "
        + asked.map(\.description).joined(separator: ", ")
    case .sandbox: "\(start) by a plugin in SwiftPM's sandbox"
    }
  }

  var isMisuse: Bool {
    switch reason {
    case .unknownPlatform, .unwanted: true
    default: false
    }
  }

  var hint: String? {
    let isStatic = ["amd64", "arm64"].contains(platform.architecture)
    let install =
      isStatic
      ? "install the Swift SDK for static Linux programs that has your toolchain's version (`swift --version`): `swift sdk "
        + "install URL --checksum SHA-256`, with both from https://www.swift.org/install; it is for linux/amd64 and linux/arm64"
      : "install a Swift SDK for it: `swift sdk install URL --checksum SHA-256`"
    return switch reason {
    case .noSDK, .unknownSDK:
      install + "; `swift sdk list` shows what is installed. Or bring a program: `--executable \(platform)=FILE`"
    case .severalSDKs(let names): "name one in sematic.yaml: `swift_sdks: {\(platform): \(names.first ?? "NAME")}`"
    case .unknownPlatform(let path): "write `--executable \(platform)=\(path)`"
    case .unwanted(let path, _):
      "add `--platform \(platform)`, or leave out `--executable \(platform)=\(path)`"
    case .sandbox: "`\(Invocation.unsandboxed)`"
    }
  }
}
