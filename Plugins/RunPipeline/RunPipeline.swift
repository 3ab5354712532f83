import PackagePlugin

@main
struct RunPipeline: CommandPlugin {
  func performCommand(context: PluginContext, arguments: [String]) async throws {}
}
