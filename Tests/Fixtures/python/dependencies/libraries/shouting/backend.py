"""A build backend of its own, since no index is asked in tests."""

import os
import zipfile


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    name = "shouting-1.0-py3-none-any.whl"
    information = "shouting-1.0.dist-info/"
    files = {
        "shouting.py": open("source/shouting.py").read(),
        information + "METADATA": "Metadata-Version: 2.1\nName: shouting\nVersion: 1.0\n",
        information + "WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[information + "RECORD"] = "".join(path + ",,\n" for path in [*files, information + "RECORD"])
    with zipfile.ZipFile(os.path.join(wheel_directory, name), "w") as wheel:
        for path, text in files.items():
            wheel.writestr(zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0)), text)
    return name
