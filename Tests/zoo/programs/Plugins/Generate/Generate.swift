import PackagePlugin

@main
struct Generate: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    let file = context.pluginWorkDirectory.appending("Generated.swift")
    return [
      .buildCommand(
        displayName: "Generating \(target.name)", executable: try context.tool(named: "Generator").path,
        arguments: [file.string], outputFiles: [file])
    ]
  }
}
