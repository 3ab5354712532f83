import Constants

@main
struct Measured {
  static func main() { print("a macro counted \(#length("thirteen byte"))") }
}
