package stream

import (
	"vivero/server/proc"
	"vivero/server/tree"
)

// Columns are the fields of a row, in their order on the wire; Values those of a row of values.
var (
	Columns = []string{
		"id", "pid", "ppid", "parent", "name", "label", "workload", "role", "state",
		"cpu", "rss", "threads", "core", "started", "progress", "wait", "adopted",
		"waits", "on", "held", "gates", "ran", "ready",
	}
	Values = []string{
		"id", "state", "cpu", "rss", "threads", "core", "progress", "wait",
		"waits", "on", "held", "gates", "ran", "ready",
	}
)

// Meta is what a snapshot says of the program, the same for as long as it runs.
type Meta struct {
	Version string
	Rate    float64 // ticks a second
	Run     bool    // under `vivero run`
	Cap     int     // live processes at most
	Demo    []int   // ids of what the program started by itself, to open on something alive
}

// appendRow appends Columns of p.
func appendRow(b []byte, p *tree.Process) []byte {
	b = intField(b, "[", int64(p.ID))
	b = intField(b, ",", int64(p.PID))
	b = intField(b, ",", int64(p.PPID))
	b = intField(b, ",", int64(p.Parent))
	b = stringField(b, ",", p.Name)
	b = stringField(b, ",", p.Label)
	b = stringField(b, ",", p.Workload)
	b = stringField(b, ",", p.Role)
	b = stringField(b, ",", p.State)
	b = floatField(b, ",", p.CPU)
	b = uintField(b, ",", p.RSS)
	b = intField(b, ",", int64(p.Threads))
	b = intField(b, ",", int64(p.Core))
	b = intField(b, ",", p.Started)
	b = optionalField(b, ",", p.Progress)
	b = optionalField(b, ",", p.Wait)
	b = boolField(b, ",", p.Adopted)
	return appendWaiting(b, p)
}

// appendValues appends Values of p.
func appendValues(b []byte, p *tree.Process) []byte {
	b = intField(b, "[", int64(p.ID))
	b = stringField(b, ",", p.State)
	b = floatField(b, ",", p.CPU)
	b = uintField(b, ",", p.RSS)
	b = intField(b, ",", int64(p.Threads))
	b = intField(b, ",", int64(p.Core))
	b = optionalField(b, ",", p.Progress)
	b = optionalField(b, ",", p.Wait)
	return appendWaiting(b, p)
}

// appendWaiting appends the last columns, which rows and values share.
func appendWaiting(b []byte, p *tree.Process) []byte {
	b = stringField(b, ",", p.Waits)
	b = intField(b, ",", int64(p.On))
	b = boolField(b, ",", p.Held)
	b = boolField(b, ",", p.Gates)
	b = floatField(b, ",", p.Ran)
	b = optionalField(b, ",", p.Ready)
	return append(b, ']')
}

func appendMemory(b []byte, m tree.Memory) []byte {
	b = uintField(b, `{"total":`, m.Total)
	b = uintField(b, `,"used":`, m.Used)
	return append(b, '}')
}

func appendObserver(b []byte, o tree.Observer) []byte {
	b = floatField(b, `{"cpu":`, o.CPU)
	b = uintField(b, `,"rss":`, o.RSS)
	if o.Missed == nil {
		b = append(b, `,"missed":null`...)
	} else {
		b = intField(b, `,"missed":`, int64(*o.Missed))
	}
	b = boolField(b, `,"events":`, o.Events)
	return append(b, '}')
}

func appendControl(b []byte, c tree.Control) []byte {
	b = boolField(b, `{"paused":`, c.Paused)
	b = intField(b, `,"delay_ms":`, int64(c.Delay))
	return append(b, '}')
}

func appendHost(b []byte, h proc.Host) []byte {
	b = stringField(b, `{"name":`, h.Name)
	b = stringField(b, `,"os":`, h.OS)
	b = stringField(b, `,"kernel":`, h.Kernel)
	b = stringField(b, `,"arch":`, h.Arch)
	b = stringField(b, `,"cpu":`, h.CPU)
	b = intField(b, `,"cores":`, int64(h.Cores))
	b = intField(b, `,"physical":`, int64(h.Physical))
	b = intField(b, `,"boot":`, h.Boot)
	return append(b, '}')
}

// appendDelta appends the delta message without its events. viewers < 0 leaves that field out.
func appendDelta(b []byte, d *tree.Delta, viewers int) []byte {
	b = intField(b, `{"kind":"delta","at":`, d.At)
	if len(d.Rows) > 0 {
		b = append(b, `,"rows":[`...)
		for i := range d.Rows {
			b = comma(b, i)
			b = appendRow(b, &d.Rows[i])
		}
		b = append(b, ']')
	}
	if len(d.Values) > 0 {
		b = append(b, `,"values":[`...)
		for i := range d.Values {
			b = comma(b, i)
			b = appendValues(b, &d.Values[i])
		}
		b = append(b, ']')
	}
	if len(d.Gone) > 0 {
		b = appendIDs(append(b, `,"gone":`...), d.Gone)
	}
	b = appendTraffic(b, d)
	if d.Cores != nil {
		b = append(b, `,"cores":[`...)
		for i, busy := range d.Cores {
			b = comma(b, i)
			b = appendFloat(b, busy)
		}
		b = append(b, ']')
	}
	if d.Memory != nil {
		b = appendMemory(append(b, `,"memory":`...), *d.Memory)
	}
	if d.Observer != nil {
		b = appendObserver(append(b, `,"observer":`...), *d.Observer)
	}
	if d.Control != nil {
		b = appendControl(append(b, `,"control":`...), *d.Control)
	}
	if viewers >= 0 {
		b = intField(b, `,"viewers":`, int64(viewers))
	}
	return append(b, '}')
}

// appendEvent appends one event with the fields that its kind has in docs/stream.md.
func appendEvent(b []byte, e *tree.Event) []byte {
	b = stringField(b, `{"kind":`, e.Kind)
	b = uintField(b, `,"seq":`, e.Seq)
	b = intField(b, `,"at":`, e.At)
	b = intField(b, `,"id":`, int64(e.ID))
	b = intField(b, `,"pid":`, int64(e.PID))
	switch e.Kind {
	case "spawned":
		b = intField(b, `,"ppid":`, int64(e.PPID))
		b = intField(b, `,"parent":`, int64(e.Parent))
		b = stringField(b, `,"name":`, e.Name)
		b = stringField(b, `,"label":`, e.Label)
		b = stringField(b, `,"workload":`, e.Workload)
		b = stringField(b, `,"role":`, e.Role)
	case "exited":
		b = intField(b, `,"ppid":`, int64(e.PPID))
		b = stringField(b, `,"name":`, e.Name)
		b = stringField(b, `,"label":`, e.Label)
		if e.Signal != "" {
			b = stringField(b, `,"signal":`, e.Signal)
		} else if e.Status != nil {
			b = intField(b, `,"status":`, int64(*e.Status))
		}
		b = optionalField(b, `,"cpu":`, e.CPU)
		if e.RSS == nil {
			b = append(b, `,"rss":null`...)
		} else {
			b = uintField(b, `,"rss":`, *e.RSS)
		}
	case "signalled":
		b = stringField(b, `,"signal":`, e.Signal)
	case "output":
		b = stringField(b, `,"stream":`, e.Stream)
		b = stringField(b, `,"text":`, e.Text)
		if e.Skipped > 0 {
			b = intField(b, `,"skipped":`, int64(e.Skipped))
		}
	}
	return append(b, '}')
}

// appendFrame appends what one tick or one push has to say: its events, then the delta that belongs to them; an
// array if that is more than one message. heartbeat sends a delta though it is empty; viewers < 0 is unchanged.
// Nothing to say appends nothing.
func appendFrame(b []byte, d *tree.Delta, viewers int, heartbeat bool) []byte {
	changed := d.Changed() || viewers >= 0
	messages := len(d.Events)
	if changed || messages == 0 && heartbeat {
		messages++
		changed = true
	}
	if messages == 0 {
		return b
	}
	if messages > 1 {
		b = append(b, '[')
	}
	for i := range d.Events {
		b = comma(b, i)
		b = appendEvent(b, &d.Events[i])
	}
	if changed {
		b = comma(b, len(d.Events))
		b = appendDelta(b, d, viewers)
	}
	if messages > 1 {
		b = append(b, ']')
	}
	return b
}

// appendSnapshot appends the whole state as the given role sees it (only the field `role` differs).
func appendSnapshot(b []byte, s *tree.Snapshot, m *Meta, role Role, viewers int) []byte {
	b = intField(b, `{"kind":"snapshot","at":`, s.At)
	b = stringField(b, `,"role":`, string(role))
	b = uintField(b, `,"seq":`, s.Seq)
	b = stringField(b, `,"version":`, m.Version)
	b = appendHost(append(b, `,"host":`...), s.Host)
	b = stringField(b, `,"reader":`, s.Reader)
	b = floatField(b, `,"rate":`, m.Rate)
	b = boolField(b, `,"run":`, m.Run)
	b = intField(b, `,"cap":`, int64(m.Cap))
	if len(m.Demo) > 0 {
		b = appendIDs(append(b, `,"demo":`...), m.Demo)
	}
	b = appendNames(append(b, `,"columns":`...), Columns)
	b = appendNames(append(b, `,"values":`...), Values)
	b = append(b, `,"processes":[`...)
	for i := range s.Processes {
		b = comma(b, i)
		b = appendRow(b, &s.Processes[i])
	}
	b = append(b, `],"channels":`...)
	b = appendChannels(b, s.Channels)
	b = append(b, `,"cores":[`...)
	for i, c := range s.Cores {
		b = comma(b, i)
		b = intField(b, `{"id":`, int64(c.ID))
		b = floatField(b, `,"busy":`, c.Busy)
		b = append(b, '}')
	}
	b = appendMemory(append(b, `],"memory":`...), s.Memory)
	b = appendObserver(append(b, `,"observer":`...), s.Observer)
	b = appendControl(append(b, `,"control":`...), s.Control)
	b = intField(b, `,"viewers":`, int64(viewers))
	b = append(b, `,"events":[`...)
	for i := range s.Events {
		b = comma(b, i)
		b = appendEvent(b, &s.Events[i])
	}
	return append(b, `]}`...)
}

func appendNames(b []byte, names []string) []byte {
	b = append(b, '[')
	for i, n := range names {
		b = comma(b, i)
		b = appendString(b, n)
	}
	return append(b, ']')
}

// comma separates the items of a list: nothing before the first.
func comma(b []byte, i int) []byte {
	if i > 0 {
		return append(b, ',')
	}
	return b
}
