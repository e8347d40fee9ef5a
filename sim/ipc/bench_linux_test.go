package ipc

import (
	"fmt"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// What is measured: 16-byte messages, one write each, between two processes at full speed. Machines are noisy, so all is
// measured in turns within one run, and what is reported is the median over the turns.

var benched = []Spec{{"pipe", Pipe, 16, 0}, {"queue", Queue, 16, 10}}

// turn sends n messages, bare (blocking calls, nothing tried first, nothing recorded, no gates) or recorded (all of it),
// and is what a message took: time that passed, and time on a core in both processes, in ns.
func turn(b *testing.B, s Spec, how string, n int) (passed, cpu float64) {
	m := create(b, s)
	folder := ""
	if how == "recorded" {
		folder = b.TempDir()
	}
	count := fmt.Sprint(n)
	reader := begin(b, m, ForRead, "read", count, folder, how)
	writer := begin(b, m, ForWrite, "write", count, folder, how)
	m.Close()
	m.CloseWatch()
	for _, p := range []*process{writer, reader} {
		said := p.end()
		if !strings.HasSuffix(said, "all") {
			b.Fatal(said)
		}
		if p == reader { // from the first message on: starting a process is not what is measured
			var count, bytes int
			var ns float64
			if _, err := fmt.Sscanf(said, "received %d %d in %f ns: all", &count, &bytes, &ns); err != nil {
				b.Fatal(said, err)
			}
			passed = ns / float64(n)
		}
		u := p.ProcessState.SysUsage().(*syscall.Rusage)
		cpu += float64(u.Utime.Nano() + u.Stime.Nano())
	}
	return passed, cpu / float64(n)
}

// BenchmarkRecorder tells what the recorder, with trying first and gates, costs of the throughput: the share of the bare
// time that is added ('%time'), and of the bare processor time ('%cpu', the steadier of the two).
func BenchmarkRecorder(b *testing.B) {
	for _, s := range benched {
		b.Run(s.Kind, func(b *testing.B) {
			const n = 200_000
			var times, cpus, rates, bares []float64
			for b.Loop() {
				bare, bareCPU := turn(b, s, "bare", n)
				recorded, recordedCPU := turn(b, s, "recorded", n)
				times, cpus = append(times, recorded/bare-1), append(cpus, recordedCPU/bareCPU-1)
				rates, bares = append(rates, 1e9/recorded), append(bares, 1e9/bare)
			}
			b.ReportMetric(100*median(times), "%time")
			b.ReportMetric(100*median(cpus), "%cpu")
			b.ReportMetric(median(rates), "msg/s")
			b.ReportMetric(median(bares), "bare-msg/s")
		})
	}
}

// pythonPeer sends and receives 16-byte messages by multiprocessing and prints how many a second came.
const pythonPeer = `
import multiprocessing as mp, sys, time
kind, n = sys.argv[1], int(sys.argv[2])
def pipe(w):
    text = 'x' * 16
    for _ in range(n): w.send(text)
def queue(q):
    text = 'x' * 16
    for _ in range(n): q.put(text)
if __name__ == '__main__':
    mp.set_start_method('fork')
    if kind == 'pipe':
        r, w = mp.Pipe()
        p = mp.Process(target=pipe, args=(w,)); take = r.recv
    else:
        q = mp.Queue()
        p = mp.Process(target=queue, args=(q,)); take = q.get
    p.start(); take(); began = time.monotonic()
    for _ in range(n - 1): take()
    print((n - 1) / (time.monotonic() - began)); p.join()
`

// BenchmarkAgainstPython tells how many times as fast our recorded pipe and queue are as multiprocessing's Pipe and
// Queue, used as one does: send and recv, put and get, of a short str.
func BenchmarkAgainstPython(b *testing.B) {
	python, err := exec.LookPath("python3")
	if err != nil {
		b.Skip("there is no python3")
	}
	for _, s := range benched {
		b.Run(s.Kind, func(b *testing.B) {
			var ratios, rates, theirs []float64
			for b.Loop() {
				passed, _ := turn(b, s, "recorded", 200_000)
				out, err := exec.Command(python, "-c", pythonPeer, s.Kind, "30000").Output()
				if err != nil {
					b.Fatal(err)
				}
				python, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
				if err != nil {
					b.Fatal(err)
				}
				ratios, rates, theirs = append(ratios, 1e9/passed/python), append(rates, 1e9/passed), append(theirs, python)
			}
			b.ReportMetric(median(ratios), "times-python")
			b.ReportMetric(median(rates), "msg/s")
			b.ReportMetric(median(theirs), "python-msg/s")
		})
	}
}

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}
