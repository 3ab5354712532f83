import Testing

@testable import SematicImages
@testable import SematicRegistryClient

@Suite struct ChallengeTests {
  @Test func `a bearer challenge as registries send it`() {
    let field =
      #"Bearer realm="https://auth.example/token",service="registry.example",scope="repository:a/b:pull,push repository:c:pull""#
    #expect(
      Challenge.parse([field]) == [
        Challenge(
          scheme: "bearer",
          parameters: [
            "realm": "https://auth.example/token", "service": "registry.example",
            "scope": "repository:a/b:pull,push repository:c:pull",
          ])
      ])
  }

  @Test(arguments: [
    #"Basic realm="x", Bearer realm="https://a/t",service=s"#,
    #"basic realm = "x" ,  BEARER   Realm = "https://a/t" , service = "s""#,
    #"Basic realm=x, Bearer realm=https://a/t, service=s"#,
    #", ,Basic realm="x",,Bearer realm="https://a/t",,service="s","#,
  ]) func `several schemes, blanks and missing quotes`(field: String) {
    #expect(
      Challenge.parse([field]) == [
        Challenge(scheme: "basic", parameters: ["realm": "x"]),
        Challenge(scheme: "bearer", parameters: ["realm": "https://a/t", "service": "s"]),
      ])
  }

  @Test func `several fields, and schemes without parameters`() {
    #expect(
      Challenge.parse(["Negotiate", "Basic realm=\"a, b\""]) == [
        Challenge(scheme: "negotiate"), Challenge(scheme: "basic", parameters: ["realm": "a, b"]),
      ])
  }

  @Test func `quoted pairs are taken as what they stand for`() {
    #expect(Challenge.parse([#"Basic realm="a \"b\" \\""#]).first?.parameters["realm"] == #"a "b" \"#)
  }

  @Test func `the first of two values counts`() {
    #expect(Challenge.parse(["Bearer realm=a, realm=b"]).first?.parameters["realm"] == "a")
  }

  @Test(arguments: [
    "", "=", "\"", "Bearer realm=", "Bearer realm=\"", "Bearer realm=\"\\", "Bearer =,=\"", "\"\"\"\u{0}=é",
  ])
  func `nonsense ends`(field: String) {
    #expect(Challenge.parse([field]).allSatisfy { !$0.scheme.isEmpty })
  }
}
