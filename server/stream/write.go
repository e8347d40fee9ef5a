package stream

import (
	"time"

	"github.com/fasthttp/websocket"
)

// write sends the backlog of s until the connection is stopped. It alone writes messages and pings.
func (c *conn) write(s *subscriber) {
	stall := c.hub.o.Limits.Stall
	ping := time.NewTicker(c.hub.o.Limits.Ping)
	defer ping.Stop()
	for {
		select {
		case <-c.done:
			return
		case <-ping.C:
			if c.ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(stall)) != nil {
				c.stop(0, "")
				return
			}
		case <-s.more:
			for f := s.next(); f != nil; f = s.next() {
				if c.ended() {
					return
				}
				_ = c.ws.SetWriteDeadline(time.Now().Add(f.patience(stall)))
				if c.ws.WritePreparedMessage(f.message) != nil {
					c.stop(0, "") // gone, or no progress: nothing can be written after a write that was cut off
					return
				}
			}
		}
	}
}

// step is how much of a frame counts as progress.
const step = 1 << 20

// patience is how long the writing of f may take: one stall for each MiB.
func (f *frame) patience(stall time.Duration) time.Duration {
	return stall * time.Duration(1+f.size/step)
}
