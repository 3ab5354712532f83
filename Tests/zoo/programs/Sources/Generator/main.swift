import Foundation

// Writes a source file: Generator FILE.
try "let generated = \"written by a plugin\"\n".write(
  toFile: CommandLine.arguments[1], atomically: true, encoding: .utf8)
