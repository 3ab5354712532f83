"""Reads what a script and the modules of its package import, and prints what the image will not have, as JSON.

Standard input says, as JSON: `folder`, the package; `script`, its path in the package; `roots`, the folders that modules are
imported from; `files`, what the image has of the package; and, where they are known, `packages`, the folder of installed
requirements, and `version`, of the image's Python. Nothing is imported or run.
"""

import ast
import glob
import json
import os
import sys
import sysconfig

request = json.load(sys.stdin)
folder = request["folder"]
there_files = set(request["files"])
there_folders = set()
for file in there_files:
    while "/" in file:
        file = file.rsplit("/", 1)[0]
        there_folders.add(file)

# What other versions have than the one that runs this.
CHANGES = {
    "zoneinfo": ((3, 9), None), "graphlib": ((3, 9), None), "tomllib": ((3, 11), None),
    "annotationlib": ((3, 14), None), "compression": ((3, 14), None),
}
for names, last in (
    ("asynchat asyncore distutils imp smtpd", (3, 12)),
    ("aifc audioop cgi cgitb chunk crypt imghdr lib2to3 mailcap msilib nis nntplib ossaudiodev pipes sndhdr spwd sunau "
     "telnetlib uu xdrlib", (3, 13)),
):
    CHANGES.update((name, ((3, 0), last)) for name in names.split())


def standard_library():
    names = set(getattr(sys, "stdlib_module_names", ())) | set(sys.builtin_module_names)
    if not hasattr(sys, "stdlib_module_names"):
        library = sysconfig.get_paths()["stdlib"]
        for place in (library, os.path.join(library, "lib-dynload")):
            if os.path.isdir(place):
                names.update(name.split(".")[0] for name in os.listdir(place) if name != "site-packages")
    if request.get("version"):
        version = tuple(int(part) for part in request.get("version").split("."))
        for name, (first, end) in CHANGES.items():
            if version < first or end and version >= end:
                names.discard(name)
            else:
                names.add(name)
    return names | {"__main__"}


def installed(place):
    """The modules in a folder of packages, and in those that its .pth files name."""
    names = set()
    if not place or not os.path.isdir(place):
        return names
    for name in os.listdir(place):
        names.add(name.split(".")[0])
        if name.endswith(".pth"):
            with open(os.path.join(place, name), errors="replace") as lines:
                for line in lines:
                    path = os.path.join(place, line.strip())
                    if line.strip() and not line.startswith(("#", "import")) and os.path.isdir(path):
                        names.update(inside.split(".")[0] for inside in os.listdir(path))
    return names


outside = standard_library() | installed(request.get("packages"))


class Place:
    """The package's files, here or in the image."""

    def __init__(self, is_file, is_folder, compiled):
        self.is_file = is_file
        self.is_folder = is_folder
        # The compiled module of a path without its ending: `a/b` -> `a/b.cpython-311-x86_64-linux-gnu.so`
        self.compiled = compiled

    def find(self, parts, roots):
        """The files that an import of a module runs; the last is None where a part of it is not there."""
        files = []
        for part in parts:
            spaces = []
            for root in roots:
                base = root + "/" + part if root else part
                if self.is_file(base + "/__init__.py"):
                    files.append(base + "/__init__.py")
                    roots = [base]
                    break
                module = base + ".py" if self.is_file(base + ".py") else self.compiled(base)
                if module:
                    files.append(module)
                    roots = []
                    break
                if self.is_folder(base):
                    spaces.append(base)
            else:
                if not spaces:
                    return files + [None]
                files.append("")
                roots = spaces
        return files


def stem(file):
    place, name = os.path.split(file)
    return os.path.join(place, name.split(".")[0])


def compiled_here(base):
    found = glob.glob(glob.escape(os.path.join(folder, base)) + ".*so")
    return os.path.relpath(found[0], folder) if found else None


here = Place(
    lambda path: os.path.isfile(os.path.join(folder, path)), lambda path: os.path.isdir(os.path.join(folder, path)),
    compiled_here,
)
there = Place(
    there_files.__contains__, there_folders.__contains__,
    {stem(file): file for file in there_files if file.endswith(".so")}.get,
)


def guards(handler):
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    names = {getattr(one, "id", getattr(one, "attr", None)) for one in caught}
    return handler.type is None or names & {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}


ALWAYS, LAUNCHING, CONDITIONAL = range(3)


def imports(nodes, deferred=False, when=ALWAYS):
    """The imports that nothing catches: each with whether it is in a function, and when it runs."""
    for node in nodes:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield node, deferred, when
        elif isinstance(node, ast.If):
            test = ast.dump(node.test)
            if "TYPE_CHECKING" in test:
                yield from imports(node.orelse, deferred, when)
            elif "__name__" in test and "__main__" in test:
                # The launch is what everything is for.
                yield from imports(node.body, deferred, max(when, LAUNCHING))
            else:
                yield from imports(node.body + node.orelse, deferred, CONDITIONAL)
        elif hasattr(node, "handlers"):
            if not any(guards(handler) for handler in node.handlers):
                yield from imports(node.body + node.orelse, deferred, when)
                for handler in node.handlers:
                    yield from imports(handler.body, deferred, when)
            yield from imports(node.finalbody, deferred, when)
        elif isinstance(node, (ast.With, ast.AsyncWith)):
            if "suppress" not in "".join(ast.dump(item.context_expr) for item in node.items):
                yield from imports(node.body, deferred, when)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield from imports(node.body, True, when)
        elif isinstance(node, (ast.ClassDef, ast.For, ast.AsyncFor, ast.While)):
            yield from imports(node.body + getattr(node, "orelse", []), deferred, when)


missing = []
seen = {request["script"]}
waiting = [request["script"]]


def look(file, line, deferred, when, name, parts, roots, relative, is_attribute=False):
    """Follows the import of a module, or of what may be one: `name` is how the source writes it."""
    found = there.find(parts, roots)
    # What only a condition brings may be for another system, with all that it imports.
    if when != CONDITIONAL:
        waiting.extend(one for one in found if one and one.endswith(".py") and one not in seen)
        seen.update(one for one in found if one)
    if found[-1]:
        return
    local = here.find(parts, roots)
    top = parts[0]
    if local[-1] and (relative or top not in outside):
        # A part of it that is in the image and elsewhere than here is another module.
        if not found[0] or found[:-1] == local[: len(found) - 1]:
            add(file, line, deferred, when, name, local[-1])
        return
    # A folder without Python files can be the data that has the name of a package.
    is_space = found[0] == "" and any(
        one.endswith((".py", ".so"))
        and one.startswith(tuple((root + "/" if root else "") + top + "/" for root in roots))
        for one in there_files
    )
    if relative or is_attribute or found[0] or is_space or top in outside:
        return
    add(file, line, deferred, when, name, None)


def add(file, line, deferred, when, name, path):
    if when == ALWAYS or path:
        conditional = when == CONDITIONAL
        missing.append(
            {"file": file, "line": line, "module": name, "deferred": deferred, "conditional": conditional, "path": path})


while waiting:
    file = waiting.pop(0)
    try:
        with open(os.path.join(folder, file), "rb") as source:
            tree = ast.parse(source.read(), file)
    except (OSError, SyntaxError, ValueError, RecursionError):
        continue
    for node, deferred, when in imports(tree.body):
        context = (file, node.lineno, deferred, when)
        if isinstance(node, ast.Import):
            for alias in node.names:
                look(*context, alias.name, alias.name.split("."), request["roots"], False)
            continue
        roots, start = request["roots"], []
        if node.level:
            place = os.path.dirname(file)
            for _ in range(node.level - 1):
                place = os.path.dirname(place)
            roots = [place]
        start = node.module.split(".") if node.module else []
        name = "." * node.level + (node.module or "")
        before = len(missing)
        for alias in node.names:
            if alias.name != "*":
                whole = name + alias.name if name.endswith(".") else name + "." + alias.name
                look(*context, whole, start + [alias.name], roots, bool(node.level), True)
        if start and len(missing) == before:
            look(*context, name, start, roots, bool(node.level))

json.dump(missing, sys.stdout)
