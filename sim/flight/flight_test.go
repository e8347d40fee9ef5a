package flight

import (
	"context"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func create(t testing.TB) (*Recorder, *File) {
	t.Helper()
	dir := t.TempDir()
	r, err := Create(dir, 42, 1, "a name", Asked{})
	if err != nil {
		t.Fatal(err)
	}
	names, _ := filepath.Glob(filepath.Join(dir, "*-0"))
	f, err := Open(names[0])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(); f.Close() })
	return r, f
}

func read(t testing.TB, f *File) (v View) {
	t.Helper()
	if err := f.Read(&v, false); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	r, f := create(t)
	c, err := r.Channel(Pipe, Writes|Reads, 7, 99)
	if err != nil {
		t.Fatal(err)
	}
	c.Begin(1)
	c.Sent(1000, 1, []byte("hello"))
	c.Received(3000, 1, 77, 1000, []byte("hello"))
	c.Blocked(Reading, 4000)
	if v := read(t, f); v.Entries[0].Reading != 4000 {
		t.Fatalf("blocked since %d", v.Entries[0].Reading)
	}
	c.Resumed(Reading, 4000, 9000)
	v := read(t, f)
	if v.PID != os.Getpid() || v.Start != 42 || v.Name != "a name" {
		t.Errorf("identity %+v", v.Identity)
	}
	want := Entry{Kind: Pipe, End: Writes | Reads, Device: 7, Inode: 99, Sent: 1, SentBytes: 5, Received: 1, RecvBytes: 5, ReadWait: 5000, Begun: 1, Last: 1, InHand: 1}
	if len(v.Entries) != 1 || v.Entries[0] != want {
		t.Errorf("entries %+v\nwant %+v", v.Entries, want)
	}
	if v := read(t, f); len(v.Events) != 0 {
		t.Errorf("read twice: %+v", v.Events)
	}
}

func TestRecords(t *testing.T) {
	r, f := create(t)
	c, _ := r.Channel(Queue, Writes, 1, 2)
	c.Sent(1000, 5, []byte("a longer text than fits"))
	c.Ended(Broken, 2000)
	v := read(t, f)
	if len(v.Events) != 2 {
		t.Fatalf("%d events", len(v.Events))
	}
	e := v.Events[0]
	if e.Kind != Sent || e.At != 1000 || e.Number != 5 || e.Size != 23 || int(e.Sender) != os.Getpid() || string(e.Preview[:]) != "a longer text th" {
		t.Errorf("%+v", e)
	}
	if v.Events[1].Kind != Broken || !v.Entries[0].Broken {
		t.Errorf("%+v", v)
	}
}

// Counters are exact when the ring is only a sample, and what was left out is counted.
func TestOverrunIsCounted(t *testing.T) {
	r, f := create(t)
	c, _ := r.Channel(Pipe, Writes, 1, 2)
	const n = 100_000
	for i := range uint64(n) {
		c.Sent(int64(i)*1_000_000, i+1, nil) // one a millisecond: each is recorded
	}
	for i := range uint64(n) {
		c.Sent(n*1_000_000, n+i+1, nil) // all at once: a sample is
	}
	v := read(t, f)
	if v.Entries[0].Sent != 2*n {
		t.Errorf("%d sent, want %d", v.Entries[0].Sent, 2*n)
	}
	if got := uint64(len(v.Events)) + v.Lost + v.Unrecorded; got != 2*n {
		t.Errorf("%d events and %d lost and %d unrecorded are %d, want %d", len(v.Events), v.Lost, v.Unrecorded, got, 2*n)
	}
}

func TestPauseStepResume(t *testing.T) {
	r, f := create(t)
	if err := f.Control(0, true); err != nil {
		t.Fatal(err)
	}
	passed := make(chan int, 10)
	ctx, cancel := context.WithCancel(context.Background())
	var end sync.WaitGroup
	end.Go(func() {
		for i := 1; ctx.Err() == nil; i++ {
			r.Gate(ctx, Sent, nil)
			select {
			case passed <- i:
			case <-ctx.Done():
			}
		}
	})
	held := func() bool { return read(t, f).Gate.Held != 0 }
	await(t, "held at the first gate", held)
	if len(passed) != 0 {
		t.Fatal("it passed while paused")
	}
	for i := 1; i <= 3; i++ {
		f.Step()
		if got := <-passed; got != i {
			t.Fatalf("step %d passed gate %d", i, got)
		}
		await(t, "held again", held)
	}
	f.Control(0, false)
	for i := 4; i < 50; i++ {
		<-passed
	}
	cancel()
	end.Wait()
}

// What is started while paused stands at its first gate: the words are there before the file has its name.
func TestBornPaused(t *testing.T) {
	for _, a := range []Asked{{}, {Paused: true}, {Pace: time.Second}, {time.Minute, true}} {
		if got := ParseAsked(a.String()); got != a {
			t.Errorf("%q is read as %+v, want %+v", a.String(), got, a)
		}
		r, err := Create(t.TempDir(), 1, 1, "", a)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Asked(); got != a {
			t.Errorf("asked %+v, want %+v", got, a)
		}
		r.Close()
	}
	for _, bad := range []string{"", "x", "5", "-5 paused", "99999999999999999999 paused"} {
		if got := ParseAsked(bad); got != (Asked{}) {
			t.Errorf("%q is read as %+v", bad, got)
		}
	}
}

func TestCancelledGateLetsGo(t *testing.T) {
	r, f := create(t)
	f.Control(time.Hour, true)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	r.Gate(ctx, Sent, nil)
}

func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !ok(); {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within 10 s", what)
		}
		time.Sleep(time.Millisecond) // between looks
	}
}

func TestForeignFilesAreRefused(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	bad := make([]byte, Size)
	version2 := make([]byte, Size)
	binary.LittleEndian.PutUint64(version2, magic)
	binary.LittleEndian.PutUint64(version2[8:], layout+1)
	for path, why := range map[string]string{
		write("short", []byte("x")):  "bytes",
		write("magic", bad):          "magic",
		write("layout", version2):    "layout",
		filepath.Join(dir, "absent"): "no such file",
	} {
		if _, err := Open(path); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v, want %q in it", path, err, why)
		}
	}
	if err := os.Symlink(write("target", bad), filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(filepath.Join(dir, "link")); err == nil {
		t.Error("a link was followed")
	}
}

// A process that makes its file shorter does not take the reader with it.
func TestShrunkFileIsAnError(t *testing.T) {
	dir := t.TempDir()
	r, err := Create(dir, 1, 1, "", Asked{})
	if err != nil {
		t.Fatal(err)
	}
	names, _ := filepath.Glob(filepath.Join(dir, "*-0"))
	f, err := Open(names[0])
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer f.Close()
	if err := os.Truncate(names[0], 0); err != nil {
		t.Fatal(err)
	}
	var v View
	if err := f.Read(&v, false); err == nil {
		t.Error("no error")
	}
	if err := f.Control(0, true); err == nil {
		t.Error("no error from Control")
	}
}

// Whatever bytes a file holds, reading it ends, and gives no more than it can hold.
func FuzzRead(f *testing.F) {
	f.Add([]byte{}, uint64(0))
	f.Add([]byte{1, 2, 3}, uint64(1<<63))
	f.Fuzz(func(t *testing.T, content []byte, head uint64) {
		memory := make([]byte, Size)
		copy(memory, content)
		copy(memory[ringAt:], content)
		binary.LittleEndian.PutUint64(memory[hHead*8:], head)
		file := &File{memory: memory, words: words(memory)}
		var v View
		for range 3 {
			if err := file.Read(&v, true); err != nil {
				t.Fatal(err)
			}
			if len(v.Events) > Records || len(v.Entries) > Channels {
				t.Fatalf("%d events, %d entries", len(v.Events), len(v.Entries))
			}
			for _, e := range v.Events {
				if e.Channel < 0 || e.Channel >= Channels {
					t.Fatalf("channel %d", e.Channel)
				}
			}
		}
	})
}

func BenchmarkSent(b *testing.B) {
	r, _ := create(b)
	c, _ := r.Channel(Pipe, Writes, 1, 2)
	payload := []byte("sixteen bytes...")
	for i := range uint64(b.N) {
		c.Begin(i)
		c.Sent(Now(), i, payload)
	}
}

func BenchmarkGate(b *testing.B) {
	r, _ := create(b)
	ctx := context.Background()
	for range b.N {
		r.Gate(ctx, Sent, nil)
	}
}
