import SematicFiles

/// The modules that a script can import from its own folder: the `src` of a pipeline that has none.
enum PythonModules {
  /// The modules beside the script, and the packages: folders with an `__init__.py`.
  /// - Throws: `FileError`.
  static func globs(beside script: PackageFile) throws -> [String] {
    let folder = FileTree.parent(of: script.path)
    let prefix = script.relativePath.contains("/") ? literal(FileTree.parent(of: script.relativePath)) + "/" : ""
    return try FileTree.names(in: folder).filter { !$0.hasPrefix(".") }.compactMap { name in
      if name.hasSuffix(".py") { return prefix + literal(name) }
      return FileTree.exists("\(folder)/\(name)/__init__.py") ? prefix + literal(name) + "/**/*.py" : nil
    }
  }

  /// A pattern that matches this path alone.
  static func literal(_ path: String) -> String {
    path.map { "*?[\\".contains($0) ? "\\\($0)" : String($0) }.joined()
  }
}
