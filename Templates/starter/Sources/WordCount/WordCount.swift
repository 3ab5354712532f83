import Foundation
import SematicLaunch
import Words

@main
struct WordCount {
  static func main() throws {
    // Set by `run-pipeline`; `run-local` starts the program without an image.
    if hasContainerImage() {
      for (tag, image) in try containerImages().sorted(by: { $0.key < $1.key }) {
        print("image \(tag): \(image)")
      }
    } else {
      print("no image")
    }

    let text = try String(
      contentsOf: Bundle.module.bundleURL.appendingPathComponent("rain.txt"), encoding: .utf8)
    for (word, occurrences) in try WordCounter().count(text).prefix(3) {
      print("\(occurrences) x \(word)")
    }
    for argument in CommandLine.arguments.dropFirst() {
      print("argument: \(argument)")
    }
  }
}
