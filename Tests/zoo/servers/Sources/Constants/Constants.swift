/// The number of bytes of a text.
@freestanding(expression) public macro length(_ text: String) -> Int =
  #externalMacro(module: "Macros", type: "LengthMacro")
