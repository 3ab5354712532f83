/// Why a value cannot be written or read, and where in it.
struct ValueFault: Error {
  /// Names of members, and indexes, from the outside.
  private(set) var path: [String] = []
  let reason: String

  init(_ reason: String) { self.reason = reason }

  var description: String { path.isEmpty ? reason : path.joined(separator: ".") + ": " + reason }

  /// Adds a name to the path of what goes wrong in the body.
  static func at<Result>(_ name: @autoclosure () -> String, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch var fault as ValueFault {
      fault.path.insert(name(), at: 0)
      throw fault
    } catch let error as EncodingError {
      throw ValueFault(of: error, at: name())
    } catch let error as DecodingError {
      throw ValueFault(of: error, at: name())
    }
  }

  init(of error: any Error, at name: String? = nil) {
    path = name.map { [$0] } ?? []
    switch error {
    case let fault as ValueFault: reason = fault.description
    case DecodingError.dataCorrupted(let context), DecodingError.keyNotFound(_, let context),
      DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
      reason = context.debugDescription
    case EncodingError.invalidValue(_, let context): reason = context.debugDescription
    default: reason = "\(error)"
    }
  }

  /// Makes an error for people of what goes wrong in the body.
  static func explained<Result>(
    _ make: (String) -> SematicError, _ body: () throws -> Result
  ) throws -> Result {
    do {
      return try body()
    } catch let fault as ValueFault {
      throw make(fault.description)
    } catch let error as EncodingError {
      throw make(ValueFault(of: error).reason)
    } catch let error as DecodingError {
      throw make(ValueFault(of: error).reason)
    }
  }
}
