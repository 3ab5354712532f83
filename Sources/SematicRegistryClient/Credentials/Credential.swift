import SematicSystem

/// A credential for one registry. Its secret never appears in a message.
package struct Credential: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable
{
  package enum Secret: Hashable, Sendable {
    case password(user: String, password: String)
    /// A token that is exchanged for others (OAuth 2: a refresh token).
    case identityToken(String)
    /// A token that is sent as it is.
    case bearerToken(String)
  }

  package let secret: Secret
  /// The file or helper program that it came from.
  package let origin: String

  package init(_ secret: Secret, origin: String) {
    self.secret = secret
    self.origin = origin
  }

  package var description: String { "the credential from \(origin)" }
  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: [:]) }

  /// The value of `Authorization` for Basic; nil where there is no password.
  var basic: String? {
    guard case .password(let user, let password) = secret else { return nil }
    return "Basic " + Data("\(user):\(password)".utf8).base64EncodedString()
  }

  /// Every form in which a careless server could send the secret back.
  var traces: [String] {
    switch secret {
    case .password(_, let password):
      [password, basic.map { String($0.dropFirst(6)) } ?? ""]
    case .identityToken(let token), .bearerToken(let token): [token]
    }
  }
}

/// A file or helper program from which credentials cannot be read.
package struct CredentialError: ExplainedError, Equatable, Sendable {
  /// The file or helper program.
  package let origin: String
  package let reason: String
  package var hint: String?

  package var description: String { "cannot read credentials from \(origin): \(reason)" }
}
