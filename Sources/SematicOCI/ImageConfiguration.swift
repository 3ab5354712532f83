import SematicSystem

/// An image's configuration: how to run it, and the layers that make its file system.
///
/// https://github.com/opencontainers/image-spec/blob/v1.1.0/config.md
/// It is kept as JSON, so that what a base says beyond these properties (a health check, shell, stop signal) stays.
package struct ImageConfiguration: Hashable, Sendable {
  package private(set) var document: JSONValue

  /// An empty image.
  package init(platform: Platform) {
    document = .object(["rootfs": .object(["type": .string("layers"), "diff_ids": .array([])])])
    self.platform = platform
  }

  /// - Throws: `MalformedValue` when the bytes are no image configuration.
  package init(bytes: Data) throws {
    guard let document = try? JSONDecoder().decode(JSONValue.self, from: bytes),
      let identifiers = document["rootfs"]?["diff_ids"]?.array,
      identifiers.allSatisfy({ $0.string.map { (try? Digest($0)) != nil } ?? false })
    else {
      throw MalformedValue(
        kind: "image configuration", value: String(decoding: bytes.prefix(80), as: UTF8.self),
        expected: "JSON with rootfs.diff_ids")
    }
    self.document = document
  }

  /// The bytes that are published.
  package func encoded() throws -> Data { try canonicalJSON(document) }

  package var platform: Platform {
    get {
      Platform(
        os: document["os"]?.string ?? "", architecture: document["architecture"]?.string ?? "",
        variant: document["variant"]?.string)
    }
    set {
      document["os"] = .string(newValue.os)
      document["architecture"] = .string(newValue.architecture)
      document["variant"] = newValue.variant.map(JSONValue.string)
    }
  }

  package var diffIDs: [Digest] {
    (document["rootfs"]?["diff_ids"]?.strings ?? []).compactMap { try? Digest($0) }
  }

  /// In the base's order, as `NAME=value`.
  package var environment: [String] {
    get { settings["Env"]?.strings ?? [] }
    set { settings["Env"] = newValue.isEmpty ? nil : .strings(newValue) }
  }

  package var entrypoint: [String] {
    get { settings["Entrypoint"]?.strings ?? [] }
    set { settings["Entrypoint"] = newValue.isEmpty ? nil : .strings(newValue) }
  }

  package var command: [String] {
    get { settings["Cmd"]?.strings ?? [] }
    set { settings["Cmd"] = newValue.isEmpty ? nil : .strings(newValue) }
  }

  package var user: String? {
    get { settings["User"]?.string.flatMap { $0.isEmpty ? nil : $0 } }
    set { settings["User"] = newValue.map(JSONValue.string) }
  }

  package var workingDirectory: String? {
    get { settings["WorkingDir"]?.string.flatMap { $0.isEmpty ? nil : $0 } }
    set { settings["WorkingDir"] = newValue.map(JSONValue.string) }
  }

  package var labels: [String: String] {
    get { settings["Labels"]?.object?.compactMapValues(\.string) ?? [:] }
    set { settings["Labels"] = newValue.isEmpty ? nil : .object(newValue.mapValues(JSONValue.string)) }
  }

  /// The value of a variable of `environment`.
  package func environmentValue(_ name: String) -> String? {
    environment.last { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.utf8.count + 1)) }
  }

  /// Sets a variable: in its place if the base has it, else at the end.
  package mutating func setEnvironment(_ name: String, _ value: String) {
    var variables = environment
    if let index = variables.firstIndex(where: { $0.hasPrefix(name + "=") }) {
      variables[index] = "\(name)=\(value)"
    } else {
      variables.append("\(name)=\(value)")
    }
    environment = variables
  }

  package mutating func append(_ layers: [Layer]) {
    var identifiers = document["rootfs"]?["diff_ids"]?.array ?? []
    identifiers += layers.map { .string($0.diffID.description) }
    document["rootfs"] = .object(["type": .string("layers"), "diff_ids": .array(identifiers)])
    // A fixed time: the same input gives the same digest.
    let entries = layers.map { layer in
      JSONValue.object([
        "created": .string(Self.fixedTime), "created_by": .string(layer.createdBy ?? ""),
        "comment": .string("swift-sematic"),
      ])
    }
    document["history"] = .array((document["history"]?.array ?? []) + entries)
    document["created"] = .string(Self.fixedTime)
  }

  package static let fixedTime = "1970-01-01T00:00:00Z"

  private var settings: JSONValue {
    get { document["config"] ?? .object([:]) }
    set { document["config"] = newValue }
  }
}
