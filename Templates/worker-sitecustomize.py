"""Takes the working directory from the front of sys.path, where `python -m` puts it, then runs the next sitecustomize.

The worker's modules come from the folder of the launch script first, as where that is started.
"""

import importlib.machinery
import importlib.util
import os
import sys


class BeforeWorker:
    """Sees the worker's first import: `python -m` changes sys.path after this module has run."""

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name == "sematic":
            sys.meta_path.remove(cls)
            if sys.argv[:1] == ["-m"] and sys.path[:1] == [os.getcwd()]:
                del sys.path[0]
        return None


sys.meta_path.insert(0, BeforeWorker)

own = os.path.dirname(os.path.abspath(__file__))
