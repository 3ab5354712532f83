import SematicSystem

/// What proves who we are to one registry. It never appears in a message.
package struct Credential: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable
{
  package enum Secret: Hashable, Sendable {
    case password(user: String, password: String)
    /// Is exchanged for tokens (OAuth 2: a refresh token).
    case identityToken(String)
    /// Is sent as it is.
    case bearerToken(String)
  }

  package let secret: Secret
  /// Where it was found: a file, a helper program.
  package let origin: String

  package init(_ secret: Secret, origin: String) {
    self.secret = secret
    self.origin = origin
  }

  package var description: String { "the credential from \(origin)" }
  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: [:]) }

  /// As `Authorization: Basic` has it; nil where there is no password.
  var basic: String? {
    guard case .password(let user, let password) = secret else { return nil }
    return "Basic " + Data("\(user):\(password)".utf8).base64EncodedString()
  }

  /// Every form in which a careless server could send it back.
  var traces: [String] {
    switch secret {
    case .password(_, let password):
      [password, basic.map { String($0.dropFirst(6)) } ?? ""]
    case .identityToken(let token), .bearerToken(let token): [token]
    }
  }
}

/// A place of credentials that could not be read.
package struct CredentialError: ExplainedError, Hashable, Sendable {
  /// A file, a helper program.
  package let origin: String
  package let reason: String
  package var hint: String?

  package var description: String { "cannot read credentials from \(origin): \(reason)" }
}
