"""Prints the version of Sematic, or an empty line, if a launch script starts pipelines in the cluster; else nothing.

    launch-needs.py SCRIPT ROOT...

Reads the script and what it imports from the folders ROOT, and runs nothing. A script that can do without Sematic's server, or
that finds the server's address by itself, needs nothing that could be known before it runs.
"""

import ast
import os
import sys

CLOUD = {"CloudRunner", "CloudResolver"}
UNKNOWN = {"SilentRunner", "SilentResolver", "OfflineResolver", "load_dotenv", "set_user_setting", "switch_env"}
ADDRESSES = {"SEMATIC_API_ADDRESS", "SEMATIC_SERVER_ADDRESS"}
roots = sys.argv[2:]
waiting, seen, names, texts = [sys.argv[1]], set(), set(), set()


def add(parts, folders):
    for folder in folders:
        base = os.path.join(folder, *parts)
        waiting.extend(path for path in (base + ".py", os.path.join(base, "__init__.py")) if os.path.isfile(path))


while waiting:
    path = os.path.realpath(waiting.pop())
    if path in seen:
        continue
    seen.add(path)
    with open(path, "rb") as file:
        tree = ast.parse(file.read(), path)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                add(alias.name.split("."), roots)
        elif isinstance(node, ast.ImportFrom):
            folder = path
            for _ in range(node.level):
                folder = os.path.dirname(folder)
            parts = node.module.split(".") if node.module else []
            for alias in node.names:
                add(parts, [folder] if node.level else roots)
                add(parts + [alias.name], [folder] if node.level else roots)
        elif isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.Attribute):
            names.add(node.attr)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            texts.add(node.value)

if names & CLOUD and not names & UNKNOWN and not texts & ADDRESSES:
    try:
        from importlib.metadata import version

        print(version("sematic"))
    except Exception:  # Not installed, or a Python without importlib.metadata.
        print()
