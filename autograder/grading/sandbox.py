"""Sandbox: what a process that runs learner code may touch. Linux namespaces, limits and a syscall filter.

`enter` is called in a child that the fork server has just forked, as root or as an ordinary user. When it returns,
the process is alone: its own user, process, mount, network, IPC and host-name namespaces; a private, size-capped
file system with the interpreter's folders read-only in it and nothing else; no way to gain privileges; no descriptor
but the two pipes. Its parent, process 1 of the namespace, only waits: when the job ends, everything in there ends.

The order of the steps matters; each says why it stands where it does. Source: man pages namespaces(7),
user_namespaces(7), pivot_root(2), mount_setattr(2), capabilities(7), seccomp(2).

What no sandbox of this kind can promise: that two hostile submissions which run at the same time cannot signal to each
other (file locks and timing on the shared, read-only interpreter), and that the kernel itself has no hole.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import platform
import re
import resource
import select
import signal
import struct
import sys
import sysconfig
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.errors import InputError

# The uid and gid that learner code has, and nobody else: neither Debian nor systemd gives these out. Sandboxes of
# several slots have several, because the kernel counts some things (pipes, descriptors under way) by user.
FIRST_ID, SLOTS = 65_520, 14
HOME = "/home/learner"

_NEWNS, _NEWUTS, _NEWIPC, _NEWUSER, _NEWPID, _NEWNET = 0x20000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000
_NOSUID, _NODEV, _NOEXEC, _REMOUNT, _RDONLY, _BIND, _REC, _PRIVATE = 2, 4, 8, 32, 1, 4096, 16384, 1 << 18
_DETACH = 2
_PR_PDEATHSIG, _PR_DUMPABLE, _PR_CAPBSET_READ, _PR_CAPBSET_DROP, _PR_NO_NEW_PRIVS = 1, 4, 23, 24, 38
_LAST_CAPABILITY = 63
_MOUNT_SETATTR = 442  # one number on all architectures
_AT_RECURSIVE = 0x8000
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}

# What learner code has no use for: namespaces and mounts, other processes' memory, keys, kernel interfaces, memory
# that no limit counts, the machine's log, and what is counted by user over all of the user's processes.
DENIED_CALLS = (
    "mount", "umount2", "pivot_root", "chroot", "move_mount", "open_tree", "fsopen", "fsmount", "fsconfig", "fspick",
    "mount_setattr", "statmount", "listmount", "quotactl", "swapon", "swapoff", "sethostname", "setdomainname",
    "unshare", "setns", "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "pidfd_getfd", "kcmp",
    "keyctl", "add_key", "request_key", "bpf", "perf_event_open", "userfaultfd", "syslog", "lookup_dcookie",
    "io_uring_setup", "io_uring_enter", "io_uring_register", "memfd_create", "memfd_secret", "shmget", "msgget", "semget",
    "mq_open", "open_by_handle_at", "name_to_handle_at", "inotify_init", "inotify_init1", "fanotify_init",
    "kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module", "reboot", "acct", "personality",
    "sched_setaffinity", "migrate_pages", "move_pages", "modify_ldt", "ioperm", "iopl", "uselib",
    "settimeofday", "clock_settime", "clock_adjtime", "adjtimex", "vhangup",
)  # fmt: skip

_AF_UNIX = 1
_CLONE3, _UNKNOWN_CALL = 435, -1
_CLONE_NEW_ANYTHING = (_NEWNS, _NEWUTS, _NEWIPC, _NEWUSER, _NEWPID, _NEWNET, 0x2000000)  # cgroup namespaces too


class SandboxError(InputError):
    """The sandbox cannot be had on this machine; the sentence says what is missing and what to do."""


@dataclass(frozen=True)
class Caps:
    """What the processes of one sandbox may use; sizes in bytes, CPU in seconds a process.

    `memory` is for all processes together, and the fork server watches it: no limit of the kernel counts that
    without control groups. It leaves room above `data`, so that one process alone meets a MemoryError first.
    """

    address_space: int = 3 << 30
    data: int = 1536 << 20
    memory: int = 2 << 30
    processes: int = 24
    file_size: int = 32 << 20
    open_files: int = 128
    cpu_seconds: int = 200
    disk: int = 64 << 20
    files: int = 4096


@dataclass(frozen=True)
class Room:
    """One sandbox to be: its caps, the folders that it can read, and what data files lie beside the notebook, by name.

    Sandboxes that exist at the same time have different slots: each slot has an id and, if there are enough, a core.
    """

    caps: Caps = Caps()
    readable: tuple[str, ...] = field(default_factory=lambda: interpreter_folders())
    data_files: Mapping[str, str] = field(default_factory=dict)
    slot: int = 0

    @property
    def ident(self) -> int:
        return FIRST_ID + self.slot % SLOTS


def interpreter_folders() -> tuple[str, ...]:
    """What Python, its packages and this package cannot be imported without, no folder inside another.

    Never a whole prefix or /usr: courses, exchanges and other people's work may lie below one of those.
    """
    programs = [f"{root}/{name}" for root in ("/usr", "/usr/local") for name in ("bin", "lib", "lib32", "lib64")]
    prefixes = [f"{root}/{name}" for root in (sys.prefix, sys.base_prefix) for name in ("bin", "lib", "lib64")]
    packages = [path for path in sys.path if os.path.basename(path) in ("site-packages", "dist-packages")]
    rest = ["/usr/sbin", "/usr/share", "/etc/alternatives", "/etc/ld.so.cache", str(Path(__file__).parents[1])]
    named = [*programs, *prefixes, *packages, *rest, *map(sysconfig.get_path, ("stdlib", "platstdlib"))]
    there = [Path(path) for path in named if os.path.exists(path)]
    wanted = {*there, *(path.resolve() for path in there)}  # Python may know either name
    return tuple(sorted(str(path) for path in wanted if not any(other in path.parents for other in wanted)))


def unavailable() -> str | None:
    """Why no sandbox can be had here, as one sentence with what to do; None where nothing speaks against it.

    Only trying tells for sure: the fork server does that before it takes any submission.
    """
    if sys.platform != "linux":
        return f"the sandbox needs Linux, and this is {sys.platform}; grade on Linux."
    if platform.machine() not in _PIVOT_ROOT:
        return f"the sandbox is not known to work on {platform.machine()}."
    try:
        import pyseccomp  # noqa: F401
    except (ImportError, RuntimeError, OSError):
        return "the sandbox needs libseccomp: install the system package libseccomp2 and pip's pyseccomp."
    if not os.path.exists(f"/proc/self/task/{os.getpid()}/children"):
        return "the sandbox needs /proc/PID/task/TID/children (CONFIG_PROC_CHILDREN), to see how much memory is used."
    if os.geteuid() != 0 and re.search(
        r"^\S+ /proc proc \S*hidepid=[^0,]", Path("/proc/mounts").read_text(), re.MULTILINE
    ):
        return "/proc hides processes here (hidepid), so nobody could see how much memory they use; grade as root."
    return None


def enter(room: Room, job: Callable[[], None]) -> None:
    """Build the sandbox around this freshly forked process, run `job` in it, and exit with it. Never returns.

    Raises SandboxError where a step fails, before any learner code has run.
    """
    as_root = os.geteuid() == 0
    libc = _libc()
    # Die with the fork server, so that killing it, however, leaves nothing behind.
    _prctl(libc, _PR_PDEATHSIG, signal.SIGKILL)
    _choose_a_core(room.slot)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")  # where memory runs out all the same, this goes first
    if as_root:
        _unshare(libc, _NEWNS | _NEWPID | _NEWNET | _NEWIPC | _NEWUTS)
    else:
        uid, gid = os.geteuid(), os.getegid()
        _unshare(libc, _NEWUSER | _NEWNS | _NEWPID | _NEWNET | _NEWIPC | _NEWUTS)
        _map_ids(room.ident, uid, gid)
    proc = os.open("/proc", os.O_PATH | os.O_DIRECTORY)  # there is none in the new root
    _build_root(libc, room)
    alive, end_of_alive = os.pipe()
    first = os.fork()  # the first child after unshare(NEWPID) is process 1 of the new namespace
    if first == 0:
        os.close(end_of_alive)
        _be_first(libc, room, job, proc if as_root else None, alive)
    os.close(proc)
    os.close(alive)
    _, status = os.waitpid(first, 0)
    os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


def _choose_a_core(slot: int) -> None:
    """A core of its own, so that 20 busy threads take no time from another submission. The filter makes it stay."""
    cores = sorted(os.sched_getaffinity(0))
    if slot < len(cores):
        os.sched_setaffinity(0, {cores[slot]})


# --- the file system -------------------------------------------------------------------------------


def _build_root(libc: Any, room: Room) -> None:
    """A new root with nothing in it but what `room` names, in place of the old one, which is then gone."""
    _mount(libc, None, "/", None, _REC | _PRIVATE)  # nothing that we mount shows outside
    root = _spare_folder((*room.readable, *room.data_files.values()))
    _mount(libc, "tmpfs", root, "tmpfs", _NOSUID | _NODEV, "size=1m,mode=755")
    for path in room.readable:
        os.makedirs(root + (path if os.path.isdir(path) else os.path.dirname(path)), exist_ok=True)
        if not os.path.isdir(path):
            Path(root + path).touch()
        _mount(libc, path, root + path, None, _BIND | _REC)
        _make_read_only(libc, root + path)
    for name in ("bin", "sbin", "lib", "lib32", "lib64"):
        if os.path.lexists(f"{root}/{name}"):
            continue
        if os.path.islink(f"/{name}"):
            os.symlink(os.readlink(f"/{name}"), f"{root}/{name}")
        elif os.path.isdir(f"/{name}"):
            os.mkdir(f"{root}/{name}")
            _mount(libc, f"/{name}", f"{root}/{name}", None, _BIND | _REC)
            _make_read_only(libc, f"{root}/{name}")
    _make_devices(libc, root)
    _make_home(libc, root, room)
    os.mkdir(f"{root}/old")
    libc.sethostname(b"grader", 6)
    number = _PIVOT_ROOT[platform.machine()]
    _check(libc.syscall(number, root.encode(), f"{root}/old".encode()), "pivot_root")
    os.chdir("/")
    _check(libc.umount2(b"/old", _DETACH), "unmounting the old root")
    os.rmdir("/old")
    _mount(libc, None, "/", None, _REMOUNT | _RDONLY | _NOSUID | _NODEV)


def _spare_folder(sources: Sequence[str]) -> str:
    """A folder to build the new root over, which covers nothing that is to be seen in it."""
    for folder in ("/mnt", "/media", "/srv", "/tmp", "/var/tmp"):
        if os.path.isdir(folder) and not any(f"{source}/".startswith(f"{folder}/") for source in sources):
            return folder
    raise SandboxError("no folder is free to build the sandbox over; make an empty /mnt")


def _make_devices(libc: Any, root: str) -> None:
    os.mkdir(f"{root}/dev")
    for name in ("null", "zero", "urandom", "random"):
        Path(f"{root}/dev/{name}").touch()
        _mount(libc, f"/dev/{name}", f"{root}/dev/{name}", None, _BIND)
        _make_read_only(libc, f"{root}/dev/{name}", devices=True)  # it is the machine's own: not even its times change
    os.mkdir(f"{root}/dev/shm")
    _mount(libc, "tmpfs", f"{root}/dev/shm", "tmpfs", _NOSUID | _NODEV | _NOEXEC, "size=16m,nr_inodes=256,mode=1777")


def _make_home(libc: Any, root: str, room: Room) -> None:
    """The one place that learner code can write to; the lesson's data files lie in it, read-only."""
    home, ident = root + HOME, room.ident
    os.makedirs(home)
    options = f"size={room.caps.disk},nr_inodes={room.caps.files},mode=700,uid={ident},gid={ident}"
    _mount(libc, "tmpfs", home, "tmpfs", _NOSUID | _NODEV | _NOEXEC, options)
    for name, file in room.data_files.items():
        _make_folders(home, os.path.dirname(name), ident)
        Path(home, name).touch()
        _mount(libc, file, f"{home}/{name}", None, _BIND)
        _make_read_only(libc, f"{home}/{name}")
    if not os.path.exists(f"{root}/tmp"):  # it does where the interpreter lies in /tmp
        os.symlink(HOME.lstrip("/"), f"{root}/tmp")


def _make_folders(home: str, below: str, ident: int) -> None:
    """The folders of a data file, which the learner may write to as to the one that the notebook lies in."""
    for part in reversed([Path(below), *Path(below).parents]):
        if not (Path(home) / part).exists():
            (Path(home) / part).mkdir()
            os.chown(Path(home) / part, ident, ident)


# --- the processes ---------------------------------------------------------------------------------


def _be_first(libc: Any, room: Room, job: Callable[[], None], proc: int | None, alive: int) -> None:
    """Process 1: give up every privilege, fork the job, reap what it leaves, and end everything with it."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # process 1 gets the signals that it handles, and no other
        if proc is not None:
            _stop_being_root(libc, room.ident, proc)
        os.dup2(alive, 2)
        os.closerange(3, 65_536)  # the pipes are 0 and 1
        _drop_capabilities(libc)
        _prctl(libc, _PR_NO_NEW_PRIVS, 1)
        _prctl(libc, _PR_PDEATHSIG, signal.SIGKILL)  # not before: the change of uid clears it
        if select.select([2], [], [], 0)[0]:  # the parent is gone already, and no signal will come
            os._exit(0)
        os.dup2(os.open(os.devnull, os.O_RDWR), 2)
        os.closerange(3, 65_536)
        _prctl(libc, _PR_DUMPABLE, 0)  # or the job could write this process's memory
        _refuse_what_cannot_be_read(room.readable)
        _refuse_what_cannot_be_read([f"{HOME}/{name}" for name in room.data_files])
        _set_limits(room.caps)
        _filter_calls()
        os.chdir(HOME)
        pid = os.fork()
    except BaseException as error:
        say_and_exit(error)
    if pid == 0:
        _run_job(job)
    os.closerange(0, 65_536)  # the pipes must end when the job does
    while True:
        ended, status = os.wait()
        if ended == pid:
            os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


def _stop_being_root(libc: Any, ident: int, proc: int) -> None:
    """Become nobody outside as well, and only then make a user namespace: one made by root has root's rights outside."""
    try:
        os.setgroups([])
        os.setresgid(ident, ident, ident)
        os.setresuid(ident, ident, ident)
    except OSError as error:  # the root of a container that has no other users, for example
        raise SandboxError(f"root cannot become user {ident} here ({error.strerror}); grade as another user") from None
    _prctl(libc, _PR_DUMPABLE, 1)  # the change of uid took that, and the maps need it
    _unshare(libc, _NEWUSER)  # a count of processes of its own: RLIMIT_NPROC counts within it
    _map_ids(ident, ident, ident, proc)


def _refuse_what_cannot_be_read(paths: Sequence[str]) -> None:
    """Where root may read the interpreter and others may not, learner code would fail at its first import."""
    for path in paths:
        if not os.access(path, os.R_OK | (os.X_OK if os.path.isdir(path) else 0)):
            raise SandboxError(f"{path} can be read by its owner only; let others read it (chmod -R a+rX)")


def _run_job(job: Callable[[], None]) -> None:
    code = 1
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.setsid()
        job()
        code = 0
    finally:
        os._exit(code)


def say_and_exit(error: BaseException) -> None:
    """Tell the grader, over the pipe for replies, that there is no sandbox, before anything ran in it."""
    import json

    why = str(error) if isinstance(error, SandboxError) else f"{type(error).__name__}: {error}"
    text = json.dumps({"sandbox": why})
    with contextlib.suppress(OSError):
        os.write(1, text.encode() + b"\n")
    os._exit(99)


def _map_ids(inside: int, uid: int, gid: int, proc: int | None = None) -> None:
    """Map uid and gid to `inside` in this process's user namespace, through /proc or a descriptor of it."""
    prefix = "/proc/self" if proc is None else "self"
    for name, text in (("setgroups", "deny"), ("uid_map", f"{inside} {uid} 1"), ("gid_map", f"{inside} {gid} 1")):
        descriptor = os.open(f"{prefix}/{name}", os.O_WRONLY, dir_fd=proc)
        try:
            os.write(descriptor, text.encode())
        finally:
            os.close(descriptor)


def _drop_capabilities(libc: Any) -> None:
    for capability in range(_LAST_CAPABILITY + 1):
        if libc.prctl(_PR_CAPBSET_READ, ctypes.c_ulong(capability), 0, 0, 0) == 1:
            _prctl(libc, _PR_CAPBSET_DROP, capability)
    header = ctypes.create_string_buffer(struct.pack("Ii", 0x20080522, 0))
    _check(libc.capset(header, ctypes.create_string_buffer(24)), "dropping capabilities")


def _set_limits(caps: Caps) -> None:
    limits: Sequence[tuple[int, int]] = (
        (resource.RLIMIT_AS, caps.address_space),
        (resource.RLIMIT_DATA, caps.data),
        (resource.RLIMIT_CPU, caps.cpu_seconds),
        (resource.RLIMIT_NPROC, caps.processes),
        (resource.RLIMIT_FSIZE, caps.file_size),
        (resource.RLIMIT_NOFILE, caps.open_files),
        (resource.RLIMIT_STACK, 16 << 20),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_SIGPENDING, 64),
        (resource.RLIMIT_NICE, 0),
        (resource.RLIMIT_RTPRIO, 0),
    )
    for limit, most in limits:
        _, hard = resource.getrlimit(limit)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(limit, (most, most))


def _filter_calls() -> None:
    """Deny what learner code has no use for, and all sockets but those within the sandbox.

    By name, so that it holds on every architecture; calls of another architecture than the native one kill.
    """
    import pyseccomp as seccomp

    calls = seccomp.SyscallFilter(seccomp.ALLOW)
    denied = seccomp.ERRNO(errno.EPERM)
    for name in DENIED_CALLS:
        if _is_known(name):
            calls.add_rule(denied, name)
    # Its flags cannot be seen, so libc must fall back to clone.
    calls.add_rule(seccomp.ERRNO(errno.ENOSYS), "clone3" if _is_known("clone3") else _CLONE3)
    for bit in _CLONE_NEW_ANYTHING:
        calls.add_rule(denied, "clone", seccomp.Arg(0, seccomp.MASKED_EQ, bit, bit))
    for name in ("socket", "socketpair"):
        calls.add_rule(seccomp.ERRNO(errno.EAFNOSUPPORT), name, seccomp.Arg(0, seccomp.NE, _AF_UNIX))
    calls.add_rule(denied, "prlimit64", seccomp.Arg(0, seccomp.NE, 0))  # the limits of process 1 are not the job's
    calls.load()


def _is_known(call: str) -> bool:
    """Whether libseccomp knows a call; one that came after it cannot be filtered, and needs capabilities anyway."""
    import pyseccomp as seccomp

    try:
        return seccomp.resolve_syscall(seccomp.system_arch(), call) != _UNKNOWN_CALL
    except ValueError:
        return False


# --- libc ------------------------------------------------------------------------------------------


def _libc() -> Any:
    return ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> None:
    if result != 0:
        code = ctypes.get_errno()
        advice = "allow unprivileged user namespaces, or grade as root where mounts are allowed"
        raise SandboxError(f"{what} is not allowed here ({os.strerror(code)}); {advice}")


def _unshare(libc: Any, flags: int) -> None:
    _check(libc.unshare(flags), "making namespaces")


def _prctl(libc: Any, option: int, value: int) -> None:
    _check(libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0), f"prctl {option}")


def _mount(
    libc: Any, source: str | None, target: str, kind: str | None, flags: int, options: str | None = None
) -> None:
    encoded = [text.encode() if text is not None else None for text in (source, target, kind)]
    result = libc.mount(*encoded, ctypes.c_ulong(flags), options.encode() if options is not None else None)
    _check(result, f"mounting {target}")


def _make_read_only(libc: Any, target: str, devices: bool = False) -> None:
    """Read-only, without setuid and (but where they are what is wanted) devices, and so is all that is mounted below."""
    attributes = struct.pack("QQQQ", 1 | 2 | (0 if devices else 4), 0, 0, 0)  # RDONLY | NOSUID | NODEV
    result = libc.syscall(
        _MOUNT_SETATTR, ctypes.c_int(-100), target.encode(), _AT_RECURSIVE, attributes, ctypes.c_size_t(len(attributes))
    )
    if result != 0 and ctypes.get_errno() == errno.ENOSYS:
        raise SandboxError("the sandbox needs Linux 5.12 or newer")
    _check(result, f"making {target} read-only")
