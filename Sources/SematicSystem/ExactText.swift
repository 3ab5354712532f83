extension String {
  /// The text of UTF-8, all of it; nil for other bytes.
  ///
  /// Foundation's own initializer leaves out a byte order mark, which is a part of a name or a script for everybody else.
  package init?(exactly bytes: some Collection<UInt8>) {
    let text = String(decoding: bytes, as: UTF8.self)
    guard text.utf8.elementsEqual(bytes) else { return nil }
    self = text
  }
}
