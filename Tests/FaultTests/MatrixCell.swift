import Foundation
import SematicFiles
import SematicImages
import SematicOCI
import TestSupport

@testable import SematicRegistryClient

/// One fault at one step, once or for ever: what comes of it.
struct MatrixCell: Sendable {
  enum Outcome: Hashable, Sendable {
    case success
    /// In the words that the user reads.
    case failure(String)
    /// The step or what the fault needs did not occur.
    case unreached
    /// What must never be.
    case wrong(String)
  }

  let registry: MatrixRegistry
  let step: Step
  let fault: Fault
  let isLasting: Bool
  /// Another host, which must not be told who we are.
  let elsewhere: ScriptedServer
  let number: Int

  func run() throws -> Outcome {
    let encoded = try registry.image.encoded()
    let configuration = encoded.configurationDescriptor.digest.description
    let proxies = try MatrixProxies(for: self, configuration: configuration)
    defer { proxies.stop() }
    let proxy = proxies.registry
    let log = MatrixLog()
    var options = try registry.options(for: proxy.address)
    options.log = { log.add($0) }
    if step.isInChunks { options.largestChunk = MatrixProxies.chunk }
    let outcome =
      step.isOfPush
      ? try push(proxy, options, encoded.manifestDescriptor.digest) : try pull(proxy, options, encoded)
    if let leak = leak(log.text, outcome) { return .wrong(leak) }
    return proxies.faults == 0
      ? (outcome == .success ? .unreached : .wrong("failed without a fault: \(outcome)")) : outcome
  }

  private func push(_ proxy: FaultProxy, _ options: RegistryOptions, _ digest: Digest) throws -> Outcome {
    let repository = "push/\(number)"
    func push(to address: String, _ options: RegistryOptions) throws -> Publication {
      let base = try Registry(host: address, repository: "base", options: options)
      let target = try Registry(host: address, repository: repository, options: options)
      return try publish(registry.image, base: base, to: target, tags: ["one", "two"])
    }
    let outcome = try judged { try push(to: proxy.address, options).digest == digest ? nil : "another digest" }
    // What others find at the registry is the image or nothing, and after a success the image.
    for tag in ["one", "two"] {
      let found = try registry.whole(repository, tag: tag)
      if outcome == .success, found != digest {
        return .wrong("success, but \(tag) is \(found?.description ?? "gone")")
      }
      if let found, found != digest, !isChangedManifest { return .wrong("half an image as \(tag)") }
    }
    // The same again, without a fault, over what this left.
    let again = try push(to: registry.address, registry.options(for: registry.address))
    if outcome == .success, again.bytesSent > 0 {
      return .wrong("\(again.bytesSent) bytes were sent again")
    }
    guard again.digest == digest, try registry.whole(repository, tag: "two") == digest else {
      return .wrong("not again")
    }
    return outcome
  }

  /// A manifest that was changed on its way may be stored as what it became, by its tag.
  private var isChangedManifest: Bool {
    if case .corruptRequest = fault { step == .manifest } else { false }
  }

  private func pull(_ proxy: FaultProxy, _ options: RegistryOptions, _ encoded: Image.Encoded) throws -> Outcome {
    let repository = "pull/\(number)"
    let upstream = try Registry(
      host: registry.address, repository: repository, options: registry.options(for: registry.address))
    let base = try Registry(
      host: registry.address, repository: "base", options: registry.options(for: registry.address))
    _ = try publish(registry.image, base: base, to: upstream, tags: ["one"])
    let folder = try TemporaryFolder("pull")
    let cache = BlobCache(folder.file("cache"))
    func pull(from address: String, _ options: RegistryOptions) throws -> Digest {
      let source = CachedSource(
        try Registry(host: address, repository: repository, options: options), cache: cache)
      let found = try source.image(.tag("one"), platform: registry.image.configuration.platform)
      let layout = try ImageLayoutDestination(folder.file("layout"))
      return try publish(found.image, base: source, to: layout, tags: ["one"]).digest
    }
    let outcome = try judged {
      try pull(from: proxy.address, options) == encoded.manifestDescriptor.digest ? nil : "another digest"
    }
    if outcome != .success, FileTree.exists(folder.file("layout")) { return .wrong("half a layout") }
    if let broken = try brokenFile(in: cache) { return .wrong("\(broken) is in the cache and broken") }
    let again = try pull(from: registry.address, registry.options(for: registry.address))
    let reader = LayoutReader(folder.file("layout"))
    guard again == encoded.manifestDescriptor.digest, try reader.digest(tag: "one") == again.description else {
      return .wrong("not again")
    }
    return outcome
  }

  private func brokenFile(in cache: BlobCache) throws -> String? {
    let folder = cache.folder + "/sha256"
    guard FileTree.exists(folder) else { return nil }
    return try FileTree.names(in: folder).first { name in
      try !name.hasPrefix(".partial") && Digest.of(FileTree.read("\(folder)/\(name)")).hex != name
    }
  }

  /// - Parameter body: says what is wrong with its result.
  private func judged(_ body: () throws -> String?) throws -> Outcome {
    do {
      return try body().map { .wrong($0) } ?? .success
    } catch let error as RegistryError {
      let text = "\(error)"
      guard text.hasPrefix("cannot "), !text.contains("\n"), text.count < 1500 else { return .wrong("said: \(text)") }
      return .failure(text)
    } catch {
      return .wrong("said: \(type(of: error)) \(error)")
    }
  }

  private func leak(_ log: String, _ outcome: Outcome) -> String? {
    for secret in MatrixRegistry.secrets where log.contains(secret) || "\(outcome)".contains(secret) {
      return "the credential is in what was said"
    }
    let told = elsewhere.requests.contains { $0.headers["authorization"] != nil }
    return told ? "the credential went elsewhere" : nil
  }
}

/// True the first time.
final class Once: @unchecked Sendable {  // guarded by the lock
  private let lock = NSLock()
  private var taken = false

  func take() -> Bool {
    lock.withLock {
      defer { taken = true }
      return !taken
    }
  }

  var isTaken: Bool { lock.withLock { taken } }
}

/// Keeps what is logged.
final class MatrixLog: @unchecked Sendable {  // guarded by the lock
  private let lock = NSLock()
  private var lines: [String] = []

  func add(_ line: String) { lock.withLock { lines.append(line) } }
  var text: String { lock.withLock { lines.joined(separator: "\n") } }
}
