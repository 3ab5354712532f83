import SwiftCompilerPlugin
import SwiftSyntax
import SwiftSyntaxMacros

/// `#length("text")` is the number of bytes of the text.
struct LengthMacro: ExpressionMacro {
  static func expansion(
    of node: some FreestandingMacroExpansionSyntax, in context: some MacroExpansionContext
  ) throws -> ExprSyntax {
    let text = node.arguments.first?.expression.as(StringLiteralExprSyntax.self)?.segments.description ?? ""
    return "\(raw: text.utf8.count)"
  }
}

@main
struct Macros: CompilerPlugin {
  let providingMacros: [any Macro.Type] = [LengthMacro.self]
}
