import Yams

/// Reads YAML by the version of Yams that this package is held at.
@main
struct Settings {
  static func main() throws {
    let document = try Yams.load(yaml: "a: [1, 2, 3]\nb: ü\n") as? [String: Any]
    print((document?["a"] as? [Int])?.reduce(0, +) ?? 0, document?["b"] as? String ?? "")
  }
}
