/// A row of the server's database: what is not known here is handed back as it came.
struct Row<Field: RawRepresentable<String>>: Sendable {
  private(set) var members: [String: JSON]

  init(_ members: [String: JSON]) { self.members = members }

  subscript(field: Field) -> JSON {
    get { members[field.rawValue] ?? .null }
    set { members[field.rawValue] = newValue }
  }

  /// The field's text; nil where it has none.
  subscript(text field: Field) -> String? {
    get { members[field.rawValue]?.text }
    set { members[field.rawValue] = .optional(newValue) }
  }
}
