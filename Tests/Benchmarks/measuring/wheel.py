"""A Python package of random bytes as a wheel, which pip installs without a network."""
import random, zipfile


def write(folder, version, size=2_000_000):
    folder.mkdir(parents=True, exist_ok=True)
    name = "measured"
    files = {
        f"{name}/__init__.py": f'version = "{version}"\n'.encode(),
        f"{name}/table.bin": random.Random(version).randbytes(size),
        f"{name}-{version}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode(),
        f"{name}-{version}.dist-info/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = f"{name}-{version}.dist-info/RECORD"
    files[record] = "".join(f"{path},,\n" for path in [*files, record]).encode()
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        for path, content in files.items():
            wheel.writestr(zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0)), content)
    return f"{name}=={version}"
