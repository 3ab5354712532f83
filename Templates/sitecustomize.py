"""Reads the .pth files of the image's Python packages, as Python reads those of its own, then runs the next sitecustomize.

Python reads none in the folders of PYTHONPATH, where these packages are.
"""

import importlib.machinery
import importlib.util
import os
import site
import sys

own = os.path.dirname(os.path.abspath(__file__))
packages = os.path.dirname(own)
before = list(sys.path)
site.addsitedir(packages)
# In front of the base's own packages, as the packages themselves are.
added = [path for path in sys.path if path not in before]
if packages in sys.path and sys.path[len(before):] == added:
    del sys.path[len(before):]
    place = sys.path.index(packages) + 1
    sys.path[place:place] = added
