"""The flight recorder, written from Python: the same bytes as Go's sim/flight writes (docs/flight.md).

A store of one word through a memoryview is one store of the machine's. Several words of a channel are counted by whoever
uses it (vivero_probe); the ring is written by one thread at a time, and who finds it busy counts instead of waiting.
"""
import mmap
import os
import struct
import sys
from _thread import RLock, allocate_lock
from time import monotonic_ns

CHANNELS, RECORDS = 64, 1024
TABLE, RING = 4096, 4096 + CHANNELS * 128
SIZE = RING + RECORDS * 64
MAGIC = 0x0A314F5245564956
LAYOUT = 1 | CHANNELS << 16 | RECORDS << 32

# Words of the header, of a channel, and kinds, as in sim/flight/layout.go.
PID, START, GENERATION, HEAD, UNRECORDED, LANGUAGE, NAME = 2, 3, 4, 5, 6, 7, 8
ASKED, PACE, PAUSED, GRANTED = 64, 65, 66, 67
PASSED, HELD_SINCE, AT, TAKEN = 72, 73, 74, 75
KIND, DEVICE, INODE, SENT, SENT_BYTES, RECEIVED, RECEIVED_BYTES, WRITING, READING, WRITE_WAIT, READ_WAIT, BEGUN, LAST, IN_HAND, BUFFERED, FLAGS = range(16)
PIPE, QUEUE, SOCKET = 1, 2, 3
READS, WRITES = 1, 2
R_SENT, R_RECEIVED, R_DONE, R_WRITING, R_READING, R_HELD, R_END_READ, R_BROKEN, R_PUT, R_CHILD = range(1, 11)

# Which messages of one end are recorded: all that come slower than each QUICK ns and the first BURST of those that come
# faster; then those whose number is a multiple of the stride, and one in each LONG. Both ends of a channel that is fast come to the same
# stride, and so to the same messages.
QUICK, BURST, LONG = 1_250_000, 16, 10_000_000
_WORD = (1 << 64) - 1
_record = struct.Struct("<5Q16s").pack_into  # all but the sequence


class Channel:
    """One entry of the table. words are its 16 words; header is the recorder's. What is counted stands here too, for to read
    an attribute is cheaper than to read a word."""

    __slots__ = ("recorder", "index", "words", "header", "gated", "buffer", "lock", "messages", "bytes", "waiting",
                 "next", "until", "last", "stride", "quick")

    def __init__(self, recorder, index, words):
        self.recorder, self.index, self.words, self.header = recorder, index, words, recorder.words
        self.gated = recorder.words  # where a send or receive itself looks whether to wait
        self.next = self.until = self.last = self.quick = 0  # recorded is message number next, and what comes after until
        self.stride = 1
        self.messages = self.bytes = self.waiting = 0
        self.buffer = None  # the deque of a Queue whose feeder thread writes here
        self.lock = recorder.lock

    def sample(self):
        """Says when this record is, and chooses the next."""
        now = monotonic_ns()
        gap, self.last = now - self.last, now
        if gap < QUICK:
            self.quick += 1
            if self.quick > BURST:
                self.stride *= 2
        elif gap > 4 * QUICK:
            self.quick, self.stride = 0, max(1, self.stride // 2)
        self.next = self.messages // self.stride * self.stride + self.stride
        self.until = now + LONG
        return now


class Recorder:
    """This process's recorder, of memory that can be written as bytes."""

    def __init__(self, memory, pid, start, name=b"", language=2):
        self.memory, self.words = memory, memoryview(memory).cast("Q")
        w = self.words
        w[0], w[1], w[PID], w[START], w[LANGUAGE] = MAGIC, LAYOUT, pid, start, language
        self.pid, self.head, self.used, self.holders, self.skipped = pid, 0, 0, 0, 0
        self.lock, self.busy = RLock(), allocate_lock()
        self.name(name)

    def name(self, name):
        name = name[:63]
        self.memory[NAME * 8:NAME * 8 + 64] = name + bytes(64 - len(name))

    def ask(self, pace, paused):
        w = self.words
        if paused:
            w[PAUSED] = w[ASKED] = 1
        if pace > 0:
            w[PACE], w[ASKED] = pace, 1

    def channel(self, kind, end, device, inode):
        """A new entry; None if the table is full."""
        with self.lock:
            if self.used == CHANNELS:
                return None
            index, self.used = self.used, self.used + 1
        at = TABLE // 8 + 16 * index
        words = self.words[at:at + 16]
        words[DEVICE], words[INODE] = device, inode
        words[KIND] = kind | end << 8
        return Channel(self, index, words)

    def record(self, kind, channel, now, number=0, size=0, sender=0, value=0, preview=b""):
        if not self.busy.acquire(False):  # another thread, or this one before a signal came
            self.skipped += 1
            self.words[UNRECORDED] = self.skipped
            return
        try:
            i = self.head
            at = RING + i % RECORDS * 64
            self.words[at >> 3] = 2 * i + 1
            _record(self.memory, at + 8, now, kind | channel << 16, number, size & 0xFFFFFFFF | sender << 32, value & _WORD, preview)
            self.words[at >> 3] = 2 * i + 2
            self.head = self.words[HEAD] = i + 1
        finally:
            self.busy.release()


def create(folder, name=b"", asked=(0, False)):
    """Makes, fills and publishes the recorder of this process: it appears in folder whole or not at all."""
    pid = os.getpid()
    with open("/proc/self/stat", "rb") as f:
        start = int(f.read().rsplit(b")", 1)[1].split()[19])
    draft = "%s/.%d" % (folder, pid)
    fd = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        os.fchmod(fd, 0o600)
        os.posix_fallocate(fd, 0, SIZE)  # a full disk is an error now, and would be a SIGBUS later
        memory = _map(fd)
        recorder = Recorder(memory, pid, start, name)
        recorder.ask(*asked)
        for generation in range(1000):
            recorder.words[GENERATION] = generation
            try:
                os.link(draft, "%s/%d-%d" % (folder, pid, generation))
                return recorder
            except FileExistsError:
                pass
        raise OSError("a thousand generations of one process")
    finally:
        os.unlink(draft)
        os.close(fd)


def _map(fd):
    """Maps the file so that no descriptor stays with the program: those that it opens keep their numbers."""
    if sys.version_info >= (3, 13):
        memory = mmap.mmap(fd, SIZE, trackfd=False)
        _keep(memory)
        return memory
    memory = mmap.mmap(fd, SIZE)
    _keep(memory)
    ours = os.fstat(fd)
    for name in os.listdir("/proc/self/fd"):
        try:
            other = os.fstat(int(name))
            if int(name) != fd and (other.st_ino, other.st_dev) == (ours.st_ino, ours.st_dev):
                os.close(int(name))
        except OSError:
            pass  # the one that listed
    return memory


def _keep(memory):
    """Keeps memory to the end of the interpreter: freed earlier, it would close a descriptor that is the program's by now."""
    os.register_at_fork(after_in_child=lambda memory=memory: None)
