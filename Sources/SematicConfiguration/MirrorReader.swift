/// The reader of `mirrors`: registries by their hosts, each with one mirror or several.
enum MirrorReader {
  /// - Throws: `ConfigurationError`, `MalformedSetting`.
  static func mirrors(_ pair: YAMLValue.Entry) throws -> (host: String, mirrors: [RegistryMirror]) {
    let example = SettingsTable.shared.mirrors.row.example
    let host = try remote(pair.key)
    guard host.path.isEmpty else {
      throw MalformedSetting("'\(pair.key)' has a path: only whole registries have mirrors")
    }
    let items = try pair.value.items("the mirrors of '\(pair.key)'", example: example)
    let mirrors = try items.map { item in
      let text = try item.text("a mirror of '\(pair.key)'", example: example)
      do {
        return try remote(text)
      } catch let error as MalformedSetting {
        throw ConfigurationError(item.location, "mirrors: \(error.reason)", hint: error.hint)
      }
    }
    return (host.host, mirrors)
  }

  private static func remote(_ text: String) throws -> RegistryMirror {
    let setting = try RegistrySetting(text)
    guard case .remote(let host) = setting.address else {
      throw MalformedSetting("'local' is the embedded registry: it has no mirrors and is none")
    }
    return RegistryMirror(host: host, path: setting.path)
  }
}
