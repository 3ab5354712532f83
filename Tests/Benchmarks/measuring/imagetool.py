"""ImageTool of this checkout, as its users get it: built in debug."""
import functools, pathlib

from .workplace import ROOT, WORK, run

chosen, more = None, []


@functools.cache
def path():
    if chosen:
        return pathlib.Path(chosen).resolve()
    run(["swift", "build", "--product", "ImageTool"], ROOT)
    return ROOT / ".build/debug/ImageTool"


def image(verb, folder, *options, base="scratch", cache="cache"):
    """Makes an image of `folder`/program, as its sematic.yaml says."""
    return run(
        [path(), verb, "--executable", folder / "program", "--base", base, *options, *more], folder,
        XDG_CACHE_HOME=WORK / cache)


def push(folder, registry, *options, repository="benchmark/ours", **settings):
    return image("push", folder, "--registry", registry.address, "--repository", repository, *options, **settings)


def describe(folder, *data, **settings):
    """Says which files the image of `folder` has besides its program, and other settings of the pipeline file."""
    patterns = ", ".join(f'"{pattern}"' for pattern in data)
    lines = [f"data: [{patterns}]", *(f"{key}: {value}" for key, value in settings.items())]
    (folder / "sematic.yaml").write_text(
        "version: 1\npipelines:\n  program:\n" + "".join(f"    {line}\n" for line in lines))
