/// What a token allows: `repository:team/app:pull,push`.
///
/// https://distribution.github.io/distribution/spec/auth/scope/
struct TokenScope: Hashable, Sendable, CustomStringConvertible {
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

  /// Nil where the text is none.
  init?(_ text: Substring) {
    guard let colon = text.lastIndex(of: ":"), text.contains(":"), colon != text.startIndex else { return nil }
    resource = String(text[..<colon])
    actions = Set(text[text.index(after: colon)...].split(separator: ",").map(String.init))
  }

  var description: String { "\(resource):\(actions.sorted().joined(separator: ","))" }
}

/// Several scopes, each resource once.
struct TokenScopes: Hashable, Sendable {
  private(set) var list: [TokenScope] = []

  init(_ scopes: [TokenScope]) { scopes.forEach { add($0) } }

  /// Adds what a challenge asks for, scopes parted by spaces.
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

  /// Whether who has these has the others, too.
  func cover(_ others: TokenScopes) -> Bool {
    others.list.allSatisfy { other in
      list.contains { $0.resource == other.resource && $0.actions.isSuperset(of: other.actions) }
    }
  }
}
