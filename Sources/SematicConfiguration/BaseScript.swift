import SematicFiles
import SematicSystem

/// A program of the package that prints the reference of a base, as Sematic's `image_script` does.
struct BaseScript {
  private let path: String
  /// The folder that the path starts from, and that the program runs in.
  private let folder: PackageFolder
  /// The time that the program may take, in seconds.
  private let timeLimit: Double

  /// - Throws: `MalformedSetting` where there is no such program in the package.
  init(_ path: String, in package: PackageFolder, timeLimit: Double = 60) throws {
    self.path = try PackageFolder.parts(of: path).joined(separator: "/")
    folder = try package.folder(of: path)
    self.timeLimit = timeLimit
    _ = try folder.target(of: self.path)
    guard access(folder.path + "/" + self.path, X_OK) == 0 else {
      throw MalformedSetting("'\(self.path)' cannot be run: \(POSIX.message(errno))", hint: "chmod +x \(self.path)")
    }
  }

  /// Runs the program in the folder that its path starts from.
  /// - Throws: `MalformedSetting`.
  func printedReference() throws -> String {
    let output = try run()
    let lines = output.split(whereSeparator: \.isNewline).map { $0.trimmed }.filter { !$0.isEmpty }
    guard let reference = lines.first, lines.count == 1 else {
      throw MalformedSetting("'\(path)' printed \(lines.count) lines: it must print one, the reference of a base")
    }
    return reference
  }

  private func run() throws -> String {
    do {
      let (status, output, errors) = try HelperAnswer.run(
        "/bin/sh", ["-c", #"cd "$1" && exec "./$2""#, "sh", folder.path, path],
        environment: ProcessInfo.processInfo.environment, input: "", seconds: timeLimit)
      guard status == 0 else {
        let reason = String(decoding: errors, as: UTF8.self).split(whereSeparator: \.isNewline).last.map { ": \($0)" }
        throw MalformedSetting("'\(path)' failed with status \(status)\(reason ?? "")")
      }
      return String(decoding: output, as: UTF8.self)
    } catch is HelperAnswer.TimedOut {
      throw MalformedSetting("'\(path)' did not end within \(Int(timeLimit)) seconds")
    } catch let error as SystemError {
      throw MalformedSetting("'\(path)' cannot be run: \(error)")
    }
  }
}
