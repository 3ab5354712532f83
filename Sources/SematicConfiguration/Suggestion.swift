/// The word that somebody probably meant.
enum Suggestion {
  /// `: did you mean 'registry'?`, or nothing when no candidate is near.
  static func sentence(for word: String, among candidates: some Sequence<String>) -> String {
    nearest(to: word, among: candidates).map { ": did you mean '\($0)'?" } ?? ""
  }

  /// The nearest candidate within a third of the word's length; the first of equally near ones.
  static func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
    let letters = Array(word.lowercased().unicodeScalars)
    guard letters.count <= 100 else { return nil }
    let limit = max(1, letters.count / 3)
    var best: (candidate: String, distance: Int)?
    for candidate in candidates {
      let found = distance(letters, Array(candidate.lowercased().unicodeScalars))
      if found <= limit, found < best?.distance ?? .max { best = (candidate, found) }
    }
    return best?.candidate
  }

  /// The number of letters to insert, remove, replace, or swap with their neighbour.
  private static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
    guard !left.isEmpty, !right.isEmpty else { return max(left.count, right.count) }
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for row in 1...left.count {
      var current = [row]
      for column in 1...right.count {
        let same = left[row - 1] == right[column - 1]
        var steps = min(last[column] + 1, current[column - 1] + 1, last[column - 1] + (same ? 0 : 1))
        if row > 1, column > 1, left[row - 1] == right[column - 2], left[row - 2] == right[column - 1] {
          steps = min(steps, beforeLast[column - 2] + 1)
        }
        current.append(steps)
      }
      beforeLast = last
      last = current
    }
    return last[right.count]
  }
}
