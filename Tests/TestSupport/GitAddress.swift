import Testing

/// Addresses of repositories as people write them, and what of them may be shown to others.
///
/// What is secret in them is called `s3cret`, as a whole or in parts.
package struct GitAddress: Sendable, CustomTestStringConvertible {
  package let text: String
  /// The address in Sematic's records; nil where it is left out.
  package let record: String?
  /// The address in bills of materials and provenance; nil where it is left out, as those of this machine are.
  package let location: String?

  private init(_ text: String, _ record: String?, _ location: String?) {
    self.text = text
    self.record = record
    self.location = location
  }

  package var testDescription: String { text.debugDescription }

  package static let all = [
    // Nothing is secret.
    GitAddress(
      "https://github.com/apple/swift-log", "https://github.com/apple/swift-log",
      "git+https://github.com/apple/swift-log"),
    GitAddress("https://host:8443/a.git", "https://host:8443/a.git", "git+https://host:8443/a.git"),
    GitAddress("http://[::1]/a", "http://[::1]/a", "git+http://[::1]/a"),
    GitAddress("http://[::1]:80/a", "http://[::1]:80/a", "git+http://[::1]:80/a"),
    GitAddress("git://host/a", "git://host/a", "git://host/a"),
    GitAddress("https://host", "https://host", nil), GitAddress("https:///a", "https:///a", nil),
    GitAddress("https://host/../a", "https://host/../a", nil), GitAddress("https://ho st/a", "https://ho st/a", nil),
    // A user of ssh is no secret, and no part of the address of the sources.
    GitAddress(
      "git@github.com:apple/swift-log.git", "git@github.com:apple/swift-log.git",
      "git+ssh://github.com/apple/swift-log.git"),
    GitAddress("git@[::1]:a/b", "git@[::1]:a/b", "git+ssh://[::1]/a/b"),
    GitAddress("ssh://git@host/a b", "ssh://git@host/a b", "git+ssh://host/a%20b"),
    GitAddress("SSH://git@Host:22/a", "SSH://git@Host:22/a", "git+ssh://host:22/a"),
    GitAddress("host:a/b", "host:a/b", nil), GitAddress("@:a", nil, nil), GitAddress("a@:b", nil, nil),
    // Passwords and tokens.
    GitAddress("https://user:s3cret@host/a.git", "https://host/a.git", "git+https://host/a.git"),
    GitAddress("https://s3cret@host:8443/a", "https://host:8443/a", "git+https://host:8443/a"),
    GitAddress("https://user:s3c@ret@host/a", "https://host/a", "git+https://host/a"),
    GitAddress("HTTPS://user:s3cret@host/a", "HTTPS://host/a", "git+https://host/a"),
    GitAddress("http://user@:s3cret@host/a", "http://host/a", "git+http://host/a"),
    GitAddress(
      "http://user:s3cret@[2001:db8::1]:8080/a", "http://[2001:db8::1]:8080/a", "git+http://[2001:db8::1]:8080/a"),
    GitAddress("ssh://git:s3cret@host:22/a", "ssh://git@host:22/a", "git+ssh://host:22/a"),
    GitAddress("SSH://git:s3cret@host/a", "SSH://git@host/a", "git+ssh://host/a"),
    GitAddress("git@s3cret@host:a", "git@host:a", "git+ssh://host/a"),
    GitAddress("https://s3cret@host/a?token=s3cret#s3cret", "https://host/a", "git+https://host/a"),
    GitAddress("https://host?token=s3cret", "https://host", nil),
    GitAddress("git@host:a?token=s3cret", "git@host:a", "git+ssh://host/a"),
    GitAddress("codecommit://s3cret@repository/a", "codecommit://repository/a", nil),
    // Whatever may be a part of a secret.
    GitAddress("user:s3cret@host:a", nil, nil), GitAddress("user:s3cret@host/a", nil, nil),
    GitAddress("s3cret@host/a", nil, nil),
    GitAddress("//user:s3cret@host/a", nil, nil), GitAddress("https://user:s3/cr?et@host/a", nil, nil),
    GitAddress("https://user:s3?cret@host/a", nil, nil), GitAddress("https://user:s3#cret@host/a", nil, nil),
    GitAddress("https://user:s3c@r?e#t@host/a", nil, nil), GitAddress("https://user:s3cret/a", nil, nil),
    GitAddress("https://user:s3cret:1/a", nil, nil), GitAddress("https://[::1]s3cret/a", nil, nil),
    GitAddress("https://user:s3cret%40host/a", nil, nil), GitAddress("https://user:s3cret@", nil, nil),
    GitAddress("https://host/user:s3cret@other/a", nil, nil), GitAddress("https://host/a?token=s3c@ret", nil, nil),
    GitAddress("https:\\\\user:s3cret@host\\a", nil, nil), GitAddress("ext::ssh user:s3cret@host a", nil, nil),
    GitAddress("ext::fetch s3cret", nil, nil), GitAddress("git@host::s3cret", nil, nil),
    GitAddress("https://host/a\ns3cret", nil, nil), GitAddress("https://user:s3\ncret@host/a", nil, nil),
    // Paths of this machine.
    GitAddress("/srv/a.git", "/srv/a.git", nil), GitAddress("../a", "../a", nil), GitAddress("", "", nil),
    GitAddress("file:///srv/a", "file:///srv/a", nil), GitAddress("C:\\package", "C:\\package", nil),
    GitAddress("https://", "https://", nil), GitAddress("javascript://host/a", "javascript://host/a", nil),
  ]
}
