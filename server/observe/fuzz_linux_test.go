package observe

import (
	"encoding/binary"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func FuzzParseStat(f *testing.F) {
	captured(f, "100/stat", "101/stat", "102/stat", "104/stat", "stat")
	f.Fuzz(func(t *testing.T, b []byte) {
		var s stat
		if parseStat(b, &s) && (s.pid <= 0 || len(s.comm) > len(b) || s.state == 0) {
			t.Errorf("%+v", s)
		}
	})
}

func FuzzParseNumbers(f *testing.F) {
	captured(f, "100/schedstat", "100/task/100/children", "stat", "meminfo")
	f.Fuzz(func(t *testing.T, b []byte) {
		if ran, waited, ok := parseSchedstat(b); ok && (ran < 0 || waited < 0) {
			t.Errorf("ran %d, waited %d", ran, waited)
		}
		for rest := b; ; {
			pid, next, ok := nextPID(rest)
			if !ok {
				break
			}
			if pid <= 0 || len(next) >= len(rest) {
				t.Fatalf("pid %d, %d bytes left of %d", pid, len(next), len(rest))
			}
			rest = next
		}
		cores, _ := parseCores(b, nil)
		for _, c := range cores {
			if share := busyShare(coreTimes{}, c, 0); share < 0 || share > 1 {
				t.Errorf("share %v of %v", share, c)
			}
		}
		if total, used, ok := parseMemory(b); ok && used > total {
			t.Errorf("%d used of %d", used, total)
		}
		parseStatm(b)
		parseForks(b)
		parseRollup(b)
	})
}

func FuzzLabel(f *testing.F) {
	f.Add("python3", []byte("python3\x00-u\x00-m\x00http.server\x00"))
	f.Add("sh", []byte("sh\x00-c\x00curl -H 'Authorization: secret'\x00"))
	f.Add("bash", []byte("bash\x00-eo\x00pipefail\x00x.sh\x00--password\x00secret\x00"))
	f.Add("node", []byte("node\x00--title\x00secret\x00"))
	f.Add("\xff\x00", []byte{0xff, 0, 0})
	f.Fuzz(func(t *testing.T, comm string, cmdline []byte) {
		l := Label(comm, cmdline)
		if !utf8.ValidString(l) || utf8.RuneCountInString(l) > labelRunes || strings.ContainsFunc(l, unicode.IsControl) {
			t.Errorf("label %q", l)
		}
	})
}

func FuzzNetlink(f *testing.F) {
	fork := make([]byte, atData+24)
	binary.NativeEndian.PutUint32(fork[16:], cnIdxProc)
	binary.NativeEndian.PutUint32(fork[20:], cnValProc)
	binary.NativeEndian.PutUint32(fork[atWhat:], whatFork)
	f.Add(fork)
	f.Add(append([]byte{0, 0, 0, 0, 30, 0, 0, 0}, make([]byte, 500)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		var e connectorEvent
		if parseConnector(b, &e) && (e.pid <= 0 || e.tgid <= 0) {
			t.Errorf("%+v", e)
		}
		var o obituary
		if parseObituary(b, 30, &o) && (o.pid <= 0 || len(o.name) > 32) {
			t.Errorf("%+v", o)
		}
	})
}
