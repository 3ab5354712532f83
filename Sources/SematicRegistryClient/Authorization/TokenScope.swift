/// The access that a token grants: `repository:team/app:pull,push`.
///
/// https://distribution.github.io/distribution/spec/auth/scope/
struct TokenScope: Equatable, Sendable, CustomStringConvertible {
  var resource: String
  var actions: Set<String>

  static func pull(_ repository: String) -> TokenScope {
    TokenScope(resource: "repository:\(repository)", actions: ["pull"])
  }

  static func push(_ repository: String) -> TokenScope {
    TokenScope(resource: "repository:\(repository)", actions: ["pull", "push"])
  }

  init(resource: String, actions: Set<String>) {
    self.resource = resource
    self.actions = actions
  }

  /// Parses `resource:actions`; nil for anything else.
  init?(_ text: Substring) {
    guard let colon = text.lastIndex(of: ":"), text.contains(":"), colon != text.startIndex else { return nil }
    resource = String(text[..<colon])
    actions = Set(text[text.index(after: colon)...].split(separator: ",").map(String.init))
  }

  var description: String { "\(resource):\(actions.sorted().joined(separator: ","))" }
}

/// Token scopes, each resource once.
struct TokenScopes: Equatable, Sendable {
  private(set) var list: [TokenScope] = []

  init(_ scopes: [TokenScope]) { scopes.forEach { add($0) } }

  /// Adds the scopes that a challenge asks for, separated by spaces.
  func adding(_ text: String) -> TokenScopes {
    var result = self
    text.split(separator: " ").compactMap { TokenScope($0) }.forEach { result.add($0) }
    return result
  }

  private mutating func add(_ scope: TokenScope) {
    if let index = list.firstIndex(where: { $0.resource == scope.resource }) {
      list[index].actions.formUnion(scope.actions)
    } else {
      list.append(scope)
      list.sort { $0.resource < $1.resource }
    }
  }

  /// Whether these scopes include the others.
  func cover(_ others: TokenScopes) -> Bool {
    others.list.allSatisfy { other in
      list.contains { $0.resource == other.resource && $0.actions.isSuperset(of: other.actions) }
    }
  }
}
