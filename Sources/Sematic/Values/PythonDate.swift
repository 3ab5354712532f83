/// Types of Foundation, which are known by their names: the library does without Foundation.
enum FoundationType {
  case date, url

  private static let known = Locked<[ObjectIdentifier: FoundationType?]>([:])

  /// Nil for all other types.
  static func of(_ type: any Any.Type) -> FoundationType? {
    let identifier = ObjectIdentifier(type)
    if let known = known.withLock({ $0[identifier] }) { return known }
    let found: FoundationType? =
      switch String(reflecting: type) {
      case "Foundation.Date", "FoundationEssentials.Date": .date
      case "Foundation.URL", "FoundationEssentials.URL": .url
      default: nil
      }
    known.withLock { $0[identifier] = .some(found) }
    return found
  }
}

/// Foundation's `URL`, a string in Python; with a base of its own it is a mapping, as it writes itself.
enum PythonURL {
  private static let key = "relative"

  static func represented<Value: Encodable>(_ value: Value) throws -> PythonValue? {
    let encoder = try ValueEncoder(Value.self, in: ValuePlace())
    try value.encode(to: encoder)
    guard let fields = try encoder.fields(), fields.count == 1 else { return nil }
    return fields[key]
  }

  /// What the URL reads of itself.
  static func fields(_ node: JSONNode) throws -> JSONNode {
    guard let text = node.string else { return node }
    return try JSONDocument(JSONText.of(.object([key: .string(text)])).bytes).root
  }
}

/// Foundation's `Date`, which is Python's `datetime` in UTC.
enum PythonDate {
  static func represented<Value: Encodable>(_ value: Value) throws -> PythonValue? {
    // It writes the seconds since 2001.
    let encoder = try ValueEncoder(Value.self, in: ValuePlace())
    try value.encode(to: encoder)
    guard let seconds = Double(String(decoding: try encoder.result().value.bytes, as: UTF8.self)) else { return nil }
    guard let text = text(of: seconds) else { throw ValueFault("Python has no date outside of the years 1 to 9999") }
    return PythonValue(.datetime, .of { JSON.write(text, to: &$0) })
  }

  /// What the date reads of itself: the seconds since 2001.
  static func seconds(_ node: JSONNode) throws -> JSONNode {
    guard let text = node.string, let seconds = seconds(of: text) else {
      throw ValueDecoder.mismatch("a datetime", node)
    }
    return try JSONDocument(JSONText.of { JSON.write(seconds, to: &$0) }.bytes).root
  }

  /// From 1 January 1970 to 2001.
  private static let epoch: Int64 = 978_307_200

  private static func text(of seconds: Double) -> String? {
    let micros = (seconds * 1_000_000).rounded()
    guard micros.magnitude < 1e18 else { return nil }
    let (whole, fraction) = Int64(micros).flooredDivision(by: 1_000_000)
    let (days, second) = (whole + epoch).flooredDivision(by: 86_400)
    let date = CivilDate(days: days)
    guard (1...9999).contains(date.year) else { return nil }
    func padded(_ number: Int64, _ width: Int) -> String {
      let digits = String(number)
      return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
    return padded(date.year, 4) + "-" + padded(date.month, 2) + "-" + padded(date.day, 2) + "T"
      + padded(second / 3600, 2) + ":" + padded(second / 60 % 60, 2) + ":" + padded(second % 60, 2)
      + (fraction == 0 ? "" : "." + padded(fraction, 6)) + "+00:00"
  }

  /// What `datetime.isoformat` writes; without an offset it is UTC.
  private static func seconds(of text: String) -> Double? {
    var rest = Substring(text)
    func number(_ width: Int) -> Int64? {
      guard rest.utf8.count >= width, rest.utf8.prefix(width).allSatisfy({ (0x30...0x39).contains($0) }) else {
        return nil
      }
      defer { rest = rest.dropFirst(width) }
      return Int64(rest.prefix(width))
    }
    func take(_ text: String) -> Bool {
      guard rest.hasPrefix(text) else { return false }
      rest = rest.dropFirst(text.count)
      return true
    }
    /// Microseconds of `HH:MM`, `HH:MM:SS` or `HH:MM:SS.ffffff`.
    func time() -> Int64? {
      guard let hour = number(2), take(":"), let minute = number(2) else { return nil }
      var second: Int64 = 0
      var fraction: Substring = ""
      if take(":") {
        guard let found = number(2) else { return nil }
        second = found
        if take(".") {
          fraction = rest.prefix { $0.isASCII && $0.isNumber }
          rest = rest.dropFirst(fraction.count)
        }
      }
      let micros = Int64(fraction.prefix(6) + String(repeating: "0", count: max(0, 6 - fraction.count))) ?? 0
      return (hour * 3600 + minute * 60 + second) * 1_000_000 + micros
    }
    guard let year = number(4), take("-"), let month = number(2), take("-"), let day = number(2),
      (1...12).contains(month), (1...31).contains(day), take("T") || take(" "), var micros = time()
    else { return nil }
    let sign: Int64 = rest.hasPrefix("-") ? -1 : 1
    if take("+") || take("-") {
      guard let offset = time() else { return nil }
      micros -= sign * offset
    } else {
      _ = take("Z")
    }
    guard rest.isEmpty else { return nil }
    let days = CivilDate(year: year, month: month, day: day).days
    return Double((days * 86_400 - epoch) * 1_000_000 + micros) / 1_000_000
  }
}

/// A day of the Gregorian calendar: https://howardhinnant.github.io/date_algorithms.html
struct CivilDate: Equatable {
  var year: Int64
  var month: Int64
  var day: Int64

  init(year: Int64, month: Int64, day: Int64) {
    self.year = year
    self.month = month
    self.day = day
  }

  /// - Parameter days: since 1 January 1970; years of this size do not overflow.
  init(days: Int64) {
    let (era, dayOfEra) = (days + 719_468).flooredDivision(by: 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * shifted + 2) / 5 + 1
    month = shifted < 10 ? shifted + 3 : shifted - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  var days: Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let (era, yearOfEra) = shifted.flooredDivision(by: 400)
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }
}

extension Int64 {
  /// - Parameter divisor: a positive number.
  fileprivate func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}
