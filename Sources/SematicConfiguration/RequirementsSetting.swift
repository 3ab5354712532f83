/// The file of requirements as it is typed: `requirements.txt`, or `pyproject.toml[dev,gpu]` with extras.
struct RequirementsSetting: SettingValue, CustomStringConvertible {
  let path: String
  let extras: [String]

  init(path: String, extras: [String]) {
    self.path = path
    self.extras = extras
  }

  /// - Throws: `MalformedSetting`.
  init(_ text: String) throws {
    guard text.hasSuffix("]"), let bracket = text.lastIndex(of: "["), text[..<bracket].hasSuffix(".toml") else {
      self.init(path: try ValueRules.packagePath(text), extras: [])
      return
    }
    let names = text[bracket...].dropFirst().dropLast().split(separator: ",", omittingEmptySubsequences: false)
    let extras = names.map { String($0.filter { $0 != " " }) }
    guard extras.allSatisfy({ !$0.isEmpty && $0.unicodeScalars.allSatisfy(ValueRules.isTagCharacter) }) else {
      throw MalformedSetting("'\(text[bracket...])' are not names of extras: write 'pyproject.toml[dev,gpu]'")
    }
    self.init(path: try ValueRules.packagePath(String(text[..<bracket])), extras: extras)
  }

  var description: String { extras.isEmpty ? path : "\(path)[\(extras.joined(separator: ","))]" }
}
