import SematicSystem

/// The tokens of one registry, each kept until shortly before it expires.
struct TokenCache {
  private struct Entry {
    let scopes: TokenScopes
    let token: String
    let end: UInt64
  }

  private var entries: [Entry] = []
  private let now: () -> UInt64

  /// - Parameter now: the nanoseconds of a monotonic clock.
  init(now: @escaping () -> UInt64 = { MonotonicClock.nanoseconds }) { self.now = now }

  func token(for scopes: TokenScopes) -> String? {
    let now = now()
    return entries.last { $0.end > now && $0.scopes.cover(scopes) }?.token
  }

  /// - Parameter lifetime: the lifetime in seconds.
  mutating func insert(_ token: String, for scopes: TokenScopes, lifetime: Double) {
    let usable = max(1, min(lifetime, 86_400) - min(10, max(0, lifetime) / 4))
    entries.removeAll { $0.end <= now() || scopes.cover($0.scopes) }
    entries.append(Entry(scopes: scopes, token: token, end: now() &+ UInt64(usable * 1e9)))
  }

  /// Removes a token that was refused.
  mutating func remove(_ token: String) { entries.removeAll { $0.token == token } }

  var tokens: [String] { entries.map(\.token) }
}
