import PackagePlugin

@main
struct PushImage: CommandPlugin {
  func performCommand(context: PluginContext, arguments: [String]) async throws {}
}
