"""Sandbox: what a process that runs learner code may touch. Linux namespaces, limits and a syscall filter.

`enter` is called in a child that the fork server has just forked, as root or as an ordinary user. When it returns,
the process is alone: its own user, process, mount, network, IPC and host-name namespaces; a private, size-capped
file system with the interpreter's folders read-only in it and nothing else; no way to gain privileges; no descriptor
but the two pipes. Its parent, process 1 of the namespace, only waits: when the job ends, everything in there ends.

The order of the steps matters; each says why it stands where it does. Source: man pages namespaces(7),
user_namespaces(7), pivot_root(2), mount_setattr(2), capabilities(7), seccomp(2).
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import resource
import signal
import struct
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.errors import InputError

INSIDE_ID = 64_000  # the uid and gid that learner code has: nobody's outside, where root started us
HOME = "/home/learner"

_NEWNS, _NEWUTS, _NEWIPC, _NEWUSER, _NEWPID, _NEWNET = 0x20000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000
_NOSUID, _NODEV, _NOEXEC, _REMOUNT, _RDONLY, _BIND, _REC, _PRIVATE = 2, 4, 8, 32, 1, 4096, 16384, 1 << 18
_DETACH = 2
_PR_PDEATHSIG, _PR_DUMPABLE, _PR_CAPBSET_DROP, _PR_NO_NEW_PRIVS = 1, 4, 24, 38
_LAST_CAPABILITY = 63
_MOUNT_SETATTR = 442  # one number on all architectures
_AT_RECURSIVE = 0x8000
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}

# What learner code has no use for: new namespaces and mounts, other processes' memory, keys, kernel interfaces.
DENIED_CALLS = (
    "mount", "umount2", "pivot_root", "chroot", "move_mount", "open_tree", "fsopen", "fsmount", "mount_setattr",
    "unshare", "setns", "ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd", "kcmp",
    "keyctl", "add_key", "request_key", "bpf", "perf_event_open", "userfaultfd",
    "io_uring_setup", "io_uring_enter", "io_uring_register", "memfd_create", "memfd_secret", "shmget", "msgget", "semget",
    "mq_open", "open_by_handle_at", "name_to_handle_at", "kexec_load", "init_module", "finit_module", "delete_module",
    "sched_setaffinity", "quotactl", "swapon", "reboot", "acct", "personality",
)  # fmt: skip

_AF_UNIX = 1
_CLONE_NEW_ANYTHING = _NEWNS | _NEWUTS | _NEWIPC | _NEWUSER | _NEWPID | _NEWNET | 0x2000000  # cgroup namespaces too


class SandboxError(InputError):
    """The sandbox cannot be had on this machine; the sentence says what is missing and what to do."""


@dataclass(frozen=True)
class Caps:
    """What the processes of one sandbox may use; sizes in bytes, CPU in seconds a process."""

    address_space: int = 3 << 30
    data: int = 2 << 30
    processes: int = 24
    file_size: int = 16 << 20
    open_files: int = 128
    cpu_seconds: int = 200
    disk: int = 64 << 20
    files: int = 4096


@dataclass(frozen=True)
class Room:
    """One sandbox to be: its caps, the folders that it can read, and the data files that lie beside the notebook."""

    caps: Caps = Caps()
    readable: tuple[str, ...] = field(default_factory=lambda: interpreter_folders())
    data_files: tuple[str, ...] = ()


def interpreter_folders() -> tuple[str, ...]:
    """The folders without which Python, its packages and this package cannot be imported, none inside another."""
    package = Path(__file__).parents[1]
    wanted = {Path(path).resolve() for path in ("/usr", sys.prefix, sys.base_prefix, package)}
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
    return None


def enter(room: Room, job: Callable[[], None]) -> None:
    """Build the sandbox around this freshly forked process, run `job` in it, and exit with it. Never returns.

    Raises SandboxError where a step fails, before any learner code has run.
    """
    as_root = os.geteuid() == 0
    libc = _libc()
    # Die with the fork server, so that killing it, however, leaves nothing behind.
    _prctl(libc, _PR_PDEATHSIG, signal.SIGKILL)
    if as_root:
        _unshare(libc, _NEWNS | _NEWPID | _NEWNET | _NEWIPC | _NEWUTS)
    else:
        uid, gid = os.geteuid(), os.getegid()
        _unshare(libc, _NEWUSER | _NEWNS | _NEWPID | _NEWNET | _NEWIPC | _NEWUTS)
        _map_ids(uid, gid)
    proc = os.open("/proc", os.O_PATH | os.O_DIRECTORY)  # there is none in the new root
    _build_root(libc, room)
    first = os.fork()  # the first child after unshare(NEWPID) is process 1 of the new namespace
    if first == 0:
        _be_first(libc, room, job, proc if as_root else None)
    os.close(proc)
    _, status = os.waitpid(first, 0)
    os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


# --- the file system -------------------------------------------------------------------------------


def _build_root(libc: Any, room: Room) -> None:
    """A new root with nothing in it but what `room` names, in place of the old one, which is then gone."""
    _mount(libc, None, "/", None, _REC | _PRIVATE)  # nothing that we mount shows outside
    root = _spare_folder((*room.readable, *room.data_files))
    _mount(libc, "tmpfs", root, "tmpfs", _NOSUID | _NODEV, "size=1m,mode=755")
    for folder in room.readable:
        os.makedirs(root + folder, exist_ok=True)
        _mount(libc, folder, root + folder, None, _BIND | _REC)
        _make_read_only(libc, root + folder)
    for name in ("bin", "sbin", "lib", "lib32", "lib64"):
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
    os.mkdir(f"{root}/dev/shm")
    _mount(libc, "tmpfs", f"{root}/dev/shm", "tmpfs", _NOSUID | _NODEV | _NOEXEC, "size=16m,nr_inodes=256,mode=1777")


def _make_home(libc: Any, root: str, room: Room) -> None:
    """The one place that learner code can write to; the lesson's data files lie in it, read-only."""
    home, ident = root + HOME, INSIDE_ID
    os.makedirs(home)
    options = f"size={room.caps.disk},nr_inodes={room.caps.files},mode=700,uid={ident},gid={ident}"
    _mount(libc, "tmpfs", home, "tmpfs", _NOSUID | _NODEV | _NOEXEC, options)
    for file in room.data_files:
        inside = f"{home}/{os.path.basename(file)}"
        Path(inside).touch()
        _mount(libc, file, inside, None, _BIND)
        _make_read_only(libc, inside)
    if not os.path.exists(f"{root}/tmp"):  # it does where the interpreter lies in /tmp
        os.symlink(HOME.lstrip("/"), f"{root}/tmp")


# --- the processes ---------------------------------------------------------------------------------


def _be_first(libc: Any, room: Room, job: Callable[[], None], proc: int | None) -> None:
    """Process 1: give up every privilege, fork the job, reap what it leaves, and end everything with it."""
    try:
        _prctl(libc, _PR_PDEATHSIG, signal.SIGKILL)
        if proc is not None:
            _stop_being_root(libc, proc)
        os.closerange(3, 1024)  # the pipes are 0 and 1
        _drop_capabilities(libc)
        _prctl(libc, _PR_NO_NEW_PRIVS, 1)
        _prctl(libc, _PR_PDEATHSIG, signal.SIGKILL)  # again: the change of uid cleared it
        _prctl(libc, _PR_DUMPABLE, 0)  # or the job could write this process's memory
        _set_limits(room.caps)
        _filter_calls()
        os.chdir(HOME)
        pid = os.fork()
    except BaseException as error:
        say_and_exit(error)
    if pid == 0:
        _run_job(libc, job)
    with contextlib.suppress(OSError):
        os.closerange(0, 1024)  # the pipes must end when the job does
    while True:
        ended, status = os.wait()
        if ended == pid:
            os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


def _stop_being_root(libc: Any, proc: int) -> None:
    """Become nobody outside as well, and only then make a user namespace: one made by root has root's rights outside."""
    os.setgroups([])
    os.setresgid(INSIDE_ID, INSIDE_ID, INSIDE_ID)
    os.setresuid(INSIDE_ID, INSIDE_ID, INSIDE_ID)
    _prctl(libc, _PR_DUMPABLE, 1)  # the change of uid took that, and the maps need it
    _unshare(libc, _NEWUSER)  # a count of processes of its own: RLIMIT_NPROC counts within it
    _map_ids(INSIDE_ID, INSIDE_ID, proc)


def _run_job(libc: Any, job: Callable[[], None]) -> None:
    code = 1
    try:
        os.setsid()
        job()
        code = 0
    finally:
        os._exit(code)


def say_and_exit(error: BaseException) -> None:
    """Tell the grader, over the pipe for replies, that there is no sandbox, before anything ran in it."""
    import json

    text = json.dumps({"sandbox": f"{type(error).__name__}: {error}"})
    with contextlib.suppress(OSError):
        os.write(1, text.encode() + b"\n")
    os._exit(99)


def _map_ids(uid: int, gid: int, proc: int | None = None) -> None:
    """Map uid and gid to `INSIDE_ID` in this process's user namespace, through /proc or a descriptor of it."""
    prefix = "/proc/self" if proc is None else "self"
    for name, text in (("setgroups", "deny"), ("uid_map", f"{INSIDE_ID} {uid} 1"), ("gid_map", f"{INSIDE_ID} {gid} 1")):
        descriptor = os.open(f"{prefix}/{name}", os.O_WRONLY, dir_fd=proc)
        try:
            os.write(descriptor, text.encode())
        finally:
            os.close(descriptor)


def _drop_capabilities(libc: Any) -> None:
    for capability in range(_LAST_CAPABILITY + 1):
        if libc.prctl(_PR_CAPBSET_DROP, ctypes.c_ulong(capability), 0, 0, 0) != 0:
            break  # past the last one that this kernel knows, or no right to (then there is none to lose)
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
    )
    for limit, most in limits:
        _, hard = resource.getrlimit(limit)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(limit, (most, most))


def _filter_calls() -> None:
    """Deny what learner code has no use for, and all sockets but those within the sandbox."""
    import pyseccomp as seccomp

    calls = seccomp.SyscallFilter(seccomp.ALLOW)
    denied = seccomp.ERRNO(1)  # EPERM
    for name in DENIED_CALLS:
        with contextlib.suppress(ValueError, OSError, RuntimeError):  # unknown to this libseccomp or architecture
            calls.add_rule(denied, name)
    calls.add_rule(seccomp.ERRNO(38), "clone3")  # ENOSYS: its flags cannot be seen, so libc falls back to clone
    for bit in (_NEWNS, _NEWUTS, _NEWIPC, _NEWUSER, _NEWPID, _NEWNET, 0x2000000):
        calls.add_rule(denied, "clone", seccomp.Arg(0, seccomp.MASKED_EQ, bit, bit))
    calls.add_rule(seccomp.ERRNO(97), "socket", seccomp.Arg(0, seccomp.NE, _AF_UNIX))  # EAFNOSUPPORT
    calls.load()


# --- libc ------------------------------------------------------------------------------------------


def _libc() -> Any:
    return ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> None:
    if result != 0:
        code = ctypes.get_errno()
        raise SandboxError(f"{what} is not allowed here ({os.strerror(code)})")


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


def _make_read_only(libc: Any, target: str) -> None:
    """Read-only, without setuid and devices, and everything mounted below it too."""
    attributes = struct.pack("QQQQ", 1 | 2 | 4, 0, 0, 0)  # RDONLY | NOSUID | NODEV
    result = libc.syscall(
        _MOUNT_SETATTR, ctypes.c_int(-100), target.encode(), _AT_RECURSIVE, attributes, ctypes.c_size_t(len(attributes))
    )
    _check(result, f"making {target} read-only")
