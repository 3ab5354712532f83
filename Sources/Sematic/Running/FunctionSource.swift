/// The source of a function, as Sematic's UI shows it: the text of the call that makes it, read from its file.
///
/// A container has no sources: what the launch has read travels there as an artifact, which a variable names.
struct FunctionSource: Sendable {
  /// `Module/File.swift:LINE`
  private let place: String
  private let signature: String
  private let file: String
  private let line: Int
  private let name: String
  private let found = Locked<String??>(nil)

  init(place: String, signature: String, file: String, line: Int, name: String) {
    (self.place, self.signature, self.file, self.line, self.name) = (place, signature, file, line, name)
  }

  /// The texts that the launch has read, by the functions' paths.
  @TaskLocal static var launched: [String: String] = [:]

  /// The variable that names their artifact.
  static let artifactName = "SEMATIC_FUNCTION_SOURCES"

  /// What is known without the file.
  var description: String { "// \(place)\n// \(signature)" }

  /// The text from the file; nil where it is not on this machine.
  func read() -> String? {
    found.withLock { found in
      if let found { return found }
      let text = System.text(of: file).flatMap { SwiftSource($0).call(at: line, naming: name) }
      let shown = text.map { "// \(place)\n\($0)" }
      found = .some(shown)
      return shown
    }
  }
}

extension FunctionSource {
  /// The texts of these functions, for containers; nil where there are no files.
  static func artifact(of functions: [Registration]) async throws -> Artifact? {
    try await BlockingWork.shared.run { _ in
      var texts: [String: String] = [:]
      for function in functions { texts[function.path] = function.source.read() }
      return texts.isEmpty ? nil : Artifact(try PythonValue.top(texts))
    }
  }

  /// The texts that the launch has read; a run does without them where they cannot be had.
  static func texts(in environment: [String: String], _ recorder: Recorder) async -> [String: String] {
    guard let artifact = environment[artifactName], let value = try? await recorder.value(of: artifact) else {
      return [:]
    }
    return (try? await ValueDecoder.output([String: String].self, from: value)) ?? [:]
  }
}
