"""The probe: what a Python program does with multiprocessing, told in a flight recorder (docs/flight.md).

It counts each message and records as many as a person can follow. The statements that do so stand in the standard
library's own functions (vivero_weave). The recorder is made when there is something to tell, so a program that only
imports multiprocessing has none; a forked child makes its own. What goes wrong here is nobody's business but ours: the
program goes on without.

Absent on purpose: any use of the program's objects but their pickled bytes; locks (SemLock) are left alone.
"""
import os
import stat
import sys
import weakref
from _thread import RLock, _count
from time import monotonic_ns, sleep

import vivero_flight as flight
from vivero_text import text
from vivero_weave import weave

_now = monotonic_ns
_LOOK = 0.02  # s, how long a held process sleeps before it looks again
_folder = None
_asked = (0, False)
_recorder = None  # None: not made yet, False: it could not be made
_making = False
_lock = RLock()
_channels = {}  # by inode, end and whose it is
_known = {}  # weak references to the connections that have channels
_scratch = flight.Recorder(bytearray(flight.SIZE), 0, 0)  # what cannot be recorded is written here
_nothing = _scratch.channel(flight.PIPE, 0, 0, 0)


def begin(folder, asked):
    """Starts the probe: folder is where the recorder goes, asked what the presenter asks (flight.Asked in Go)."""
    global _folder, _asked
    _folder = folder
    pace, _, word = asked.partition(" ")
    if pace.isdigit() and word:
        _asked = int(pace), word == "paused"
    os.register_at_fork(after_in_child=_forked)


def _forked():
    """In the child, before any of its own code: nothing of the parent's recorder is written any more."""
    global _recorder, _asked, _making, _lock
    _asked = _wanted()
    _recorder, _making, _lock = None, False, RLock()
    _channels.clear()
    for reference in list(_known.values()):
        connection = reference()
        if connection is not None:
            connection.__dict__.pop("_vivero_writes", None)
            connection.__dict__.pop("_vivero_reads", None)
    _known.clear()


def _wanted():
    """What is asked of this process now: pace in ns, and whether it is to stand. Its children begin with it."""
    if not _recorder:
        return _asked
    words = _recorder.words
    return (words[flight.PACE], bool(words[flight.PAUSED])) if words[flight.ASKED] else (0, False)


def recorder(name=b""):
    """This process's recorder; None if it has none."""
    global _recorder, _making
    if _recorder is None:
        with _lock:
            if _recorder is None and not _making:
                _making = True  # a signal's handler that sends something comes here again
                try:
                    _recorder = flight.create(_folder, name, _asked)
                except Exception as e:
                    _recorder = False
                    _complain(e)
                finally:
                    _making = False
    return _recorder or None


def _open(connection, writes, buffer=None, owned=False):
    """The channel of one end of a connection. owned: it belongs to a queue, whose own methods wait at gates; buffer is
    where that queue keeps what its feeder thread is to send."""
    try:
        channel = _find(connection, writes, owned)
        if channel is None:
            if _making:
                return _nothing  # for this once
            channel = _nothing
        if buffer is not None and channel is not _nothing:
            channel.buffer = buffer
        if writes:
            connection._vivero_writes = channel
        else:
            connection._vivero_reads = channel
        key = id(connection)
        _known[key] = weakref.ref(connection, lambda _, key=key: _known.pop(key, None))
        return channel
    except Exception as e:
        _complain(e)
        return _nothing


def _find(connection, writes, owned):
    mine = recorder()
    if mine is None:
        return None
    there = os.fstat(connection._handle)
    if stat.S_ISFIFO(there.st_mode):
        kind = flight.PIPE
    elif stat.S_ISSOCK(there.st_mode):
        kind = flight.SOCKET
    else:
        return None
    key = there.st_dev, there.st_ino, writes, owned
    with _lock:
        channel = _channels.get(key)
        if channel is None:
            channel = mine.channel(kind, flight.WRITES if writes else flight.READS, there.st_dev, there.st_ino)
            if channel is None:
                return None
            if owned:
                channel.gated = _scratch.words
            _channels[key] = channel
    return channel


def _record(channel, kind, raw, size):
    """Records a message that was sent or received and counted."""
    try:
        now = channel.sample()
        words, mine = channel.words, channel.recorder
        mine.words[flight.PASSED] += 1
        sent = kind == flight.R_SENT
        number = words[flight.SENT if sent else flight.RECEIVED]
        preview = text(bytes(raw[:200]), size)
        mine.record(kind, channel.index, now, number, size, mine.pid if sent else 0, now if sent else 0, preview)
    except Exception as e:
        _complain(e)


def _failed(channel, kind):
    """A send or receive has failed."""
    try:
        error, words = sys.exc_info()[1], channel.words
        if kind == flight.R_SENT and isinstance(error, BrokenPipeError):
            flag, kind = 2, flight.R_BROKEN
        elif kind == flight.R_RECEIVED and isinstance(error, (EOFError, ConnectionResetError)):
            flag, kind = 1, flight.R_END_READ
        else:
            return
        words[flight.FLAGS] |= flag
        channel.recorder.record(kind, channel.index, _now())
    except Exception as e:
        _complain(e)


def _refresh():
    """A feeder thread could not pickle a message: counts anew what is in the buffers. (Its hand is empty now.)"""
    try:
        for channel in list(_channels.values()):
            if channel.buffer is not None:
                inside = len(channel.buffer)
                if inside and type(channel.buffer[-1]) is object:  # the sign that the queue was closed
                    inside -= 1
                channel.waiting = channel.words[flight.BUFFERED] = inside
    except Exception as e:
        _complain(e)


def _gate(channel, kind):
    """Holds this thread where the presenter asks for it. It may be left by what a signal's handler raises."""
    mine = channel.recorder
    words, began = mine.words, _now()
    with mine.lock:
        mine.holders += 1
    words[flight.AT] = kind | channel.index << 8
    words[flight.HELD_SINCE] = began
    try:
        words[flight.PASSED] += 1
        mine.record(flight.R_HELD, channel.index, began, value=kind)
        while True:
            if words[flight.PAUSED]:
                with mine.lock:
                    if words[flight.GRANTED] > words[flight.TAKEN]:
                        words[flight.TAKEN] += 1
                        return
                wait = _LOOK
            else:
                wait = (began + min(words[flight.PACE], 60_000_000_000) - _now()) / 1e9
                if wait <= 0:
                    return
            sleep(min(wait, _LOOK))
    finally:
        with mine.lock:
            mine.holders -= 1
            if not mine.holders:
                words[flight.HELD_SINCE] = 0


def _named(process):
    """In a child of Process.start: what the program calls it."""
    try:
        name = process._name
        if type(name) is str:
            name = name.encode("utf-8", "replace")[:63].decode("utf-8", "ignore").encode()
            if recorder(name):  # most often it is made here
                _recorder.name(name)
    except Exception as e:
        _complain(e)


def _starting():
    """Before Process.start: the child begins with what is asked of this process."""
    try:
        pace, paused = _wanted()
        if pace or paused:
            os.environ["VIVERO_ASKED"] = "%d %s" % (pace, "paused" if paused else "going")
        else:
            os.environ.pop("VIVERO_ASKED", None)
    except Exception as e:
        _complain(e)


def _started(process):
    try:
        name = process._name
        preview = name.encode("utf-8", "replace")[:16].decode("utf-8", "ignore").encode() if type(name) is str else b""
        if recorder():
            _recorder.record(flight.R_CHILD, 0, _now(), number=process.pid or 0, preview=preview)
    except Exception as e:
        _complain(e)


def _ended(status):
    try:
        if recorder() and type(status) is int:
            _recorder.record(flight.R_CHILD, 0, _now(), number=os.getpid(), size=status, value=1)
    except Exception as e:
        _complain(e)


def _complain(e):
    if os.environ.get("VIVERO_PROBE_DEBUG"):
        sys.stderr.write("vivero: %r\n" % (e,))


# From 3.10 on an interpreter with its lock switches threads at calls and at jumps back only, so that a count and the store
# of it are not torn apart. The others count under a lock as soon as there are threads.
_WHOLE = sys.version_info >= (3, 10) and getattr(sys, "_is_gil_enabled", lambda: True)()


def _counting(*statements):
    if _WHOLE:
        return "\n".join(statements) + "\n"
    inner = "\n        ".join(statements)
    return "if _vivero_threads():\n    with _vivero.lock:\n        %s\nelse:\n        %s\n" % (inner, inner)


_SKIP = "if _vivero.messages < _vivero.next and _vivero_at < _vivero.until: _vivero.recorder.skipped += 1; _vivero.header[6] = _vivero.recorder.skipped"


def _connection(module):
    kind = module.Connection
    weave(kind._send_bytes, needs=("buf", "n"), head="""
try:
    _vivero = self._vivero_writes
except AttributeError:
    _vivero = _vivero_open(self, True)
_vivero_words = _vivero.words
if _vivero.gated[64]: _vivero_gate(_vivero, 1)
_vivero_words[7] = _vivero_at = _vivero_now()
""", failed="_vivero_words[7] = 0; _vivero_failed(_vivero, 1)", tail=_counting(
        "_vivero_words[7] = 0",
        "_vivero.messages += 1; _vivero_words[3] = _vivero.messages",
        "_vivero.bytes += n; _vivero_words[4] = _vivero.bytes",
        # Only a queue's feeder thread takes from its buffer.
        "if _vivero.waiting: _vivero.waiting -= 1; _vivero_words[14] = _vivero.waiting",
        _SKIP,
        "else: _vivero_record(_vivero, 1, buf, n)",
    ))
    weave(kind._recv_bytes, needs=("size",), head="""
try:
    _vivero = self._vivero_reads
except AttributeError:
    _vivero = _vivero_open(self, False)
_vivero_words = _vivero.words
_vivero_words[8] = _vivero_at = _vivero_now()
""", failed="_vivero_failed(_vivero, 2)", always="_vivero_words[8] = 0", tail=_counting(
        "_vivero.messages += 1; _vivero_words[5] = _vivero.messages",
        "_vivero.bytes += size; _vivero_words[6] = _vivero.bytes",
        _SKIP,
        "else: _vivero_record(_vivero, 2, _vivero_result.getbuffer(), size)",
    ) + """
if _vivero.gated[64]: _vivero_gate(_vivero, 2)
""")


_QUEUE_GET = """
try:
    _vivero = self._reader._vivero_reads
except AttributeError:
    _vivero = _vivero_open(self._reader, False, None, True)
"""
_QUEUE_PUT = """
try:
    _vivero = self._writer._vivero_writes
except AttributeError:
    _vivero = _vivero_open(self._writer, True, %s, True)
if _vivero.header[64]: _vivero_gate(_vivero, 1)
"""
_QUEUE_GOT = "if _vivero.header[64]: _vivero_gate(_vivero, 2)"


def _queues(module):
    for kind in module.Queue, module.JoinableQueue:
        weave(kind.put, head=_QUEUE_PUT % "self._buffer", before=(_counting("_vivero.waiting += 1; _vivero.words[14] = _vivero.waiting"), "_buffer", "append"))
    for kind in module.Queue, module.SimpleQueue:
        weave(kind.get, head=_QUEUE_GET, tail=_QUEUE_GOT)
    weave(module.SimpleQueue.put, head=_QUEUE_PUT % "None")
    weave(module.Queue._on_queue_feeder_error, head="_vivero_refresh()")


def _process(module):
    weave(module.BaseProcess.start, head="_vivero_starting()", tail="_vivero_started(self)")
    weave(module.BaseProcess._bootstrap, head="_vivero_named(self)", tail="_vivero_ended(_vivero_result)")


def _forkserver(module):
    # The server's children are forked from it: what is asked of them is asked of it, so it needs a recorder first.
    weave(module.main, head="_vivero_recorder(b'forkserver')")


_ATTACH = {"connection": _connection, "queues": _queues, "process": _process, "forkserver": _forkserver}


def attach(module):
    """Puts the probe into a module of multiprocessing's that has just been imported."""
    names = module.__dict__
    for name, value in (("", None), ("_open", _open), ("_now", _now), ("_gate", _gate), ("_record", _record), ("_failed", _failed),
                        ("_refresh", _refresh), ("_named", _named), ("_starting", _starting),
                        ("_started", _started), ("_ended", _ended), ("_recorder", recorder), ("_threads", _count)):
        if value:
            names["_vivero" + name] = value
    _ATTACH[module.__name__.rpartition(".")[2]](module)
