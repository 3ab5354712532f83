import Foundation
import TestSupport
import Testing

@testable import SematicImages
@testable import SematicRegistryClient

@Suite struct CredentialStoreTests {
  let home: TemporaryFolder

  init() throws { home = try TemporaryFolder("home") }

  private func find(_ host: String, _ repository: String = "team/app", _ environment: [String: String] = [:]) throws
    -> Credential.Secret?
  {
    let all = ["HOME": home.path, "PATH": home.file("bin") + ":/usr/bin:/bin"].merging(environment) { $1 }
    return try CredentialStore(environment: all).credential(host: host, repository: repository)?.secret
  }

  private func auth(_ text: String) -> String { #"{"auth": "\#(Data(text.utf8).base64EncodedString())"}"# }

  @Test func `docker's file has user and password in base64`() throws {
    try home.write(
      ".docker/config.json",
      """
      {"auths": {"ghcr.io": \(auth("me:a:b")), "https://old.example/v1/": \(auth("old:x")),
        "https://index.docker.io/v1/": \(auth("hub:y")), "r:5000": {"username": "u", "password": "p"}, "empty": {}}}
      """)
    #expect(try find("ghcr.io") == .password(user: "me", password: "a:b"))
    #expect(try find("old.example") == .password(user: "old", password: "x"))
    #expect(try find("docker.io") == .password(user: "hub", password: "y"))
    #expect(try find("r:5000") == .password(user: "u", password: "p"))
    #expect(try find("r") == nil)
    #expect(try find("empty") == nil)
    #expect(try find("evil-ghcr.io") == nil)
    #expect(try find("ghcr.io.evil") == nil)
  }

  @Test func `tokens come before passwords`() throws {
    try home.write(
      "d/config.json",
      #"{"auths": {"a": {"auth": "eDp5", "identitytoken": "t"}, "b": {"registrytoken": "r"}}}"#)
    let environment = ["DOCKER_CONFIG": home.file("d")]
    #expect(try find("a", "x", environment) == .identityToken("t"))
    #expect(try find("b", "x", environment) == .bearerToken("r"))
  }

  @Test func `podman's files may be about a part of a registry`() throws {
    try home.write(
      "run/containers/auth.json", #"{"auths": {"q.io/team": \#(auth("t:1")), "q.io": \#(auth("all:2"))}}"#)
    try home.write("auth.json", #"{"auths": {"q.io": \#(auth("named:3"))}}"#)
    try home.write(".config/containers/auth.json", #"{"auths": {"z.io": \#(auth("c:4"))}}"#)
    let environment = ["XDG_RUNTIME_DIR": home.file("run")]
    #expect(try find("q.io", "team/app", environment) == .password(user: "t", password: "1"))
    #expect(try find("q.io", "teams/app", environment) == .password(user: "all", password: "2"))
    #expect(try find("z.io", "a", environment) == .password(user: "c", password: "4"))
    let named = environment.merging(["REGISTRY_AUTH_FILE": home.file("auth.json")]) { $1 }
    #expect(try find("q.io", "team/app", named) == .password(user: "named", password: "3"))
  }

  @Test func `a helper program is asked on its stdin`() throws {
    let script = """
      #!/bin/sh
      read -r server
      case "$1 $server" in
        "get h.io") echo '{"ServerURL":"h.io","Username":"u","Secret":"s"}' ;;
        "get t.io") echo '{"Username":"<token>","Secret":"s"}' ;;
        "get bad.io") echo 'the vault is sealed'; exit 1 ;;
        "get odd.io") echo 'no json' ;;
        *) echo 'credentials not found in native keychain'; exit 1 ;;
      esac
      """
    try home.write("bin/docker-credential-test", script, mode: 0o755)
    try home.write(
      ".docker/config.json",
      #"{"credsStore": "test", "auths": {"f.io": \#(auth("f:g"))}}"#)
    #expect(try find("h.io") == .password(user: "u", password: "s"))
    #expect(try find("t.io") == .identityToken("s"))
    #expect(try find("unknown.io") == nil)
    #expect(try find("f.io") == .password(user: "f", password: "g"))
    let sealed = #expect(throws: CredentialError.self) { try find("bad.io") }
    #expect(
      sealed?.description
        == "cannot read credentials from docker-credential-test: it failed with status 1: the vault is sealed")
    #expect(throws: CredentialError.self) { try find("odd.io") }

    // In a sandbox, out of the reach of its vault: without it, and with what the file itself has.
    let environment = ["HOME": home.path, "PATH": home.file("bin") + ":/usr/bin:/bin"]
    let store = CredentialStore(environment: environment, isSandboxed: true)
    var warnings: [String] = []
    #expect(try store.credential(host: "bad.io", repository: "a") { warnings.append($0) } == nil)
    #expect(warnings.count == 1 && warnings[0].contains("the vault is sealed; SwiftPM's sandbox may be the reason"))
    #expect(try store.credential(host: "h.io", repository: "a")?.secret == .password(user: "u", password: "s"))
  }

  @Test func `a helper that is not installed blocks nothing, and is named`() throws {
    try home.write(
      ".docker/config.json",
      """
      {"credsStore": "missing", "credHelpers": {"m.io": "none"}, "auths": {"f.io": \(auth("f:g"))}}
      """)
    let store = CredentialStore(environment: ["HOME": home.path, "PATH": "/nowhere"])
    var warnings: [String] = []
    func find(_ host: String) throws -> Credential.Secret? {
      warnings = []
      return try store.credential(host: host, repository: "a") { warnings.append($0) }?.secret
    }
    #expect(try find("f.io") == .password(user: "f", password: "g"))
    let missing = "it is not installed: no such program on PATH"
    #expect(
      warnings == ["cannot read credentials from docker-credential-missing: \(missing); continuing without it"])
    #expect(try find("m.io") == nil)
    #expect(warnings.count == 2 && warnings.first?.contains("docker-credential-none: \(missing)") == true)
    try home.write(".netrc", "machine m.io login n password p")
    #expect(try find("m.io") == .password(user: "n", password: "p"))
  }

  @Test func `what a helper says of its failure is in the message`() throws {
    try home.write("bin/docker-credential-broken", "#!/bin/sh\necho out\necho no keyring >&2\nexit 3\n", mode: 0o755)
    try home.write(".docker/config.json", #"{"credsStore": "broken"}"#)
    let error = #expect(throws: CredentialError.self) { try find("a.io") }
    #expect(error?.reason == "it failed with status 3: out; no keyring")
  }

  @Test func `a helper is asked for the names with https, too`() throws {
    let script = """
      #!/bin/sh
      read -r server
      [ "$server" = "https://s.io" ] || [ "$server" = "https://h.io/v1/" ] || { echo "credentials not found"; exit 1; }
      echo '{"Username":"u","Secret":"'"$server"'"}'
      """
    try home.write("bin/docker-credential-names", script, mode: 0o755)
    try home.write(
      ".docker/config.json",
      #"{"credsStore": "names", "credHelpers": {"https://h.io/v1/": "names"}, "auths": {"https://s.io": {}}}"#)
    #expect(try find("s.io") == .password(user: "u", password: "https://s.io"))
    #expect(try find("h.io") == .password(user: "u", password: "https://h.io/v1/"))
    #expect(try find("other.io") == nil)
  }

  @Test(arguments: ["u:p", "u:pa", "u:pas", "u:pass"])
  func `base64 may lack its padding`(text: String) throws {
    let encoded = Data(text.utf8).base64EncodedString().replacingOccurrences(of: "=", with: "")
    try home.write(".docker/config.json", #"{"auths": {"a.io": {"auth": "\#(encoded)"}}}"#)
    #expect(try find("a.io") == .password(user: "u", password: String(text.dropFirst(2))))
  }

  @Test(arguments: ["exec sleep 9", "sleep 9 & exit 0", "exec >&-; exec sleep 9"])
  func `a helper that gives no answer is not waited for`(script: String) throws {
    try home.write("bin/docker-credential-slow", "#!/bin/sh\n\(script) </dev/null\n", mode: 0o755)
    let helper = CredentialHelper("slow", environment: ["PATH": home.file("bin") + ":/usr/bin:/bin"], timeLimit: 1)
    let error = #expect(throws: CredentialError.self) { try helper.credential(for: "h.io") }
    #expect(
      error?.description == "cannot read credentials from docker-credential-slow: no answer within 1 s: run "
        + "`echo h.io | docker-credential-slow get` to see what it waits for")
  }

  @Test func `a helper's name cannot lead out of PATH`() throws {
    try home.write(".docker/config.json", #"{"credsStore": "../../evil"}"#)
    #expect(throws: CredentialError.self) { try find("a.io") }
  }

  @Test func `netrc comes last, and its default entry is for nobody`() throws {
    try home.write(
      ".netrc",
      """
      # a comment with machine x.io login no password no
      machine n.io login me password "with \\"blank\\" inside"
      machine c.io login me password #pw # machine d.io login no
        # password no
      machine   m.io
        login you
        account what
        password pw
      macdef init
      machine k.io login no password no

      machine index.docker.io login hub password y
      default login anyone password everything
      """)
    #expect(try find("n.io:5000") == .password(user: "me", password: #"with "blank" inside"#))
    #expect(try find("m.io") == .password(user: "you", password: "pw"))
    #expect(try find("docker.io") == .password(user: "hub", password: "y"))
    #expect(try find("c.io") == .password(user: "me", password: "#pw"))
    #expect(try find("x.io") == nil)
    #expect(try find("d.io") == nil)
    #expect(try find("k.io") == nil)
    #expect(try find("other.io") == nil)
  }

  @Test func `damaged files are errors that name them`() throws {
    let path = try home.write(".docker/config.json", "{")
    let error = #expect(throws: CredentialError.self) { try find("a.io") }
    #expect(error?.description == "cannot read credentials from \(path): it is not a JSON object")
    try home.write(".docker/config.json", #"{"auths": {"a.io": {"auth": "%%%"}}}"#)
    #expect(throws: CredentialError.self) { try find("a.io") }
    try home.write(".docker/config.json", "")
    #expect(try find("a.io") == nil)
  }

  @Test func `a credential never describes its secret`() {
    let credential = Credential(.password(user: "u", password: "hidden"), origin: "here")
    #expect("\(credential)" == "the credential from here")
    #expect(!String(reflecting: credential).contains("hidden"))
    var dumped = ""
    dump(credential, to: &dumped)
    #expect(!dumped.contains("hidden"))
  }
}
