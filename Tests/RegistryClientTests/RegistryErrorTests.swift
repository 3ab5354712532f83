import Foundation
import SematicOCI
import TestSupport
import Testing

@testable import SematicImages
@testable import SematicRegistryClient

@Suite struct RegistryErrorTests {
  private func error(_ status: Int, origin: String? = nil) -> RegistryError {
    var error = RegistryError(registry: "r.io", repository: "a", operation: "read the manifest b of", reason: .answered)
    error.status = status
    error.credentialOrigin = origin
    return error
  }

  @Test func `each status has a sentence of its own`() {
    let statuses = [301, 400, 401, 403, 404, 408, 413, 429, 500]
    #expect(Set(statuses.map { error($0).description }).count == statuses.count)
    #expect(error(401).description.contains("no credentials were found for it"))
    #expect(error(401, origin: "F").description.contains("the registry rejected the credentials from F"))
    #expect(error(403).description.contains("without logging in"))
    #expect(error(403, origin: "F").description.contains("the user from F is not permitted"))
    #expect(error(404).description == "cannot read the manifest b of r.io/a: not found (404)")
  }

  @Test func `a 401 without a method that is known here is told as that`() {
    var silent = error(401)
    silent.offeredMethods = []
    #expect(silent.description.contains("its response names no method (it lacks WWW-Authenticate) (401)"))
    var other = error(401)
    other.offeredMethods = ["negotiate", "ntlm"]
    #expect(other.description.contains("requires authentication by negotiate, ntlm, which is not supported"))
    #expect(silent.hint == other.hint && silent.hint?.contains("docker login") == false)
  }

  @Test func `JSON that is nested deeply ends no thread`() throws {
    for text in [String(repeating: "[", count: 300_000), String(repeating: #"{"errors":"#, count: 60_000)] {
      #expect(Diagnostic.parse(Data(text.utf8)).count == 1)
      let server = try ScriptedServer { _ in .text(200, text) }
      let registry = try Registry(host: server.address, repository: "a", options: .testing)
      #expect(throws: RegistryError.self) { try registry.tags() }
      #expect(throws: RegistryError.self) { try registry.manifest(.tag("v1")) }
      let home = try TemporaryFolder("home")
      try home.write(".docker/config.json", text)
      let store = CredentialStore(environment: ["HOME": home.path])
      #expect(throws: CredentialError.self) { try store.credential(host: "r.io", repository: "a") }
    }
  }

  @Test func `who is not logged in is advised to log in`() {
    #expect(error(403).hint == "log in: docker login r.io, or podman login r.io")
    #expect(error(403, origin: "F").hint == "ask the registry's owner for access to a")
  }

  @Test func `a certificate that has expired or is for another name has a hint of its own`() {
    func hint(_ detail: String, _ verification: Int = 0) -> String? {
      let kind = HTTPFailure(code: 60, detail: detail, verification: verification).kind
      let connection = RegistryConnection(host: "r.io", repository: "a", options: .testing)
      return connection.failure(RegistryCall("x", .get), HTTPFailure(kind)).hint
    }
    let hints = [
      hint("SSL certificate problem: unable to get local issuer certificate", 20),
      hint("SSL certificate problem: certificate has expired", 10), hint("server verification failed", 1 << 10 | 2),
      hint("SSL: no alternative certificate subject name matches target host name 'r.io'"),
    ]
    #expect(hints[1] == hints[2] && hints[1]?.contains("renew") == true)
    #expect(hints[3]?.contains("the host name that the certificate is for") == true)
    #expect(hints[0]?.contains("--ca-file") == true)
  }

  @Test(arguments: ["http://u:hidden@proxy", "bad hidden@proxy:1 name", "https://s3/x?X-Amz-Signature=hidden"])
  func `no text of libcurl's that may hold a secret is passed on`(detail: String) {
    for code: CInt in [1, 3, 5, 6, 7, 35, 56, 60, 97] {
      #expect(
        !HTTPFailure(code: code, detail: "Unsupported proxy syntax in '\(detail)'").detail.contains("hidden"))
    }
  }

  @Test func `diagnostics are read from JSON, text and HTML`() {
    func parse(_ text: String) -> [String] { Diagnostic.parse(Data(text.utf8)).map(\.description) }
    #expect(parse(#"{"errors":[{"code":"DENIED","message":"no"},{"code":"X","message":"x"}]}"#) == ["DENIED: no", "X"])
    #expect(parse(#"{"errors":[{"code":"A","message":"b","detail":"c"}]}"#) == ["A: b (c)"])
    #expect(parse(#"{"details":"incorrect username or password"}"#) == ["incorrect username or password"])
    #expect(parse("404 page not found\n") == ["404 page not found"])
    #expect(parse("<html><TITLE>\n413 Too\tLarge</TITLE>") == ["413 Too Large"])
    #expect(parse("<p>no <b>way</b></p>") == ["no way"])
    #expect(parse("") == [])
    #expect(parse("{}") == [])
    #expect(parse("a\u{1B}[31mred\u{7}") == ["a [31mred"])
    #expect(parse(String(repeating: "x", count: 10_000)).first?.count == 303)
    #expect(parse("[[[[[[") == ["[[[[[["])
  }

  @Test(arguments: [
    // https://github.com/moby/buildkit/issues/3776
    (
      400,
      #"{"errors":[{"code":"TAG_INVALID","message":"The image tag 'a' already exists in the 'b' repository and cannot be overwritten because the repository is immutable."}]}"#
    ),
    // Harbor
    (
      412,
      #"{"errors":[{"code":"PRECONDITION","message":"Failed to process request due to 'b:a' configured as immutable."}]}"#
    ),
    // https://cloud.google.com/artifact-registry/docs/docker/troubleshoot#push
    (
      400,
      #"{"errors":[{"code":"MANIFEST_INVALID","message":"cannot update tag a. The repository has enabled tag immutability"}]}"#
    ),
  ])
  func `a tag that cannot be changed is told with the setting for such registries`(status: Int, body: String) throws {
    let server = try ScriptedServer { request in
      request.path.contains("/manifests/") && request.method == "PUT" ? .text(status, body) : .text(404, "")
    }
    let registry = try Registry(host: server.address, repository: "b", options: .testing)
    let bytes = Data("{}".utf8)
    let descriptor = Descriptor(mediaType: .manifest, digest: try Digest.of(Array(bytes)), size: 2)
    let refused = #expect(throws: RegistryError.self) { try registry.putManifest(bytes, descriptor, tags: ["a"]) }
    #expect(refused?.hint?.contains("--no-default-tag") == true, "\(String(describing: refused))")
    #expect(refused?.status == status)
  }

  @Test func `a name that nobody knows, and a port where nobody listens`() throws {
    let port = try closedPort()
    var options = RegistryOptions.testing
    options.environment["HOME"] = "/nonexistent"
    let refused = #expect(throws: RegistryError.self) {
      try Registry(host: "127.0.0.1:\(port)", repository: "a", options: options).ping()
    }
    #expect(refused?.description.hasPrefix("cannot connect to 127.0.0.1:\(port)/a: cannot connect to it") == true)
    #expect(refused?.hint == "check the host, the port, and that the registry is running")
  }

  @Test func `a registry without TLS on another machine is not spoken to in clear`() {
    var failure = HTTPFailure(code: 35, detail: "OpenSSL/3: error:0A00010B:SSL routines::wrong version number")
    #expect(failure.kind == .tls)
    #expect(!failure.isTransient)
    failure = HTTPFailure(code: 35, detail: "Recv failure: Connection reset by peer")
    #expect(failure.isTransient)
    failure = HTTPFailure(code: 6, detail: "Could not resolve host: nowhere.invalid")
    #expect(failure.kind == .nameUnknown)
  }

  @Test func `pauses grow, are bounded, and end`() {
    var transient = error(500)
    transient.isTransient = true
    let policy = RetryPolicy(tries: 100, pause: 1)
    #expect((0.75...1.25).contains(policy.pause(after: transient, try: 1) ?? 0))
    #expect((3...5).contains(policy.pause(after: transient, try: 3) ?? 0))
    #expect((22.5...37.5).contains(policy.pause(after: transient, try: 99) ?? 0))
    #expect(policy.pause(after: transient, try: 100) == nil)
    #expect(policy.pause(after: error(400), try: 1) == nil)
    transient.retryAfter = 60
    #expect(policy.pause(after: transient, try: 1) == 60)
    transient.retryAfter = 121
    #expect(policy.pause(after: transient, try: 1) == nil)
  }

  @Test(
    arguments: [("3", 3.0), ("Thu, 01 Jan 1970 00:00:00 GMT", 0), ("-1", 0), ("soon", nil), ("inf", nil)]
      as [(String, Double?)])
  func `Retry-After is a number or a date`(text: String, seconds: Double?) {
    var headers = ResponseFields()
    headers.append(line: "Retry-After: \(text)")
    #expect(headers.retryAfter == seconds)
  }

  @Test func `hosts and repositories are checked`() {
    #expect(throws: MalformedValue.self) { try Registry(host: "a/b", repository: "c") }
    #expect(throws: MalformedValue.self) { try Registry(host: "user@a", repository: "c") }
    #expect(throws: MalformedValue.self) { try Registry(host: "a", repository: "../c") }
  }
}
