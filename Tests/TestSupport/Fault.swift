/// Something that goes wrong between a client and a registry.
///
/// Places in a body are bytes from its beginning, or `middle`, or before its end where they are negative.
package enum Fault: Hashable, Sendable, CustomStringConvertible {
  /// The connection ends when so many bytes of the request's body have passed.
  case cutRequest(after: Int)
  /// The registry gets the request, and its answer is lost.
  case lostAnswer
  /// The connection ends within the head of the answer.
  case cutHead
  /// The connection ends when so many bytes of the answer's body have passed.
  case cutAnswer(after: Int)
  /// No byte comes any more when so many bytes of the request's body have passed.
  case stallRequest(after: Int)
  case stallAnswer(after: Int)
  case delay(seconds: Double)
  /// The request's body passes no faster.
  case slow(bytesPerSecond: Int)
  /// The answer ends earlier, and its length says so.
  case truncate(by: Int)
  /// A byte of the request's body is another one.
  case corruptRequest(at: Int)
  case corruptAnswer(at: Int)
  /// The registry is not asked.
  case status(Int, headers: [String: String] = [:])
  /// Sent on to this address, with the same path.
  case redirect(to: String)
  /// The `Location` of the registry's answer is at this address.
  case elsewhere(String)
  /// The connection ends after the answer, which did not say so.
  case closeAfter

  package static let middle = Int.max
  package static let last = -1

  /// Of a place in a body; nil where the body is too short for it.
  static func offset(_ place: Int, in length: Int) -> Int? {
    let offset = place == middle ? length / 2 : place < 0 ? length + place : place
    return (0...length).contains(offset) ? offset : nil
  }

  private static func name(_ place: Int) -> String {
    place == middle ? "middle" : place == last ? "last" : "\(place)"
  }

  package var description: String {
    switch self {
    case .cutRequest(let count): "cut request at \(Self.name(count))"
    case .lostAnswer: "lose answer"
    case .cutHead: "cut head of answer"
    case .cutAnswer(let count): "cut answer at \(Self.name(count))"
    case .stallRequest(let count): "stall request at \(Self.name(count))"
    case .stallAnswer(let count): "stall answer at \(Self.name(count))"
    case .delay: "delay"
    case .slow: "slow"
    case .truncate(let count): "truncate by \(count)"
    case .corruptRequest(let place): "corrupt request at \(Self.name(place))"
    case .corruptAnswer(let place): "corrupt answer at \(Self.name(place))"
    case .status(let status, let headers): "\(status)" + (headers.isEmpty ? "" : " with \(headers.keys.sorted()[0])")
    case .redirect: "redirect elsewhere"
    case .elsewhere: "upload elsewhere"
    case .closeAfter: "close after answer"
    }
  }
}
