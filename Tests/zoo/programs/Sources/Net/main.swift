import Foundation

#if canImport(FoundationNetworking)
  import FoundationNetworking
  import FoundationXML
#endif

/// Notes the text of a document.
final class Reader: NSObject, XMLParserDelegate {
  var text = ""
  func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }
}

// Prints what an address answers, which is to be XML.
guard let address = CommandLine.arguments.dropFirst().first.flatMap({ URL(string: $0) }) else {
  print("no address")
  exit(2)
}
do {
  let (data, answer) = try await URLSession.shared.data(from: address)
  let reader = Reader()
  let parser = XMLParser(data: data)
  parser.delegate = reader
  print((answer as? HTTPURLResponse)?.statusCode ?? 0, parser.parse() ? reader.text : "not XML")
} catch {
  print("failed: \(error.localizedDescription)")
  exit(1)
}
