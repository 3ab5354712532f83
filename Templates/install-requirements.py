"""Runs pip for the Python and the processor of an image, which need not be this machine's.

    install-requirements.py VERSION MACHINE FOLDER ARGUMENT...

pip chooses wheels by its options, but evaluates markers such as `python_version < "3.10"` for the Python it runs in.
"""

import os
import sys

version, machine, folder = sys.argv[1:4]
# These would send the packages elsewhere, or refuse an installation that is not into this Python.
for name in ("USER", "TARGET", "PREFIX", "ROOT", "REQUIRE_VIRTUALENV", "NO_BINARY", "ONLY_BINARY", "REQUIREMENT", "LOG"):
    os.environ.pop("PIP_" + name, None)
try:
    from pip._internal.cli.main import main
    from pip._vendor.packaging import markers
except ImportError as error:
    print("ERROR: pip is missing: %s" % error, file=sys.stderr)
    sys.exit(69)  # EX_UNAVAILABLE: ImageTool knows it by this status

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
if not hasattr(markers, "default_environment"):
    sys.exit("ERROR: unsupported version of pip: it cannot evaluate markers for another Python")
markers.default_environment = lambda: dict(target)

os.chdir(folder)
sys.argv = ["pip"] + sys.argv[4:]
sys.exit(main(sys.argv[1:]))
