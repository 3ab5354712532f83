import Foundation
import TestSupport
import Testing

@testable import Sematic

/// What is not Codable, in a wrapper that says so when it is used.
private struct Uncoded<Value>: Codable, @unchecked Sendable {
  var value: Value?

  init(from decoder: any Decoder) throws {
    throw DecodingError.typeMismatch(
      Value.self, .init(codingPath: [], debugDescription: "\(Value.self) is not Codable"))
  }
  func encode(to encoder: any Encoder) throws {}
}

private typealias Weights = Uncoded<UnsafePointer<Float>>

private enum Kind: String, Codable, Sendable { case small, large }

private struct Model: Codable, Sendable {
  var name: String
  var kind: Kind
  var identifier: UUID
  var home: URL
  var date: Date
  var weights: Weights
}

private struct ModelInput: Codable, Sendable { var model: Model }

private struct Collections: Codable, Sendable {
  var list: [Int: [Weights]]
  var maybe: Kind?
}

private struct Maybe: Codable, Sendable { var weights: Weights? }

private enum Choice: Codable, Sendable {
  case one(number: Int, weights: Weights)
  case none
}

/// Decoders of their own, which no example pleases.
private struct Even: Codable, Sendable {
  init(from decoder: any Decoder) throws {
    guard try decoder.singleValueContainer().decode(Int.self) == 2 else {
      throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "it is not two"))
    }
  }
  func encode(to encoder: any Encoder) throws {}
}

private struct NotEmpty: Codable, Sendable {
  var first: String
  init(from decoder: any Decoder) throws {
    var container = try decoder.unkeyedContainer()
    guard !container.isAtEnd else { throw CocoaError(.coderReadCorrupt) }
    first = try container.decode(String.self)
  }
}

private struct Tolerant: Codable, Sendable {
  var weights: Weights?
  var number: Int
  private enum Key: CodingKey { case weights, number }
  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    weights = try? container.decode(Weights.self, forKey: .weights)
    number = try container.decode(Int.self, forKey: .number)
  }
}

private struct Event<Payload: Codable & Sendable>: Codable, Sendable {
  var payload: Payload?
  var next: [Event]
}

private final class Chain: Codable, Sendable {
  let next: Chain?
  let itself: [Chain]
}

private struct Silent: Codable, Sendable {
  var number = 1

  init(from decoder: any Decoder) throws {}
  func encode(to encoder: any Encoder) throws { throw CocoaError(.coderInvalidValue) }
}

@Suite struct ShapeInspectionTests {
  private func faults(of type: any Any.Type) -> [String] {
    ShapeInspection.faults(of: type, at: "f.input").map(\.description)
  }

  @Test func `what can never be recorded is found with the way to it`() {
    let reason = "Uncoded<UnsafePointer<Float>> cannot be recorded: UnsafePointer<Float> is not Codable"
    #expect(faults(of: ModelInput.self) == ["f.input.model.weights: \(reason)"])
    #expect(faults(of: Collections.self) == ["f.input.list[][]: \(reason)"])
    #expect(faults(of: Maybe.self) == ["f.input.weights: \(reason)"])
    #expect(faults(of: [String: Set<Int>?].self) == [])
    #expect(faults(of: Choice.self) == ["f.input.one.weights: \(reason)"])
    #expect(faults(of: Silent.self).count == 1)
  }

  private static let accepted: [any Any.Type] = {
    var types: [any Any.Type] = [
      Even.self, [Even].self, NotEmpty.self, Tolerant.self, Chain.self, NoInput.self, UUID.self,
      URL.self, Decimal.self, Data.self, Date.self, DateComponents.self, TimeZone.self, Locale.self, Range<Int>.self,
      Measurement<UnitLength>.self, Duration.self, [Int: String].self, Calendar.self, IndexSet.self, DateInterval.self,
    ]
    if #available(macOS 14, *) { types.append(Event<Never>.self) }
    return types
  }()

  @Test func `what may be recorded is left alone, also where no example can be decoded`() {
    for type in Self.accepted { #expect(faults(of: type) == [], "\(type)") }
  }

  @Test func `a pipeline that cannot be recorded is refused before the server is asked`() async {
    let function = SematicFunction("train") { (input: ModelInput) in input.model.name }
    let faults = function.registration.shapeFaults()
    #expect(faults.map(\.path) == [["train.input", "model", "weights"]])
    let error = #expect(throws: SematicError.self) { try Registration.check([function.registration]) }
    #expect(error?.code == .unsupportedType)
    #expect(
      error?.description.hasPrefix("the functions of the program cannot be recorded: train.input.model.weig") == true)
  }

  @Test func `a program with such a function ends before its launch`() throws {
    let result = try ChildProcess.run(
      [try TestProgram.path()], environment: ["PATH": "/usr/bin:/bin", "TEST_UNRECORDABLE": "1"])
    #expect(result.status == 1)
    #expect(result.output.hasPrefix("error: the functions of the program cannot be recorded: opaque.output.pointer: "))
    #expect(!result.output.contains("output:"))
  }
}
