package ipc

import (
	"bytes"
	"strings"
	"testing"
)

func TestFrameIsReadAsWritten(t *testing.T) {
	frame := make([]byte, HeaderSize+8)
	want := Header{Length: 5, Sender: 4_194_304, Number: 1 << 40, At: 123456789012345}
	want.Put(frame)
	copy(frame[HeaderSize:], "hello")
	golden := "\x05\x00\x00\x00\x00\x00\x40\x00\x00\x00\x00\x00\x00\x01\x00\x00\x79\xdf\x0d\x86\x48\x70\x00\x00hello\x00\x00\x00"
	if string(frame) != golden {
		t.Errorf("the bytes are %q, want %q", frame, golden)
	}
	got, payload, err := Parse(frame)
	if err != nil || got != want || string(payload) != "hello" {
		t.Errorf("%+v, %q, %v", got, payload, err)
	}
}

func TestBadFramesAreRefused(t *testing.T) {
	for text, why := range map[string]string{
		"":                                  "shorter than its header",
		strings.Repeat("\x00", 23):          "shorter than its header",
		strings.Repeat("\x00", 24):          "without a number",
		strings.Repeat("\xff", 24):          "says it has 4294967295 bytes",
		"\x02" + strings.Repeat("\x00", 24): "says it has 2 bytes, but 1 came",
	} {
		if _, _, err := Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%q: %v, want %q in it", text, err, why)
		}
	}
}

// FuzzParse: whatever comes, no more is believed than came, and what is believed is written back the same.
func FuzzParse(f *testing.F) {
	f.Add([]byte("\x05\x00\x00\x00\x00\x00\x40\x00\x00\x00\x00\x00\x00\x01\x00\x00\x79\xdf\x0d\x86\x48\x70\x00\x00hello\x00\x00\x00"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, frame []byte) {
		h, payload, err := Parse(frame)
		if err != nil {
			return
		}
		if len(payload) != int(h.Length) || len(payload) > len(frame)-HeaderSize || h.Number == 0 || h.Sender == 0 {
			t.Fatalf("%+v with %d bytes of %d", h, len(payload), len(frame))
		}
		again := make([]byte, HeaderSize)
		h.Put(again)
		if !bytes.Equal(again, frame[:HeaderSize]) {
			t.Fatalf("%x was written back as %x", frame[:HeaderSize], again)
		}
	})
}
