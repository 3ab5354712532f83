import Testing

@testable import SematicConfiguration

@Suite struct MirrorReaderTests {
  private func mirrors(_ text: String) throws -> [String: [RegistryMirror]] {
    try SamplePackage("version: 1\ndefaults:\n  mirrors: \(text)\npipelines:\n  train:\n").pipeline().mirrors
  }

  @Test func `mirrors stand for a registry, in their order`() throws {
    let found = try mirrors("{docker.io: [mirror.example.com/hub, 10.0.0.1:5000], ghcr.io: []}")
    #expect(found["docker.io"]?.map(\.host) == ["mirror.example.com", "10.0.0.1:5000"])
    #expect(
      found["docker.io"]?.map { $0.repository(for: "library/debian") } == ["hub/library/debian", "library/debian"])
    #expect(found["ghcr.io"] == [])
  }

  @Test(arguments: [
    ("[a.example]", "'mirrors' must be a map, not a list"),
    ("{docker.io: mirror.example.com}", "the mirrors of 'docker.io' must be a list, not text"),
    ("{docker.io/library: [a.example]}", "only whole registries have mirrors"),
    ("{docker.io: [https://a.example]}", "write the host without 'https://'"),
    ("{docker.io: [local]}", "'local' is the embedded registry"),
    ("{docker.io: [a.example], index.docker.io: []}", "'docker.io' is listed twice"),
  ]) func `a mistake is named with its line`(text: String, reason: String) throws {
    let error = #expect(throws: ConfigurationError.self) { try mirrors(text) }
    #expect(error?.description.hasPrefix("sematic.yaml:3: ") == true)
    #expect(error?.description.contains(reason) == true)
  }
}
