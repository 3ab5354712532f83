import ArgumentParser
import SematicConfiguration

/// The options of the settings, made of the settings' table.
///
/// The argument parser finds options by reflection, and reads them by their keys: both come from the table here, instead of
/// from declared properties.
struct SettingOptions: ParsableArguments, CustomReflectable {
  let overrides: Overrides

  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  init() { overrides = Overrides() }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    var texts: [String: [String]] = [:]
    for option in SettingsTable.options {
      let key = Key(stringValue: option.name)
      if option.isFlag {
        texts[option.name] = try container.decode(Flag<Bool?>.self, forKey: key).wrappedValue.map { ["\($0)"] }
      } else if option.isRepeatable {
        texts[option.name] = try container.decode(Option<[String]>.self, forKey: key).wrappedValue
      } else {
        texts[option.name] = try container.decode(Option<String?>.self, forKey: key).wrappedValue.map { [$0] }
      }
    }
    overrides = Overrides(texts)
  }

  var customMirror: Mirror {
    Mirror(self, children: SettingsTable.options.map { (label: $0.name, value: Self.definition(of: $0)) })
  }

  private static func definition(of option: SettingOption) -> Any {
    let name = NameSpecification.customLong(option.name)
    let help = ArgumentHelp(stringLiteral: option.help)
    if option.isFlag { return Flag<Bool?>(name: name, inversion: .prefixedNo, help: help) }
    let valueHelp = ArgumentHelp(option.help, valueName: option.valueName)
    return option.isRepeatable
      ? Option<[String]>(wrappedValue: [], name: name, help: valueHelp) : Option<String?>(name: name, help: valueHelp)
  }
}
