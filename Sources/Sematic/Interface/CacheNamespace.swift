/// The name of a cache for the outputs of functions that have `cache: true`.
///
/// ```swift
/// let embed = SematicFunction("embed", cache: true) { (text: String) in text.utf8.map(Double.init) }
/// let result = try await embed.with("one").resolve(with: LocalResolver(cacheNamespace: "embeddings"))
/// ```
/// A function is not run where the server has an output of a function of the same name, with the same type, for the same
/// arguments, under the same namespace. Its new run refers to the run that was executed.
public struct CacheNamespace: Hashable, Sendable, ExpressibleByStringLiteral {
  /// Nil for that of the commit.
  private let name: String?

  /// A namespace; the server's clients use the first 50 characters of it.
  public init(_ name: String) { self.name = name }

  /// A namespace; the server's clients use the first 50 characters of it.
  public init(stringLiteral name: String) { self.init(name) }

  private init(commit: Void) { name = nil }

  /// The namespace of the program's git commit: another commit begins anew. Without one, nothing is cached.
  ///
  /// Changes that are not committed make one other namespace, whatever they are.
  public static let gitCommit = CacheNamespace(commit: ())

  /// The text that the server keeps.
  ///
  /// https://github.com/sematic-ai/sematic/blob/main/sematic/caching/git.py
  func text(_ git: GitInformation?) -> String? {
    if name == nil, git == nil { System.say("nothing is cached: the program is not in a git repository") }
    let text = name ?? git.map { $0.commit + ($0.isDirty ? "+True" : "+False") }
    return text.map { String($0.unicodeScalars.prefix(50)) }
  }
}
