place = [os.path.abspath(path) for path in sys.path].index(own) + 1
spec = importlib.machinery.PathFinder.find_spec("sitecustomize", sys.path[place:])
if spec is not None and spec.loader is not None:
    module = importlib.util.module_from_spec(spec)
    sys.modules["sitecustomize"] = module
    spec.loader.exec_module(module)
