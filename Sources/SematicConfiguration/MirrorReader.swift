/// Reads `mirrors`: registries by their hosts, each with one mirror or several.
enum MirrorReader {
  /// - Throws: `ConfigurationError`.
  static func mirrors(_ entry: YAMLValue.Entry) throws -> [String: [RegistryMirror]] {
    let example = SettingKey.mirrors.example
    var mirrors: [String: [RegistryMirror]] = [:]
    for pair in try entry.value.entries("'mirrors'", example: example) {
      let host = try remote(pair.key, at: pair.place)
      guard host.path.isEmpty else {
        throw ConfigurationError(pair.place, "mirrors: '\(pair.key)' has a path: only whole registries have mirrors")
      }
      let items = try pair.value.items("the mirrors of '\(pair.key)'", example: example)
      let list = try items.map { item in
        try remote(item.text("a mirror of '\(pair.key)'", example: example), at: item.place)
      }
      guard mirrors.updateValue(list, forKey: host.host) == nil else {
        throw ConfigurationError(pair.place, "mirrors: '\(host.host)' is there twice: keep one of them")
      }
    }
    return mirrors
  }

  private static func remote(_ text: String, at place: Place) throws -> RegistryMirror {
    do {
      let setting = try RegistrySetting(text)
      guard case .remote(let host) = setting.address else {
        throw MalformedSetting("'local' is the embedded registry, which has no mirrors and is none")
      }
      return RegistryMirror(host: host, path: setting.path)
    } catch let error as MalformedSetting {
      throw ConfigurationError(place, "mirrors: \(error.reason)", hint: error.hint)
    }
  }
}
