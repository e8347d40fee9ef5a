"""Writes with the probe's recorder what sim/flight's golden test writes with Go's, and prints the words that are not 0."""
import sys

sys.path.insert(0, sys.argv[1])
import vivero_flight as f  # noqa: E402

r = f.Recorder(bytearray(f.SIZE), 4242, 987_654_321, "señal de maestro".encode())
r.ask(50_000_000, True)
w = r.words
w[f.GENERATION], w[f.UNRECORDED], w[f.GRANTED] = 3, 17, 5
w[f.PASSED], w[f.HELD_SINCE], w[f.AT], w[f.TAKEN] = 9, 4_000, f.R_RECEIVED | 1 << 8, 4

out = r.channel(f.PIPE, f.WRITES, 15, 1001)
into = r.channel(f.SOCKET, f.READS, 8, 2002)
o, i = out.words, into.words
text = "hola, más de dieciséis".encode()
o[f.BEGUN] = o[f.SENT] = 1
o[f.SENT_BYTES] = len(text)
r.record(f.R_SENT, out.index, 5_000, 1, len(text), 4242, 5_000, text[:16])
o[f.BUFFERED] = 3
i[f.IN_HAND] = i[f.LAST] = i[f.RECEIVED] = i[f.RECEIVED_BYTES] = 1
r.record(f.R_RECEIVED, into.index, 7_000, 1, 1, preview=b"x")
o[f.WRITING] = 8_000
r.record(f.R_WRITING, out.index, 8_000)
i[f.FLAGS] |= 1
r.record(f.R_END_READ, into.index, 9_000)
o[f.FLAGS] |= 2
r.record(f.R_BROKEN, out.index, 9_500)
i[f.READING] = 9_700
r.record(f.R_READING, into.index, 9_700)
i[f.READING], i[f.READ_WAIT] = 0, 100
r.record(f.R_HELD, into.index, 9_900, value=f.R_RECEIVED)
r.record(f.R_CHILD, 0, 10_000, 4243, preview=b"hijo 1")
r.record(f.R_CHILD, 0, -1 & (1 << 64) - 1, 4242, -1, value=1)

for index, word in enumerate(w):
    if word:
        print("%d 0x%x" % (index, word))
