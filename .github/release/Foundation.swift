// What Yams' sources name of Foundation beyond FoundationEssentials, for .github/release/bundle, which has Yams import this
// module in its place: Foundation brings all of ICU, three quarters of a static executable.
//
// ImageTool has Yams take every scalar for text (YAMLDocument), and decodes and writes no YAML by it. Nothing here is ever
// called, then; were it, it would say so and end the tool.

@_exported import FoundationEssentials
@_exported import Glibc

private func missing(_ name: String = #function) -> Never {
  fatalError("ImageTool was compiled without Foundation, and has no \(name)")
}

public let NSNotFound = Int.max

public struct NSRange {
  public var location: Int { missing() }
  public var length: Int { missing() }
  public init(location: Int, length: Int) { missing("NSRange") }
}

public class NSObject: Hashable {
  public init() { missing("NSObject") }
  public static func == (left: NSObject, right: NSObject) -> Bool { missing() }
  public func hash(into hasher: inout Hasher) { missing() }
}

public final class NSNull: NSObject {}
public final class NSNumber: NSObject {}
public final class NSString: NSObject {}

public class NSArray: NSObject, Sequence {
  public func makeIterator() -> IndexingIterator<[Any]> { missing() }
}

public final class NSMutableArray: NSArray {
  public func add(_ element: Any) { missing() }
  public func addObjects(from elements: [Any]) { missing() }
}

public class NSDictionary: NSObject, Sequence {
  public var count: Int { missing() }
  public func makeIterator() -> IndexingIterator<[(key: Any, value: Any)]> { missing() }
}

public final class NSMutableDictionary: NSDictionary {
  public subscript(key: Any) -> Any? {
    get { missing() }
    set { missing() }
  }
}

public final class NSMutableSet: NSObject {
  public func add(_ element: Any) { missing() }
}

public final class NSTextCheckingResult: NSObject {
  public var range: NSRange { missing() }
  public var numberOfRanges: Int { missing() }
  public func range(at index: Int) -> NSRange { missing() }
}

public final class NSRegularExpression: NSObject, @unchecked Sendable {
  public struct Options: OptionSet {
    public let rawValue: Int
    public init(rawValue: Int) { self.rawValue = rawValue }
  }
  public var pattern: String { missing() }
  public init(pattern: String, options: Options) throws { missing("NSRegularExpression") }
  public func firstMatch(in text: String, options: Options, range: NSRange) -> NSTextCheckingResult? { missing() }
}

public struct CharacterSet: Sendable {
  public static var lowercaseLetters: CharacterSet { missing() }
  public static var uppercaseLetters: CharacterSet { missing() }
  public static var decimalDigits: CharacterSet { missing() }
  public static var newlines: CharacterSet { missing() }
  public init(charactersIn characters: String) { missing("CharacterSet") }
  public func contains(_ scalar: Unicode.Scalar) -> Bool { missing() }
  public func union(_ other: CharacterSet) -> CharacterSet { missing() }
  public func isSuperset(of other: CharacterSet) -> Bool { missing() }
}

public class Formatter: @unchecked Sendable {
  public var locale: Locale {
    get { missing() }
    set { missing() }
  }
  public init() { missing("Formatter") }
  public func string(for value: Any) -> String? { missing() }
}

public final class DateFormatter: Formatter, @unchecked Sendable {
  public var dateFormat: String = ""
  public var timeZone: TimeZone?
  public func string(from date: Date) -> String { missing() }
}

public final class NumberFormatter: Formatter, @unchecked Sendable {
  public enum Style { case none, scientific }
  public var numberStyle = Style.none
  public var usesSignificantDigits = false
  public var maximumSignificantDigits = 0
  public var positiveInfinitySymbol = ""
  public var negativeInfinitySymbol = ""
  public var notANumberSymbol = ""
  public var exponentSymbol = ""
}

extension String {
  public init(_ string: NSString) { missing("String(NSString)") }
  public init(format: String, _ arguments: any CVarArg...) { missing("String(format:)") }
  public func trimmingCharacters(in characters: CharacterSet) -> String { missing() }
  public func replacingOccurrences(of text: String, with replacement: String) -> String { missing() }

  public func getLineStart(
    _ start: inout Index, end: inout Index, contentsEnd: inout Index, for range: Range<Index>
  ) { missing() }
}
