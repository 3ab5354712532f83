"""Runs pip for the Python and the processor of an image, which need not be this machine's.

    install-requirements.py VERSION MACHINE FOLDER ARGUMENT...

pip chooses wheels by its options, but asks the Python that it runs in about markers such as `python_version < "3.10"`.
"""

import os
import sys

version, machine, folder = sys.argv[1:4]
# They would send the packages elsewhere, or refuse what is no installation into this Python.
for name in ("USER", "TARGET", "PREFIX", "ROOT", "REQUIRE_VIRTUALENV", "NO_BINARY", "ONLY_BINARY", "REQUIREMENT", "LOG"):
    os.environ.pop("PIP_" + name, None)
try:
    from pip._internal.cli.main import main
    from pip._vendor.packaging import markers
except ImportError as error:
    sys.exit("ERROR: pip is missing: %s" % error)

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
    sys.exit("ERROR: this version of pip is not known: its markers cannot be told of another Python")
markers.default_environment = lambda: dict(target)

os.chdir(folder)
sys.argv = ["pip"] + sys.argv[4:]
sys.exit(main(sys.argv[1:]))
