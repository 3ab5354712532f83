"""Runs pip for the Python and the processor of an image, which need not be this machine's.

    install-requirements.py VERSION MACHINE PACKAGE FILE EXTRAS ARGUMENT...

FILE is a requirements file, or a pyproject.toml with the names of EXTRAS, parted by commas. pip chooses wheels by its
options, but evaluates markers such as `python_version < "3.10"` for the Python it runs in.
"""

import glob
import os
import re
import shutil
import sys

UNUSABLE_FILE, NO_PIP = 65, 69  # EX_DATAERR and EX_UNAVAILABLE: ImageTool knows them by their statuses
version, machine, package, file, extras = sys.argv[1:6]
folder = os.path.dirname(file)
# These would send the packages elsewhere, or refuse an installation that is not into this Python.
for name in ("USER", "TARGET", "PREFIX", "ROOT", "REQUIRE_VIRTUALENV", "NO_BINARY", "ONLY_BINARY", "REQUIREMENT", "LOG"):
    os.environ.pop("PIP_" + name, None)
try:
    from pip._internal.cli.main import main
    from pip._internal.req import req_file
    from pip._vendor.packaging import markers, requirements, specifiers, utils
except ImportError as error:
    print("ERROR: pip is missing: %s" % error, file=sys.stderr)
    sys.exit(NO_PIP)

target = {
    "implementation_name": "cpython",
    "implementation_version": version + ".0",
    "os_name": "posix",
    "platform_machine": machine,
    "platform_python_implementation": "CPython",
    "platform_release": "",
    "platform_system": "Linux",
    "platform_version": "",
    "python_full_version": version + ".0",
    "python_version": version,
    "sys_platform": "linux",
}
if not hasattr(markers, "default_environment") or not hasattr(req_file, "handle_requirement_line"):
    sys.exit("ERROR: unsupported version of pip: it cannot evaluate markers for another Python")
markers.default_environment = lambda: dict(target)


def unusable(reason):
    print(reason, file=sys.stderr)
    sys.exit(UNUSABLE_FILE)


built = {}  # Folders of sources, and what building leaves in them, as it was before.


def leftovers(source):
    names = ("build", "*.egg-info", "src/*.egg-info")
    return {path for name in names for path in glob.glob(os.path.join(glob.escape(source), name))}


def located(text, place):
    """A path of this machine, from FILE's folder as pip has it, from that of the file that names it, or the package's."""
    head, tail = re.match(r"(?:file:(?!//))?([^\[#;\s]*)(.*)", text, re.DOTALL).groups()
    if "://" in head or not (head.startswith(".") or "/" in head):
        return text
    for start in (folder, place, package):
        path = os.path.normpath(os.path.join(start, head))
        if os.path.exists(path):
            if os.path.isdir(path):
                built[path] = leftovers(path)
            return os.path.join(".", os.path.relpath(path)) + ("" if tail.startswith("#") else tail)
    return text


def ordinary(line, *arguments, **options):
    """What `-e` installs leads back to this machine: in an image, it is a package like all others."""
    requirement = handle(line, *arguments, **options)
    object.__setattr__(requirement, "is_editable", False)
    place = os.path.dirname(line.filename)
    object.__setattr__(requirement, "requirement", located(requirement.requirement, place))
    return requirement


handle, req_file.handle_requirement_line = req_file.handle_requirement_line, ordinary


def project_dependencies():
    """The dependencies of FILE's `[project]`, with those of EXTRAS."""
    try:
        import tomllib
    except ImportError:
        from pip._vendor import tomli as tomllib
    try:
        with open(file, "rb") as content:
            project = tomllib.load(content).get("project")
    except ValueError as error:
        unusable("it is not valid TOML: %s" % error)
    if project is None:
        unusable("it has no table [project]")
    optional = project.get("optional-dependencies", {})
    for field, names in (("dependencies", True), ("optional-dependencies", extras)):
        if names and field in project.get("dynamic", []):
            unusable("its %s are dynamic: only a build of the package tells them" % field)
    needed = project.get("requires-python")
    if needed:
        allowed = specifiers.SpecifierSet(needed)
        # The base's patch version is not known.
        if version + ".0" not in allowed and version + ".999" not in allowed:
            unusable("it requires Python %s, and the base has Python %s" % (needed, version))
    groups = {utils.canonicalize_name(name): texts for name, texts in optional.items()}
    found, wanted, seen = [], list(project.get("dependencies", [])), set()

    def want(names):
        for name in names:
            if utils.canonicalize_name(name) not in groups:
                known = ", ".join(sorted(optional)) or "none"
                unusable("it has no extra '%s' in its optional-dependencies: there are %s" % (name, known))
            if utils.canonicalize_name(name) not in seen:
                seen.add(utils.canonicalize_name(name))
                wanted.extend(groups[utils.canonicalize_name(name)])

    want(name for name in extras.split(",") if name)
    own = utils.canonicalize_name(project.get("name", ""))
    while wanted:
        text = wanted.pop(0)
        try:
            requirement = requirements.Requirement(text)
        except requirements.InvalidRequirement as error:
            unusable("'%s' is not a requirement: %s" % (text, str(error).splitlines()[0]))
        if utils.canonicalize_name(requirement.name) == own:
            want(sorted(requirement.extras))
        else:
            found.append(text)
    return found


os.chdir(folder)
if file.endswith(".toml"):
    chosen = project_dependencies()
    if not chosen:
        sys.exit(0)
else:
    chosen = ["--requirement", file]
sys.argv = ["pip"] + sys.argv[6:] + chosen
status = main(sys.argv[1:])
for source, before in built.items():
    for path in leftovers(source) - before:
        shutil.rmtree(path, ignore_errors=True)
sys.exit(status)
