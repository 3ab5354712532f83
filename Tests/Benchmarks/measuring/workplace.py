"""The folder that a run works in and the processes that it started. Both are gone when it ends, however it ends."""
import contextlib, os, pathlib, shutil, signal, subprocess, sys, tempfile, time, traceback

ROOT = pathlib.Path(__file__).resolve().parents[3]
WORK = pathlib.Path(tempfile.mkdtemp(prefix="bench-"))
CHILDREN = set()

# For five minutes ext4 passes over the inodes of what was deleted, one by one, each time that it makes a file near them:
# that made docker-registry a third slower. So the folders of a run lie apart from others' on the disk, and what a part is
# done with is deleted at its end, as far as that is little (https://github.com/torvalds/linux/blob/master/fs/ext4/ialloc.c).
with contextlib.suppress(OSError):
    subprocess.run(["chattr", "+T", WORK], stderr=subprocess.DEVNULL, check=False)
MOST_ASIDE = 2 << 30
ASIDE = []  # the sizes of the folders that were put aside, in bytes


class Cost:
    """What a command took: CPU seconds with all its children, wall seconds, and bytes of the largest process."""

    def __init__(self, cpu, wall, rss):
        self.cpu, self.wall, self.rss = cpu, wall, rss

    def __add__(self, other):
        return Cost(self.cpu + other.cpu, self.wall + other.wall, max(self.rss, other.rss))


class Failure(Exception):
    """A sentence for the person who started the benchmark."""


def environment(variables):
    """This process's, without what would steer the programs that are measured."""
    (WORK / "tmp").mkdir(exist_ok=True)
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("SEMATIC_", "XDG_CACHE_HOME"))}
    return {**clean, "TMPDIR": str(WORK / "tmp"), **{name: str(value) for name, value in variables.items()}}


def start(command, cwd=None, output=subprocess.DEVNULL, **variables):
    """A child in a session of its own, so that all that it starts can be ended with it."""
    try:
        child = subprocess.Popen(
            [str(word) for word in command], cwd=cwd, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            env=environment(variables), start_new_session=True)
    except FileNotFoundError:
        raise Failure(f"{command[0]} is not there: Tests/install installs what the benchmark needs") from None
    CHILDREN.add(child)
    return child


def run(command, cwd=None, **variables):
    """The cost of a command that has to succeed."""
    with tempfile.TemporaryFile() as log:
        began = time.monotonic()
        child = start(command, cwd, log, **variables)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        CHILDREN.discard(child)
        if child.returncode:
            log.seek(0)
            said = log.read().decode(errors="replace")[-4000:]
            raise Failure(f"{' '.join(map(str, command))}: status {child.returncode}\n{said}")
        return Cost(usage.ru_utime + usage.ru_stime, time.monotonic() - began, usage.ru_maxrss * 1024)


def median(make, runs=3):
    """The cost in the middle by CPU seconds, with the largest memory of all."""
    costs = sorted((make() for _ in range(runs)), key=lambda cost: cost.cpu)
    middle = costs[len(costs) // 2]
    return Cost(middle.cpu, middle.wall, max(cost.rss for cost in costs))


def apart(function, *arguments):
    """Calls a function in a process of its own.

    The peak memory of a program that this process starts begins with its own, so it must stay small.
    """
    if (child := os.fork()) == 0:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        status = 1
        try:
            function(*arguments)
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    status = None
    try:
        status = os.waitpid(child, 0)[1]
    finally:
        if status is None:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
    if status:
        raise Failure(f"{function.__name__} failed")


def folder(name):
    """A new, empty folder of the run."""
    path = WORK / name
    remove(path)
    path.mkdir(parents=True)
    return path


def remove(path):
    """A file, or a folder with all that is in it."""
    if not path.is_relative_to(WORK) or not path.is_dir() or (count := size(path)) + sum(ASIDE) > MOST_ASIDE:
        return delete(path)
    (WORK / "aside").mkdir(exist_ok=True)
    path.rename(pathlib.Path(tempfile.mkdtemp(dir=WORK / "aside")) / path.name)
    ASIDE.append(count)


def delete(path):
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def size(path):
    """Bytes of all files in a folder. It keeps no list of them: this process has to stay small (`apart`)."""
    if not os.path.isdir(path):
        return 0
    with os.scandir(path) as entries:
        return sum(
            size(entry.path) if entry.is_dir(follow_symlinks=False) else entry.stat(follow_symlinks=False).st_size
            for entry in entries)


def need_disk(count):
    free, count = shutil.disk_usage(WORK).free, count + MOST_ASIDE - sum(ASIDE)
    if free < count:
        raise Failure(
            f"{WORK} has {free / 1e9:.0f} GB free, and this needs {count / 1e9:.0f}: TMPDIR names another folder")


def members(session):
    """The processes of a session: a build puts its compilers into process groups of their own."""
    found = []
    for entry in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, _, number = entry.read_text().rpartition(")")[2].split()[:4]
            if int(number) == session and state != "Z":
                found.append(int(entry.parent.name))
    return found


def stop(child):
    """Ends a child and all that it started, and waits for it."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        until = time.monotonic() + 10
        for process in members(child.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, number)
        while members(child.pid) and time.monotonic() < until:
            child.poll()
            time.sleep(0.02)
    child.wait()
    CHILDREN.discard(child)


def end_on_signals():
    """The signals that end a run are errors like any other: everything is put away on the way out."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))


def clear():
    """Between parts: nothing of one is there for the next."""
    for child in list(CHILDREN):
        stop(child)
    for path in WORK.iterdir():
        delete(path)
    ASIDE.clear()


def put_away():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    clear()
    delete(WORK)
