import PackagePlugin

@main
struct RunLocal: CommandPlugin {
  func performCommand(context: PluginContext, arguments: [String]) async throws {}
}
