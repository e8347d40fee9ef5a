package flight

import (
	"bytes"
	"encoding/binary"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write testdata/golden.flight anew")

// TestGoldenBytes holds this writer to testdata/golden.flight, as sim/python's test holds the Python one: the same inputs
// make the same bytes. The file has a line for each word that is not 0: its index and its value.
func TestGoldenBytes(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "golden"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	r, err := fill(file, 4242, 987_654_321, 2, "señal de maestro")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	r.ask(Asked{Pace: 50 * time.Millisecond, Paused: true})
	w := r.words
	w[hGeneration], w[hUnrecorded], w[cGranted] = 3, 17, 5
	w[gPassed], w[gHeld], w[gAt], w[gTaken] = 9, 4_000, uint64(Received)|1<<8, 4

	out, err := r.Channel(Pipe, Writes, 15, 1001)
	if err != nil {
		t.Fatal(err)
	}
	in, err := r.Channel(Socket, Reads, 8, 2002)
	if err != nil {
		t.Fatal(err)
	}
	out.Begin(1)
	out.Sent(5_000, 1, []byte("hola, más de dieciséis"))
	out.words[eBuffered] = 3
	in.Received(7_000, 1, 0, 0, []byte("x"))
	out.Blocked(Writing, 8_000)
	in.Ended(EndRead, 9_000)
	out.Ended(Broken, 9_500)
	in.Blocked(Reading, 9_700)
	in.Resumed(Reading, 9_700, 9_800)
	r.record(Held, 1, 9_900, 0, 0, 0, int64(Received), [2]uint64{})
	r.record(Child, 0, 10_000, 4243, 0, 0, 0, preview([]byte("hijo 1")))
	r.record(Child, 0, -1, 4242, 0xffffffff, 0, 1, [2]uint64{})

	var got bytes.Buffer
	for i := range w {
		if word := binary.LittleEndian.Uint64(r.memory[8*i:]); word != 0 {
			fmt.Fprintf(&got, "%d %#x\n", i, word)
		}
	}
	const path = "testdata/golden.flight"
	if *update {
		if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("written:\n%s\nwant:\n%s", got.Bytes(), want)
	}
}
