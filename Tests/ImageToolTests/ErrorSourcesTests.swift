import Foundation
import SematicFiles
import Testing

/// What the sources say of errors: an error with words for people has a hint as well, or says that there is none.
@Suite struct ErrorSourcesTests {
  /// Types that cannot know `ExplainedError`, each with the reason.
  private static let excepted = [
    // What users link does without the tool's modules.
    "Sources/Sematic/", "Sources/SematicLaunch/",
    // The words of an errno: whoever calls the system says what for.
    "Sources/SematicSystem/ChildProcess.swift",
  ]

  private struct Declaration {
    let file: String
    let head: String
    let body: String
    var isError: Bool { head.contains(#/[:,&]\s*(any\s+)?Error\b/#) }
    var isExplained: Bool { head.contains(#/[:,]\s*(any\s+)?ExplainedError\b/#) }
    var hasWords: Bool {
      head.contains("CustomStringConvertible") || head.contains("LocalizedError")
        || body.contains("var description: String")
    }
    var crossesModules: Bool { head.contains(#/\b(package|public)\b/#) }
  }

  private static func declarations() throws -> [Declaration] {
    let root = (0..<3).reduce(#filePath) { path, _ in FileTree.parent(of: path) }
    let files = FileManager.default.enumerator(atPath: root + "/Sources")?.compactMap { $0 as? String } ?? []
    return try files.filter { $0.hasSuffix(".swift") }.flatMap { file in
      let text = String(decoding: try FileTree.read("\(root)/Sources/\(file)"), as: UTF8.self)
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      return lines.indices.compactMap { index -> Declaration? in
        let line = lines[index]
        guard
          line.contains(
            #/^\s*((package|public|private|fileprivate|final|indirect)\s+)*(struct|enum|class|extension)\s/#)
        else { return nil }
        let indentation = line.prefix { $0 == " " }
        let rest = lines[index...]
        let end = line.hasSuffix("}") ? index : rest.firstIndex { $0 == indentation + "}" } ?? index
        let head = rest.first { $0.contains("{") } ?? line
        return Declaration(file: "Sources/" + file, head: line + head, body: lines[index...end].joined(separator: "\n"))
      }
    }
  }

  @Test func `An error with words for people is an ExplainedError`() throws {
    let errors = try Self.declarations().filter { declaration in
      declaration.isError && !Self.excepted.contains { declaration.file.hasPrefix($0) }
    }
    #expect(try Self.declarations().contains { $0.isExplained })
    for error in errors where error.hasWords || error.crossesModules {
      Issue.record("\(error.file): '\(error.head)' can reach a person, so it has to be an ExplainedError")
    }
  }

  @Test func `Nothing is decided by the words of an error`() throws {
    let root = (0..<3).reduce(#filePath) { path, _ in FileTree.parent(of: path) }
    let files = FileManager.default.enumerator(atPath: root + "/Sources/ImageTool")?.compactMap { $0 as? String } ?? []
    for file in files where file.hasSuffix(".swift") {
      let text = String(decoding: try FileTree.read("\(root)/Sources/ImageTool/\(file)"), as: UTF8.self)
      let words = #/(description|message|localizedDescription)\s*(==|\.hasPrefix|\.hasSuffix|\.contains)/#
      #expect(text.firstMatch(of: words) == nil, "\(file)")
    }
  }
}
