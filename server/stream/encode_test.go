package stream

import (
	"bytes"
	"encoding/json"
	"flag"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"vivero/server/proc"
	"vivero/server/tree"
)

var update = flag.Bool("update", false, "write the golden messages anew")

func ptr[T any](v T) *T { return &v }

// hostile are names as a process may choose them (prctl, argv) to hurt the page or the log.
var hostile = []string{
	`<img src=x onerror=alert(1)>`, `"; kill -9 -1; "`, `$(touch /tmp/owned)`, "nul\x00tab\tline\nreturn\resc\x1b[2Jdel\x7f",
	"invalid \xff\xfe\xc3( utf-8 \xed\xa0\x80", "\u2028line\u2029separators", `\u003c back\slash`, "</script><script>",
	"árbol 木 🌳", strings.Repeat("x", 300), "",
}

var root = tree.Process{
	ID: 1, PID: 4200, PPID: 4199, Parent: 0, Name: "vivero", Label: "vivero", State: "S", CPU: 0.012, RSS: 18874368,
	Threads: 9, Core: 0, Started: 1767225600000, Wait: ptr(0.001),
}

var primes = tree.Process{
	ID: 2, PID: 4210, PPID: 4200, Parent: 1, Name: "primes", Label: "primes", Workload: "primes", Role: "", State: "R",
	CPU: 0.998, RSS: 8388608, Threads: 4, Core: 1, Started: 1767225601250, Progress: ptr(0.5), Wait: ptr(0.25),
}

var orphan = tree.Process{
	ID: 3, PID: 4211, PPID: 4200, Parent: 1, Name: "sleep", Label: "sleep", State: "Z", RSS: 0, Threads: 1, Core: -1,
	Started: 1767225602000, Adopted: true,
}

func hostileRows() (rows []tree.Process) {
	for i, name := range hostile {
		rows = append(rows, tree.Process{
			ID: 10 + i, PID: 5000 + i, PPID: 4200, Parent: 1, Name: name, Label: name, Workload: name, Role: name,
			State: "S", Core: -1, Started: 1767225603000,
		})
	}
	return rows
}

var events = []tree.Event{
	{Kind: "spawned", Seq: 1, At: 1767225601250, ID: 2, PID: 4210, PPID: 4200, Parent: 1, Name: "primes", Label: "primes", Workload: "primes"},
	{Kind: "signalled", Seq: 2, At: 1767225602100, ID: 2, PID: 4210, Signal: "TERM"},
	{Kind: "output", Seq: 3, At: 1767225602110, ID: 2, PID: 4210, Stream: "stdout", Text: "π(10^7) = 664,579\n", Skipped: 12},
	{Kind: "exited", Seq: 4, At: 1767225602120, ID: 2, PID: 4210, PPID: 4200, Name: "primes", Label: "primes", Status: ptr(0), CPU: ptr(1.25), RSS: ptr(uint64(9437184))},
	{Kind: "exited", Seq: 5, At: 1767225602130, ID: 3, PID: 4211, PPID: 4200, Name: "sleep", Label: "sleep", Signal: "KILL"},
}

// golden are the messages that testdata holds; the page's tests read the same files.
func golden() map[string][]byte {
	meta := Meta{Version: "1.0.0", Rate: 10, Run: false, Cap: 256}
	snapshot := tree.Snapshot{
		Host: proc.Host{
			Name: "aula", OS: "Debian GNU/Linux 12", Kernel: "6.18.0", Arch: "amd64", CPU: "A CPU @ 2.50GHz",
			Cores: 2, Physical: 1, Boot: 1767139200000,
		},
		Reader: "procfs", Cores: []tree.Core{{ID: 0, Busy: 0.31}, {ID: 1, Busy: 1}},
		Memory:    tree.Memory{Total: 8 << 30, Used: 3 << 30},
		Observer:  tree.Observer{CPU: 0.006, RSS: 18874368, Missed: ptr(0), Events: true},
		Processes: []tree.Process{root, primes, orphan}, Events: events, Seq: 5, At: 1767225602200,
	}
	delta := tree.Delta{
		At: 1767225602300, Rows: []tree.Process{orphan}, Values: []tree.Process{root, primes}, Gone: []int{4, 5},
		Cores: []float64{0.5, 0.125}, Memory: &tree.Memory{Total: 8 << 30, Used: 4 << 30},
		Observer: &tree.Observer{CPU: 0.01, RSS: 19 << 20},
	}
	ended := delta
	ended.Events = events[3:]
	names := tree.Delta{At: 1767225603000, Rows: hostileRows()}
	for i, name := range hostile {
		names.Events = append(names.Events, tree.Event{
			Kind: "output", Seq: uint64(6 + i), At: 1767225603000, ID: 10 + i, PID: 5000 + i, Stream: "stderr", Text: name,
		})
	}
	one := tree.Channel{ID: 7, Kind: "queue", Name: "queue", Made: true, Capacity: 440, Fill: 176, Slots: 5, Depth: 2, Sent: 9,
		Received: 6, Bytes: 576, Lost: 1, Skipped: 3, Sampled: true, Writers: []int{2}, Readers: []int{3, 8},
		Blocked: []tree.Blocked{{Process: 8, Op: "read", Since: 1767225603900}}, Rate: 2.5,
		Latency: tree.Latency{P50: 0.25, P99: proc.Unknown}}
	foreign := tree.Channel{ID: 8, Kind: "pipe", Capacity: 65536, Fill: 65536, Slots: proc.Unknown, Depth: proc.Unknown,
		Buffered: proc.Unknown, Sent: proc.Unknown, Received: proc.Unknown, Bytes: proc.Unknown, Lost: proc.Unknown,
		Skipped: proc.Unknown, Writers: []int{2}, Readers: []int{3}, Rate: proc.Unknown,
		Latency: tree.Latency{P50: proc.Unknown, P99: proc.Unknown}, Broken: true}
	traffic := tree.Delta{At: 1767225604000, Channels: []tree.Channel{one, foreign}, GoneChannels: []int{4},
		Messages: []tree.Message{
			{Channel: 7, Step: "sent", Process: 2, Sender: 2, Number: 9, Size: 64, At: 1767225603999.25, SentAt: 1767225603999.25, Text: "message 9"},
			{Channel: 7, Step: "lost", Process: 6, Sender: 2, Number: 5, Size: 64, At: 1767225603999.5, Text: hostile[0]},
		}}
	opened := meta
	opened.Demo = []int{2}
	g := map[string][]byte{
		"snapshot":  appendSnapshot(nil, &snapshot, &opened, Presenter, 3),
		"empty":     appendSnapshot(nil, &tree.Snapshot{}, &meta, Viewer, 1),
		"delta":     appendFrame(nil, &delta, 3, false),
		"heartbeat": appendFrame(nil, &tree.Delta{At: 1767225604000}, -1, true),
		"array":     appendFrame(nil, &ended, -1, false),
		"hostile":   appendFrame(nil, &names, -1, false),
		"channels":  appendFrame(nil, &traffic, -1, false),
	}
	for i := range events[:4] {
		g[events[i].Kind] = appendFrame(nil, &tree.Delta{Events: events[i : i+1]}, -1, false)
	}
	g["killed"] = appendFrame(nil, &tree.Delta{Events: events[4:]}, -1, false)
	return g
}

func TestGolden(t *testing.T) {
	for name, got := range golden() {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join("testdata", name+".json")
			if *update {
				if err := os.WriteFile(path, append(got, '\n'), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(append(got, '\n'), want) {
				t.Errorf("differs from %s (-update writes it anew)\ngot  %s\nwant %s", path, got, want)
			}
			if !json.Valid(got) || !utf8.Valid(got) {
				t.Error("is not valid JSON in UTF-8")
			}
			if bytes.ContainsAny(got, "<>\u2028\u2029") {
				t.Error("holds a character that HTML or old JavaScript would act on")
			}
		})
	}
}

// A golden file that no message is compared with would mislead the page's tests.
func TestGoldenFilesAreAllUsed(t *testing.T) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	known := golden()
	for _, f := range files {
		if known[strings.TrimSuffix(filepath.Base(f), ".json")] == nil {
			t.Errorf("%s belongs to no message", f)
		}
	}
}

// Each event, decoded again, is the event that went in.
func TestEventsRoundTrip(t *testing.T) {
	for _, want := range events {
		var got tree.Event
		if err := json.Unmarshal(appendEvent(nil, &want), &got); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}

// A row, decoded by its columns into the type of the API, is the process that went in.
func TestRowsRoundTrip(t *testing.T) {
	for _, want := range []tree.Process{root, primes, orphan} {
		for _, c := range []struct {
			names []string
			row   []byte
			base  tree.Process
		}{{Columns, appendRow(nil, &want), tree.Process{}}, {Values, appendValues(nil, &want), want}} {
			var cells []json.RawMessage
			if err := json.Unmarshal(c.row, &cells); err != nil {
				t.Fatal(err)
			}
			if len(cells) != len(c.names) {
				t.Fatalf("%d cells for %d columns", len(cells), len(c.names))
			}
			object := map[string]json.RawMessage{}
			for i, n := range c.names {
				object[n] = cells[i]
			}
			b, err := json.Marshal(object)
			if err != nil {
				t.Fatal(err)
			}
			got := c.base
			if err := json.Unmarshal(b, &got); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, want %+v", got, want)
			}
		}
	}
}

func TestFloats(t *testing.T) {
	for f, want := range map[float64]string{
		0: "0", 1: "1", 0.5: "0.5", 0.25: "0.25", 0.125: "0.125", 0.001: "0.001", 0.01: "0.01", 0.1: "0.1", 12.34: "12.34",
		0.0004: "0.0004", -1.5: "-1.5", 1e6: "1000000", 999999.999: "999999.999", math.Inf(1): "null", math.Inf(-1): "null",
	} {
		if got := string(appendFloat(nil, f)); got != want {
			t.Errorf("%v: got %s, want %s", f, got, want)
		}
	}
	if got := string(appendFloat(nil, math.NaN())); got != "null" {
		t.Errorf("NaN: got %s", got)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 10000 {
		f := math.Round(r.Float64()*64e3) / 1000
		if r.IntN(4) == 0 {
			f = r.NormFloat64()
		}
		if got, err := strconv.ParseFloat(string(appendFloat(nil, f)), 64); err != nil || got != f {
			t.Fatalf("%v became %v (%v)", f, got, err)
		}
	}
}

func checkString(t *testing.T, s string) {
	t.Helper()
	b := appendString(nil, s)
	var got string
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatalf("%q became %s: %v", s, b, err)
	}
	if want := strings.ToValidUTF8(s, "\uFFFD"); utf8.ValidString(s) && got != want {
		t.Fatalf("%q became %q", s, got)
	}
	for _, c := range b {
		if c < ' ' || c == 0x7f || c == '<' || c == '>' || c == '&' {
			t.Fatalf("%q became %q, which holds %q", s, b, c)
		}
	}
	// encoding/json is the model for what becomes of invalid bytes.
	model, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var want string
	if err := json.Unmarshal(model, &want); err != nil || got != want {
		t.Fatalf("%q became %q, encoding/json says %q", s, got, want)
	}
}

func TestStrings(t *testing.T) {
	for _, s := range hostile {
		checkString(t, s)
	}
	for b := range 256 {
		checkString(t, "a"+string([]byte{byte(b)})+"z")
	}
}

func FuzzStrings(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	f.Fuzz(checkString)
}

func BenchmarkEncode300Rows(b *testing.B) {
	d := tree.Delta{At: 1767225602300}
	for i := range 300 {
		p := primes
		p.ID, p.PID = i+2, 4210+i
		d.Values = append(d.Values, p)
	}
	buf := appendFrame(nil, &d, -1, false)
	b.SetBytes(int64(len(buf)))
	b.ReportAllocs()
	for b.Loop() {
		buf = appendFrame(buf[:0], &d, -1, false)
	}
}
