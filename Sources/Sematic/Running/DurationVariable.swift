extension Duration {
  /// The seconds as a decimal number, for an environment variable: `3`, `0.5`.
  var variable: String {
    let (seconds, attoseconds) = components
    guard seconds > 0 || attoseconds > 0 else { return "0" }
    var fraction = String(attoseconds)
    fraction = String(repeating: "0", count: max(0, 18 - fraction.count)) + fraction
    while fraction.hasSuffix("0") { fraction.removeLast() }
    return fraction.isEmpty ? "\(seconds)" : "\(seconds).\(fraction)"
  }

  /// Nil for what is no decimal number of seconds.
  init?(variable: String) {
    let parts = variable.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard let seconds = parts.first.flatMap({ Int64($0) }), seconds >= 0 else { return nil }
    let fraction = parts.dropFirst().first.map { String($0.prefix(18)) } ?? "0"
    guard !fraction.isEmpty, fraction.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains),
      let digits = Int64(fraction + String(repeating: "0", count: 18 - fraction.count))
    else { return nil }
    self.init(secondsComponent: seconds, attosecondsComponent: digits)
  }
}
