import SematicConfiguration
import Testing

struct RegistrySettingTests {
  @Test(arguments: [
    Mistake(
      "'[::1]:5000'",
      "the registry '[::1]:5000' cannot be used: its '::' would break Sematic's list of images; give it a host name"),
    Mistake("https://ghcr.io", "'https://ghcr.io' is not a registry: write the host without 'https://'"),
    Mistake(
      "http://ghcr.io",
      "'http://ghcr.io' is not a registry: write the host without 'http://'"
        + "\nhint: 'insecure: true' allows a registry without TLS"),
    Mistake(
      "acme",
      "'acme' is not a registry: its host needs a dot or a port, as in 'acme:443'\nhint: on Docker Hub write 'docker.io/acme'"
    ),
    Mistake(
      "''", "'' is not a registry: write host or host:port, with or without a path in lower case, as in ghcr.io/acme"),
    Mistake(
      "ghcr.io/",
      "'ghcr.io/' is not a registry: write host or host:port, with or without a path in lower case, as in ghcr.io/acme"),
    Mistake(
      "ghcr.io/Acme",
      "'ghcr.io/Acme' is not a registry: write host or host:port, with or without a path in lower case, as in ghcr.io/acme"
    ),
    Mistake(
      "ghcr.io:99999",
      "'ghcr.io:99999' is not a registry: write host or host:port, with or without a path in lower case, as in ghcr.io/acme"
    ),
    Mistake(
      "ghcr.io/../x",
      "'ghcr.io/../x' is not a registry: write host or host:port, with or without a path in lower case, as in ghcr.io/acme"
    ),
    Mistake(
      "a##b.c",
      "'a##b.c' is not a registry: write host or host:port, with or without a path in lower case, as in ghcr.io/acme"),
  ])
  func `What is no registry is an error`(_ mistake: Mistake) throws {
    #expect(
      try SamplePackage(settings("registry: " + mistake.text)).mistake() == "sematic.yaml:4: registry: "
        + mistake.message)
  }

  @Test(arguments: [
    ("local", RegistryAddress.local, "r"),
    ("ghcr.io", .remote(host: "ghcr.io"), "r"),
    ("ghcr.io/acme/x", .remote(host: "ghcr.io"), "acme/x/r"),
    ("localhost:5000", .remote(host: "localhost:5000"), "r"),
    ("localhost", .remote(host: "localhost"), "r"),
    ("'[2001:db8:0:0:0:0:0:1]:5000'", .remote(host: "[2001:db8:0:0:0:0:0:1]:5000"), "r"),
    ("index.docker.io/acme", .remote(host: "docker.io"), "acme/r"),
  ])
  func `A path of the registry goes in front of the repository`(
    _ text: String, _ address: RegistryAddress, _ repository: String
  ) throws {
    let pipeline = try SamplePackage(settings("registry: \(text)\nrepository: r")).pipeline()
    #expect(pipeline.registry == address)
    #expect(pipeline.repository == repository)
  }

  @Test func `Docker Hub needs an owner`() throws {
    #expect(
      try SamplePackage(settings("registry: docker.io")).mistake()
        == "sematic.yaml:4: registry: Docker Hub needs an owner: write 'docker.io/OWNER'")
    #expect(try SamplePackage(settings("registry: docker.io\nrepository: a/b")).pipeline().repository == "a/b")
  }

  @Test(arguments: ["Foo", "a//b", "a:latest", "/a", "a__.b", ""])
  func `What is no repository is an error`(_ text: String) throws {
    let hint = text.contains(":") ? "\nhint: tags belong in 'tags'" : ""
    #expect(
      try SamplePackage(settings("repository: '\(text)'")).mistake()
        == "sematic.yaml:4: repository: '\(text)' is not a repository: use a-z 0-9, single . _ or dashes between them, "
        + "and / between folders\(hint)")
  }

  @Test(arguments: [
    ("My App", "my-app"), ("Über", "ber"), ("a__b", "a__b"), ("a_.b", "a-b"), ("--x--", "x"), ("日本", "pipelines"),
    ("", "pipelines"), ("a.b", "a.b"),
  ])
  func `The package's name becomes a valid repository`(_ name: String, _ repository: String) throws {
    var package = try SamplePackage()
    package.name = name
    #expect(try package.pipeline().repository == repository)
  }
}
