import Foundation

let text = Bundle.module.url(forResource: "Größe der Welt", withExtension: "txt", subdirectory: "Ein Ordner")
print((try? text.map { try String(contentsOf: $0, encoding: .utf8) }) ?? "no resource", terminator: "")
print((try? String(contentsOfFile: "daten über alles/läuft.txt", encoding: .utf8)) ?? "no data", terminator: "")
print(CommandLine.arguments.dropFirst().joined(separator: "|"))
