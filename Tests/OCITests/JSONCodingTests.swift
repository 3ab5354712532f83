import Foundation
import Testing

@testable import SematicOCI

@Suite struct JSONCodingTests {
  private static let blob = #"{"mediaType":"m","digest":"sha256:\#(String(repeating: "1", count: 64))","size":1}"#

  private static func nested(_ depth: Int, _ open: String, _ close: String) -> String {
    String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)
  }

  @Test(arguments: [(260, "{\"a\":", "}"), (400, "[", "]"), (100_000, "[", "]"), (33, "[", "]")])
  func `what is nested too deeply is refused, and fills no stack`(depth: Int, open: String, close: String) async throws
  {
    let value = Self.nested(depth, open, close)
    let manifest = Data(#"{"schemaVersion":2,"config":\#(Self.blob),"layers":[\#(value)]}"#.utf8)
    let configuration = Data(#"{"a":\#(value),"rootfs":{"diff_ids":[]}}"#.utf8)
    let failures = await onSmallStack {
      var texts: [String] = []
      do { _ = try ManifestDocument(bytes: manifest, mediaType: nil) } catch { texts.append("\(error)") }
      do { _ = try ImageConfiguration(bytes: configuration) } catch { texts.append("\(error)") }
      do { _ = try decodeJSON(JSONValue.self, from: Data(value.utf8)) } catch { texts.append("\(error)") }
      return texts
    }
    #expect(failures.count == 3)
    for text in failures { #expect(text.hasSuffix("expected at most 32 objects and arrays in one another"), "\(text)") }
  }

  @Test func `what is nested as deeply as is allowed is read on a small stack`() async throws {
    for (open, close) in [("{\"a\":", "}"), ("[", "]")] {
      let bytes = Data(Self.nested(32, open, close).utf8)
      #expect(await onSmallStack { (try? decodeJSON(JSONValue.self, from: bytes)) != nil })
    }
  }

  /// Runs something on a thread with half the stack that the embedded registry's have.
  private func onSmallStack<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
    await withCheckedContinuation { done in
      let thread = Thread { done.resume(returning: body()) }
      thread.stackSize = 512 << 10
      thread.start()
    }
  }

  @Test func `members are in the order of their keys' bytes, whatever order they came in`() throws {
    let text =
      #"{"a2":1,"a":{"ä":-1.5e3,"z":"}\"]","Z":[{"b":null,"B":true},[],{},""]},"#
      + #""B":"\\","a10":"ü","a !":2,"a\"":0}"#
    var order = MemberOrder(rest: Array(text.utf8)[...])
    #expect(
      String(decoding: order.value(), as: UTF8.self)
        == #"{"B":"\\","a":{"Z":[{"B":true,"b":null},[],{},""],"z":"}\"]","ä":-1.5e3},"#
        + #""a !":2,"a10":"ü","a2":1,"a\"":0}"#)
    let keys = ["b", "B", "a", "a2", "a10", "Ä"]
    #expect(
      try String(decoding: canonicalJSON(Dictionary(uniqueKeysWithValues: keys.map { ($0, 0) })), as: UTF8.self)
        == #"{"B":0,"a":0,"a10":0,"a2":0,"b":0,"Ä":0}"#)
  }

  @Test func `brackets in strings are no nesting`() throws {
    let text = String(repeating: "[{", count: 500) + "\\\"[\\\\"
    #expect(try decodeJSON([String].self, from: Data("[\"\(text)\"]".utf8)).count == 1)
    #expect(throws: MalformedValue.self) {
      try decodeJSON(JSONValue.self, from: Data("[\"\(text)\", \(Self.nested(32, "[", "]"))]".utf8))
    }
  }

  @Test(arguments: [String.Encoding.utf16, .utf16LittleEndian, .utf32])
  func `only UTF-8 is read`(encoding: String.Encoding) throws {
    let bytes = try #require("[\"\u{2200}\"]".data(using: encoding))
    #expect(throws: (any Error).self) { try decodeJSON(JSONValue.self, from: bytes) }
  }

  @Test func `every kind of value is read and written`() throws {
    let text = #"{"a":[true,false,null,1,-9223372036854775808,1.5,"x",[],{}],"b":{"c":"é"}}"#
    #expect(
      try String(decoding: canonicalJSON(decodeJSON(JSONValue.self, from: Data(text.utf8))), as: UTF8.self) == text)
  }

  /// The processor's time that this thread has taken.
  private func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// Quadratic time would make the larger document sixteen times as slow as the smaller.
  @Test func `the time is linear in the size of nested JSON`() throws {
    func seconds(_ copies: Int) throws -> Double {
      let values = repeatElement(Self.nested(30, "[", "]"), count: copies).joined(separator: ",")
      let bytes = Data("[\(values)]".utf8)
      var best = Double.infinity
      for _ in 0..<3 {
        let start = processorSeconds()
        _ = try decodeJSON(JSONValue.self, from: bytes)
        best = min(best, processorSeconds() - start)
      }
      return best
    }
    let (small, large) = (try seconds(100), try seconds(400))
    #expect(large < 8 * small + 0.05, "\(small) s and \(large) s")
    #expect(large < 4)
  }

  @Test func `the bytes of a large document are those of a small one`() throws {
    let odd = String(String.UnicodeScalarView((0..<300).compactMap(UnicodeScalar.init))) + "\u{2028}🙂/"
    let value = JSONValue.object([
      "B": .bool(true), "a10": .integer(-5), "a2": .null, "": .string(odd), "ä": .array([.string(""), .object([:])]),
      "a": .array([]), "\"": .object(["b": .bool(false), "a": "/"]),
    ])
    #expect(value.canonicalBytes == (try canonicalJSON(value)))
  }
}
