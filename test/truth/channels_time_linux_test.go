package truth_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"vivero/test/client"
)

// control is the answer of pace, pause, resume and step.
type control struct {
	Paused  bool  `json:"paused"`
	Delay   int   `json:"delay_ms"`
	Without []int `json:"without"`
}

// heldOrBlocked is the rest of a paused system: each worker stands at a gate, or waits for another one.
func heldOrBlocked(w client.Worker) bool {
	return w.Held || !w.Gates && w.State == "S" || w.State == "S" && (w.Waits == "read" || w.Waits == "write")
}

// TestPause holds, steps and slows real workers: what is started while paused stands at its first gate; a step lets
// exactly one message pass, however often; who has no gates is named; all that runs is held soon.
func TestPause(t *testing.T) {
	p := boot(t, "--rate", "50")
	f := p.Follow(client.Presenter, nil)
	idle := p.Start("idle", nil, 0, 1)[0]
	var answer control
	p.Must(200, "POST", "/api/pause", nil, &answer)
	if !answer.Paused || !slices.Equal(answer.Without, []int{idle.ID}) {
		t.Errorf("pause: %+v, want idle (%d) as the only one without gates", answer, idle.ID)
	}

	group := p.StartGroup("pipe", client.M{"rate": 0, "size": 40})
	writer, reader := p.Role(group, "writer"), p.Role(group, "reader")
	now := atRest(t, p, f, heldOrBlocked)
	if len(now.Channels) != 1 || *now.Channels[0].Sent != 0 || !now.Worker(writer.ID).Held || now.Worker(reader.ID).Waits != "read" || !now.Control.Paused {
		t.Fatalf("started while paused: %+v", now)
	}

	// Of the writer's steps each brings one message; the reader takes the first, and stands with it in its hand.
	for k := int64(1); k <= 5; k++ {
		p.Must(200, "POST", "/api/step", client.M{"process": writer.ID}, &answer)
		now = atRest(t, p, f, heldOrBlocked)
		c := now.Channels[0]
		if *c.Sent != k || *c.Received != 1 || *c.Depth != k-1 || c.Conserved() != nil {
			t.Fatalf("after %d steps of the writer: %s", k, c)
		}
	}
	for k := int64(2); k <= 3; k++ {
		p.Must(200, "POST", "/api/step", client.M{"process": reader.ID}, &answer)
		now = atRest(t, p, f, heldOrBlocked)
		if c := now.Channels[0]; *c.Sent != 5 || *c.Received != k {
			t.Fatalf("the reader's step %d: %s", k-1, c)
		}
	}
	p.Must(200, "POST", "/api/step", nil, &answer) // each one
	now = atRest(t, p, f, heldOrBlocked)
	if c := now.Channels[0]; *c.Sent != 6 || *c.Received != 4 {
		t.Fatalf("a step of all: %s", c)
	}

	// Slow motion: it goes on, one message at a time, and shows as held.
	p.Must(200, "POST", "/api/pace", client.M{"delay_ms": 30}, &answer)
	p.Must(200, "POST", "/api/resume", nil, &answer)
	if answer.Paused || answer.Delay != 30 {
		t.Errorf("resumed in slow motion: %+v", answer)
	}
	began, first := time.Now(), *now.Channels[0].Sent
	client.Eventually(t, "messages pass in slow motion", func() error {
		now := p.Traffic()
		passed := time.Since(began) // by now at most so many
		sent := *now.Channels[0].Sent - first
		if most := int64(passed/(30*time.Millisecond)) + 1; sent > most {
			t.Fatalf("%d messages in %v, with 30 ms for each", sent, passed)
		}
		if sent < 5 || !now.Worker(writer.ID).Held {
			return fmt.Errorf("%d sent, the writer held: %v", sent, now.Worker(writer.ID).Held)
		}
		return nil
	})

	// At full speed, and held again: soon, and for good.
	p.Must(200, "POST", "/api/pace", client.M{"delay_ms": 0}, &answer)
	client.Eventually(t, "it is fast again", func() error {
		if c := p.Traffic().Channels[0]; *c.Sent < 2000 {
			return fmt.Errorf("%s", c)
		}
		return nil
	})
	p.Must(200, "POST", "/api/pause", nil, &answer)
	now = atRest(t, p, f, heldOrBlocked)
	if err := now.Channels[0].Conserved(); err != nil {
		t.Error(err)
	}
}

// TestChannelRefusals asks for what is wrong: a sentence, and nothing happens.
func TestChannelRefusals(t *testing.T) {
	p := boot(t, "--rate", "50")
	idle := p.Start("idle", nil, 0, 1)[0]
	f := p.Follow(client.Presenter, nil)
	group := p.StartGroup("pipe", client.M{"rate": 1, "size": 16})
	var channel int
	client.Eventually(t, "the pipe is there", func() error {
		all := p.Traffic().Channels
		if len(all) != 1 || len(all[0].Writers) != 1 {
			return fmt.Errorf("channels: %v", all)
		}
		channel = all[0].ID
		return nil
	})
	text := func(n int) client.M { return client.M{"text": strings.Repeat("x", n)} }
	messages := fmt.Sprintf("/api/channels/%d/messages", channel)
	requests := []refusal{
		{"POST", "/api/step", nil, 409, "paused"},
		{"POST", "/api/step", client.M{"process": idle.ID}, 409, "paused"},
		{"POST", "/api/step", client.M{"process": 4711}, 404, "4711"},
		{"POST", "/api/step", client.M{"process": -1}, 400, "-1"},
		{"POST", "/api/pace", client.M{"delay_ms": -1}, 400, "0..10000, got -1"},
		{"POST", "/api/pace", client.M{"delay_ms": 10_001}, 400, "0..10000, got 10001"},
		{"POST", "/api/pace", client.M{"delay_ms": "fast"}, 400, "delay_ms"},
		{"POST", "/api/pace", client.M{}, 400, "delay_ms"},
		{"POST", messages, text(17), 400, "1..16 bytes"},
		{"POST", messages, text(5000), 400, "5000"},
		{"POST", messages, text(0), 400, "got 0"},
		{"POST", "/api/channels/4711/messages", text(5), 404, "4711"},
		{"POST", "/api/channels/x/messages", text(5), 400, "a channel id is"},
		{"POST", "/api/processes", client.M{"workload": "queue", "params": client.M{"slots": 11}}, 400, "msg_max"},
		{"POST", "/api/processes", client.M{"workload": "queue", "params": client.M{"slots": 0}}, 400, "slots"},
		{"POST", "/api/processes", client.M{"workload": "pipe", "params": client.M{"size": 4073}}, 400, "4072"},
		{"POST", "/api/processes", client.M{"workload": "pipe", "parent": idle.ID}, 409, "parent"},
	}
	refused(t, p, client.Presenter, nil, requests)
	var viewers []refusal
	for _, path := range []string{"pause", "resume", "step", "pace"} {
		viewers = append(viewers, refusal{"POST", "/api/" + path, client.M{}, 403, "presenter"})
	}
	refused(t, p, client.Viewer, nil, append(viewers, refusal{"POST", messages, text(5), 403, "presenter"}))
	now := p.Traffic()
	if now.Control.Paused || now.Control.Delay != 0 || *now.Channels[0].Sent != *now.Channels[0].Received+*now.Channels[0].Depth {
		t.Errorf("something happened: %+v", now)
	}

	p.Must(200, "POST", "/api/pause", nil, nil)
	refused(t, p, client.Presenter, nil, []refusal{{"POST", "/api/step", client.M{"process": idle.ID}, 409, "no gates"}})
	p.Must(200, "POST", "/api/resume", nil, nil)

	p.Signal(p.Role(group, "reader").ID, "KILL", false)
	p.Signal(p.Role(group, "writer").ID, "KILL", false)
	f.Await("the channel is gone", func(m *client.Model) bool { _, past := m.Past[channel]; return past })
	refused(t, p, client.Presenter, nil, []refusal{{"POST", messages, text(5), 404, fmt.Sprint(channel)}})
}

// TestFullMessages fills a queue and a pipe by the teacher alone, while all of its processes are stopped: what does not
// fit is refused, and what is inside is told at once.
func TestFullMessages(t *testing.T) {
	p := boot(t, "--rate", "50")
	f := p.Follow(client.Presenter, nil)
	for _, c := range []struct {
		workload string
		params   client.M
		room     int64
	}{
		{"queue", client.M{"rate": 1, "slots": 3, "size": 64, "delay_ms": 0, "vary": 0}, 3},
		{"pipe", client.M{"rate": 1, "size": 4072}, 16},
	} {
		group := p.StartGroup(c.workload, c.params)
		x := &ring{t: t, p: p, f: f, group: group, of: map[int]object{}, frame: 4096}
		id := x.flowing()[0]
		x.still(c.workload)
		before := channelOf(t, p, id)
		path := fmt.Sprintf("/api/channels/%d/messages", id)
		for n := *before.Depth; n < c.room; n++ {
			p.Must(201, "POST", path, client.M{"text": fmt.Sprintf("it is ½ past %d", n)}, nil)
		}
		refused(t, p, client.Presenter, nil, []refusal{{"POST", path, client.M{"text": "one more"}, 409, "try again"}})
		x.still(c.workload + ", full")
		if full := channelOf(t, p, id); *full.Depth != c.room || *full.Sent-*before.Sent != c.room-*before.Depth || *full.Received != *before.Received {
			t.Errorf("%s full: %s, before %s", c.workload, full, before)
		}
		x.goOn()
		client.Eventually(t, "it is emptied", func() error {
			if c := channelOf(t, p, id); *c.Received < *before.Sent+1 {
				return fmt.Errorf("%s", c)
			}
			return nil
		})
		for _, m := range group { // one may end by itself, without the other
			p.Call(client.Presenter, "POST", fmt.Sprintf("/api/processes/%d/signal", m.ID), client.M{"signal": "KILL"})
		}
		f.Await("it is gone", func(m *client.Model) bool { _, past := m.Past[id]; return past })
	}
}

// channelOf is one channel now; the test fails if it is not there.
func channelOf(t testing.TB, p *client.Program, id int) client.Channel {
	t.Helper()
	for _, c := range p.Traffic().Channels {
		if c.ID == id {
			return c
		}
	}
	t.Fatal(errors.New("the channel is gone"))
	return client.Channel{}
}
