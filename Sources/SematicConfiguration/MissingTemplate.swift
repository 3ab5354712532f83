import SematicSystem

/// A file that comes with ImageTool, and is not where ImageTool looks for it.
package struct MissingTemplate: ExplainedError {
  package let path: String

  package init(_ path: String) { self.path = path }

  package var description: String {
    "cannot find \(path), which comes with ImageTool: ImageTool was moved or copied without it"
  }

  package var hint: String? {
    "leave ImageTool in the folder that it came in, and link to it: `ln -s FOLDER/ImageTool .`; or compile it anew: "
      + "`swift build --product ImageTool`"
  }
}
