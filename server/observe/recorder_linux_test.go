package observe

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/sys/unix"

	"vivero/server/proc"
	"vivero/sim/flight"
	"vivero/sim/ipc"
)

// conversation is a writer and a reader at one pipe, both with recorders.
func conversation(t *testing.T) (w *watcher, dir string, writer, reader *acting, key proc.ChannelKey) {
	t.Helper()
	dir = t.TempDir()
	w = watchTraffic(t, dir)
	r, wr := pair(t)
	writer, reader = cast(t, dir, wr), cast(t, dir, r)
	var st unix.Stat_t
	if err := unix.Fstat(int(r.Fd()), &st); err != nil {
		t.Fatal(err)
	}
	r.Close()
	wr.Close()
	return w, dir, writer, reader, proc.ChannelKey{Kind: proc.Pipe, Device: uint64(st.Dev), Inode: st.Ino}
}

// TestRecorders: counts, messages, gates and last words come through; the files have no name for long.
func TestRecorders(t *testing.T) {
	w, dir, writer, reader, key := conversation(t)
	from, to := writer.Process.Pid, reader.Process.Pid
	writer.do("open pipe", "send 5")
	reader.do("open pipe", "receive 3")
	w.until("both have told", func() bool {
		return w.counts[from][key].Sent == 5 && w.counts[to][key].Received == 3
	})
	if c := w.counts[from][key]; c.Begun != 5 || c.SentBytes != 5*9 || c.Received != 0 || !c.Writes {
		t.Errorf("writer %+v", c)
	}
	if c := w.counts[to][key]; c.InHand != 3 || c.Last != 3 || c.ReceivedBytes != 3*9 || c.Ended {
		t.Errorf("reader %+v", c)
	}
	if c, ok := w.between(from, to); !ok || c.Key != key || c.Fill != 2 {
		t.Errorf("channel %+v: the recorder's key is %+v", c, key)
	}
	if files, _ := os.ReadDir(dir); len(files) != 0 {
		t.Errorf("left in the folder: %v", files)
	}
	var texts []string
	for _, m := range w.messages {
		if m.Channel != key || m.Number == 0 || m.At == 0 || m.Size != 9 {
			t.Errorf("%+v", m)
		}
		if m.Step == proc.Received && (m.Sender != 4321 || m.PID != to || m.At-m.SentAt != 1000) || m.Step == proc.Sent && (m.Sender != from || m.PID != from) {
			t.Errorf("%+v", m)
		}
		texts = append(texts, m.Text)
	}
	if len(texts) != 8 || !slices.Contains(texts, "message 5") {
		t.Errorf("messages %q", texts)
	}
	told := len(w.messages)
	for range 12 { // nothing happens: nothing is told again
		w.tick()
		if len(w.now.Counts)+len(w.now.Messages)+len(w.now.Gates) > 0 {
			t.Fatalf("told again: %+v", w.now)
		}
	}
	reader.Process.Kill()
	reader.Wait()
	w.until("the reader's last words", func() bool { return w.counts[to][key].Ended })
	if c := w.counts[to][key]; c.Received != 3 || c.InHand != 3 {
		t.Errorf("last words %+v", c)
	}
	if last := w.messages[len(w.messages)-1]; len(w.messages) != told+1 || last.Step != proc.Lost || last.Number != 3 || last.Text != "message 3" || last.PID != to || last.Sender != 4321 {
		t.Errorf("the message in its hand: %+v", w.messages[told:])
	}
	if _, ok := w.traffic.channels[key]; !ok || len(w.now.Channels) != 1 {
		t.Error("a pipe that has lost its reader is not told any more, though its writer holds it")
	}
	writer.do("broken")
	w.until("the writer's EPIPE", func() bool { return w.counts[from][key].Broken })
	if len(w.said) > 0 {
		t.Errorf("complaints: %q", w.said)
	}
}

// TestKilledInBetween: what was done since the last tick is not lost with the process.
func TestKilledInBetween(t *testing.T) {
	w, _, writer, reader, key := conversation(t)
	from, to := writer.Process.Pid, reader.Process.Pid
	writer.do("open pipe", "send 1")
	reader.do("open pipe", "receive 1")
	w.until("both are known", func() bool { return w.counts[from][key].Sent == 1 && w.counts[to][key].Received == 1 })
	writer.do("send 2000")
	reader.do("receive 1999")
	writer.Process.Kill()
	writer.Wait()
	w.tick()
	if c := w.counts[from][key]; !c.Ended || c.Sent != 2001 {
		t.Errorf("the writer's last words: %+v", c)
	}
	w.until("the reader's counts", func() bool { return w.counts[to][key].Received == 2000 })
	// What the ring had no room for, and what was more than can be followed, is counted.
	if n := uint64(len(w.messages)) + w.now.Skipped; n != 2001+2000 {
		t.Errorf("%d messages and %d skipped, %d in all, of 4001", len(w.messages), w.now.Skipped, n)
	}
}

// TestShortLife: a process that lived between two ticks is heard, where the kernel told of its fork.
func TestShortLife(t *testing.T) {
	w, dir, writer, reader, key := conversation(t)
	from := writer.Process.Pid
	writer.do("open pipe")
	reader.do("open pipe")
	w.until("both are known", func() bool { _, ok := w.between(from, reader.Process.Pid); return ok })
	file, err := os.OpenFile(fmt.Sprintf("/proc/%d/fd/3", from), os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	third := cast(t, dir, file)
	pid := third.Process.Pid
	w.traffic.Happened(proc.Event{Kind: proc.Forked, PID: pid, PPID: os.Getpid()})
	third.do("open pipe", "send 7")
	third.kill()
	w.until("its last words", func() bool { c := w.counts[pid][key]; return c.Ended && c.Sent == 7 })
}

// TestExec: another program in the same process starts another recorder; the first one's counts are its last words.
func TestExec(t *testing.T) {
	w, _, writer, reader, key := conversation(t)
	from := writer.Process.Pid
	reader.do("open pipe")
	writer.do("open pipe", "send 3")
	w.until("counts", func() bool { return w.counts[from][key].Sent == 3 })
	writer.do("again", "open pipe", "send 2")
	var seen []proc.Counts
	w.until("the second program's counts", func() bool {
		for _, c := range w.now.Counts {
			if c.PID == from {
				seen = append(seen, c)
			}
		}
		return len(seen) > 0 && seen[len(seen)-1].Sent == 2
	})
	if !seen[0].Ended || seen[0].Sent != 3 || seen[len(seen)-1].Ended {
		t.Errorf("told in turn: %+v", seen)
	}
}

// TestHold: pause, step, slow motion and resume act at the gates, also of one that appears later.
func TestHold(t *testing.T) {
	w, dir, writer, _, _ := conversation(t)
	pid := writer.Process.Pid
	writer.do("gate")
	w.until("it has gates", func() bool { return slices.Contains(w.traffic.Gated(), pid) })
	w.traffic.Step(0) // nothing is paused: no effect
	w.traffic.Pause()
	if a := w.traffic.Asked(); !a.Paused || a.Pace != 0 {
		t.Errorf("asked %+v", a)
	}
	writer.give("gate", "gate")
	w.until("it stands at a gate", func() bool { g := w.gates[pid]; return g.Held > 0 && g.About == proc.Sent && g.Has })
	first := w.gates[pid].Held
	w.traffic.Step(pid)
	w.until("it stands at the next", func() bool { return w.gates[pid].Held > first })
	late := cast(t, dir, nil)
	w.until("one that appears later is known", func() bool { m := w.traffic.members[late.Process.Pid]; return m != nil && m.recorder != nil })
	late.give("gate")
	w.until("it stands too", func() bool { return w.gates[late.Process.Pid].Held > 0 })
	w.traffic.Resume()
	w.until("both go on", func() bool { return w.gates[pid].Held == 0 && w.gates[late.Process.Pid].Held == 0 })
	w.traffic.Pace(30 * time.Millisecond)
	began := time.Now()
	for range 3 { // 'done gate' of above
		writer.out.Scan()
		writer.give("gate")
	}
	writer.out.Scan()
	if took := time.Since(began); took < 60*time.Millisecond {
		t.Errorf("three gates took %v at 30 ms each", took)
	}
	w.traffic.Pace(0)
}

// TestMadeQueue: a queue of ours is told with slots, depth and bytes, under the key that fstat tells its holders.
func TestMadeQueue(t *testing.T) {
	dir := t.TempDir()
	w := watchTraffic(t, dir)
	m, err := ipc.Make(ipc.Spec{Name: "letters", Kind: ipc.Queue, Size: 40, Slots: 5})
	if err != nil {
		t.Fatal(err)
	}
	if m.Socket {
		t.Skip(m.Why)
	}
	key := proc.ChannelKey{Kind: proc.Queue, Device: m.Device, Inode: m.Inode}
	w.traffic.AddChannel(key, "letters", 0, 5, m.Watch)
	end := os.NewFile(uintptr(m.Write), "write")
	reads := os.NewFile(uintptr(m.Read), "read")
	a := cast(t, dir, end)
	end.Close()
	reads.Close()
	a.do("open queue", "send 1") // write(2) is no way to send to a queue: only the record is made
	w.until("one process is enough", func() bool { return len(w.now.Channels) == 1 && w.counts[a.Process.Pid][key].Sent == 1 })
	c := w.now.Channels[0]
	want := proc.Channel{Key: key, Name: "letters", Made: true, Ends: []proc.End{{PID: a.Process.Pid, Writes: true}},
		Capacity: 5 * (40 + ipc.HeaderSize), Fill: 0, Slots: 5, Depth: 0}
	if fmt.Sprint(c) != fmt.Sprint(want) {
		t.Errorf("%+v\nnot %+v", c, want)
	}
	a.kill()
	w.until("gone with its last holder", func() bool { return len(w.now.Channels) == 0 })
	w.traffic.RemoveChannel(key)
}

// TestSocketKeys: the two ends of a pair of sockets are one channel, in either process's words.
func TestSocketKeys(t *testing.T) {
	dir := t.TempDir()
	w := watchTraffic(t, dir)
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	x, y := os.NewFile(uintptr(fds[0]), "x"), os.NewFile(uintptr(fds[1]), "y")
	one, two := cast(t, dir, x), cast(t, dir, y)
	x.Close()
	y.Close()
	one.do("open socket", "send 4")
	two.do("open socket", "receive 3")
	w.until("both tell of the same", func() bool {
		for key, c := range w.counts[one.Process.Pid] {
			return key.Kind == proc.Socket && c.Sent == 4 && w.counts[two.Process.Pid][key].Received == 3
		}
		return false
	})
	if c := w.now.Channels[0]; len(w.now.Channels) != 1 || c.Fill != 1 || len(c.Ends) != 2 {
		t.Errorf("%+v", w.now.Channels)
	}
}

// TestDamagedRecorders: what is no recorder, or not that of a process of the tree, is refused and told once.
func TestDamagedRecorders(t *testing.T) {
	dir := t.TempDir()
	w := watchTraffic(t, dir)
	a := cast(t, t.TempDir(), nil) // a process of the tree whose own recorder is elsewhere
	a.do("gate")
	pid := a.Process.Pid
	w.until("it is there", func() bool { _, ok := w.last[pid]; return ok })
	_, whole := written(t)
	header := func(pid int, start uint64) []byte {
		b := bytes.Clone(whole)
		binary.LittleEndian.PutUint64(b[2*8:], uint64(pid))
		binary.LittleEndian.PutUint64(b[3*8:], start)
		return b
	}
	start := w.last[pid].Start
	write := func(name string, content []byte) {
		draft := filepath.Join(t.TempDir(), "draft")
		if err := os.WriteFile(draft, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(draft, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	bad := bytes.Clone(whole)
	bad[0]++
	elsewhere := filepath.Join(t.TempDir(), "elsewhere")
	os.WriteFile(elsewhere, header(pid, start), 0o600)
	write(fmt.Sprintf("%d-1", pid), whole[:1000])
	write(fmt.Sprintf("%d-2", pid), bad)
	write(fmt.Sprintf("%d-3", pid), header(pid+1, start))
	write(fmt.Sprintf("%d-4", pid), header(pid, start+1))
	write("1-0", header(1, 1))
	os.Symlink(elsewhere, filepath.Join(dir, fmt.Sprintf("%d-5", pid)))
	unix.Mkfifo(filepath.Join(dir, fmt.Sprintf("%d-6", pid)), 0o600)
	os.Mkdir(filepath.Join(dir, fmt.Sprintf("%d-7", pid)), 0o700)
	os.WriteFile(filepath.Join(dir, "README"), []byte("not a recorder"), 0o600)
	w.until("all are refused", func() bool { return len(w.said) >= 7 })
	for range 20 {
		w.tick()
	}
	if len(w.said) < 7 || len(w.said) > 8 || w.traffic.members[pid].recorder != nil { // that of process 1 is waited for a while
		t.Errorf("%d complaints: %q", len(w.said), w.said)
	}
	for _, s := range w.said {
		if !strings.HasPrefix(s, "the flight recorder "+fmt.Sprint(pid)+"-") && !strings.HasPrefix(s, "the flight recorder 1-0") {
			t.Errorf("%q", s)
		}
	}
	write(fmt.Sprintf("%d-8", pid), header(pid, start))
	w.until("a good one is taken all the same", func() bool { return w.traffic.members[pid].recorder != nil })
}

// written is a recorder as a process writes it.
func written(t *testing.T) (dir string, content []byte) {
	t.Helper()
	dir = t.TempDir()
	r, err := flight.Create(dir, 1, 1, "captured", flight.Asked{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	files, _ := filepath.Glob(filepath.Join(dir, "*-0"))
	b, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	return dir, b
}

// TestTruncatedRecorder: a file that is cut while it is mapped costs the recorder, not us.
func TestTruncatedRecorder(t *testing.T) {
	dir := t.TempDir()
	w := watchTraffic(t, dir)
	a := cast(t, t.TempDir(), nil)
	a.do("gate")
	pid := a.Process.Pid
	w.until("it is there", func() bool { _, ok := w.last[pid]; return ok })
	_, whole := written(t)
	binary.LittleEndian.PutUint64(whole[2*8:], uint64(pid))
	binary.LittleEndian.PutUint64(whole[3*8:], w.last[pid].Start)
	path := filepath.Join(t.TempDir(), "file")
	os.WriteFile(path, whole, 0o600)
	os.Link(path, filepath.Join(dir, fmt.Sprintf("%d-0", pid)))
	w.until("it is taken", func() bool { return w.traffic.members[pid].recorder != nil })
	if err := os.Truncate(path, 0); err != nil {
		t.Fatal(err)
	}
	w.until("it is given up", func() bool { a.do("gate"); return w.traffic.members[pid].recorder == nil })
	if len(w.said) != 1 || !strings.Contains(w.said[0], "shorter") {
		t.Errorf("%q", w.said)
	}
	w.traffic.Pause() // nobody is there to be told
}

// FuzzWords: whatever a recorder holds, what comes out is within its bounds.
func FuzzWords(f *testing.F) {
	f.Add(uint64(1), uint64(2), int64(3), int64(4), []byte("message 17"))
	f.Add(^uint64(0), ^uint64(0), int64(-1), int64(1)<<62, []byte("\xff\x1b[2J\u202eabc\xe2\x82"))
	f.Fuzz(func(t *testing.T, a, b uint64, x, y int64, text []byte) {
		const now = time.Hour
		e := flight.Entry{End: flight.End(a), Sent: a, SentBytes: b, Received: b, RecvBytes: a, Writing: x, Reading: y,
			WriteWait: time.Duration(x), ReadWait: time.Duration(y), Begun: a, Last: b, InHand: a, Buffered: b}
		c, d := countsOf(&e, now), countsOf(&e, now)
		for range 3 {
			unite(&c, &d)
		}
		if c.Sent > messagesMost || c.SentBytes > bytesMost || c.Received > messagesMost || c.ReceivedBytes > bytesMost || c.Buffered > bufferedMost {
			t.Fatalf("%+v", c)
		}
		if c.Writing < 0 || c.Writing > now+ahead || c.Reading < 0 || c.Reading > now+ahead || c.WriteWait < 0 || c.ReadWait < 0 || c.InHand > 0 && c.Received == 0 {
			t.Fatalf("%+v", c)
		}
		v := flight.Event{At: x, Kind: flight.Received, Number: a, Size: uint32(b), Sender: uint32(a), Value: y}
		copy(v.Preview[:], text)
		m := messageOf(&v, now)
		if m.At < 0 || m.At > now+ahead || m.SentAt < 0 || m.SentAt > m.At || m.Size < 0 || m.Sender < 0 {
			t.Fatalf("%+v", m)
		}
		if len(m.Text) > flight.PreviewSize || !utf8.ValidString(m.Text) || strings.ContainsFunc(m.Text, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Fatalf("%q", m.Text)
		}
		if g := gateOf(flight.Gate{Passed: a, Held: x, At: flight.Kind(b)}, now); g.Held < 0 || g.Held > 0 && !g.Has {
			t.Fatalf("%+v", g)
		}
	})
}

// FuzzKernelText: the parsers of what the kernel tells of waits, links and sockets.
func FuzzKernelText(f *testing.F) {
	f.Add([]byte("1 0x1 0x7f00 0x2000 0x0 0x0 0x0 0x7ffd 0x7f"))
	f.Add([]byte("-1 0x7ffd 0x7f"))
	f.Add([]byte("running"))
	f.Add([]byte("pipe:[123]"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if nr, _, ok := parseCall(b); ok && nr < 0 {
			t.Fatal(nr)
		}
		if inode, ok := bracketed(b, "pipe:["); ok && (inode == 0 || b[len(b)-1] != ']') {
			t.Fatal(inode)
		}
		if w, mine, err := parseDiag(b, 1, 2); (!mine || err != nil) && w.kind != 0 {
			t.Fatal(w, err)
		}
		if pid, ok := recorderName(string(b)); ok && pid <= 0 {
			t.Fatal(pid)
		}
	})
}

func TestPreview(t *testing.T) {
	for in, want := range map[string]string{
		"message 17":        "message 17",
		"a\x00b":            "a",
		"tab\there":         "tab?here",
		"\xff\xfe":          "??",
		"seventeen bytes..": "seventeen bytes.",
		"fifteen bytes..é":  "fifteen bytes..",
		"¡señal!":           "¡señal!",
		"\u202eabc":         "?abc",
		"":                  "",
	} {
		if got := preview([]byte(in)); got != want {
			t.Errorf("%q becomes %q, not %q", in, got, want)
		}
	}
}

func TestParseCall(t *testing.T) {
	nr, args, ok := parseCall([]byte("1 0x1 0x55d0 0x2000 0xffffffffffffffff 0x0 0x22 0x7ffd 0x7f13\n"))
	if !ok || nr != 1 || args != [6]uint64{1, 0x55d0, 0x2000, 1<<64 - 1, 0, 0x22} {
		t.Error(nr, args, ok)
	}
	for _, s := range []string{"running\n", "-1 0x7ffd 0x7f13\n", "", "1", "1 0x1 0x2"} {
		if nr, _, ok := parseCall([]byte(s)); ok {
			t.Errorf("%q: %d", s, nr)
		}
	}
}
