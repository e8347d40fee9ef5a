package live

import (
	"vivero/server/observe"
	"vivero/server/proc"
	"vivero/server/spawn"
	"vivero/sim/flight"
)

// channels opens what watches them, and asks the spawner to tell of those that it makes.
func (l *Live) channels(s *spawn.Options) {
	var err error
	l.traffic, err = observe.NewTraffic(observe.TrafficOptions{
		Root: l.o.Root.PID, FlightDir: l.o.FlightDir, Coarse: l.o.Reader.Name() != "procfs",
		Log: func(sentence string) { l.o.Log.Warn(sentence) },
	})
	if err != nil {
		l.o.Log.Warn("not all channels are shown", "why", err)
		return
	}
	l.gates = l.traffic
	s.FlightDir, s.Python = l.o.FlightDir, l.o.Python
	s.Asked = func() flight.Asked {
		if a := l.asked.Load(); a != nil {
			return *a
		}
		return flight.Asked{}
	}
	s.OnChannel = func(c spawn.Channel) {
		l.post(func() {
			watch, err := l.spawner.WatchQueue(c.Key)
			if err != nil {
				watch = -1 // a pipe, or gone already
			}
			l.traffic.AddChannel(c.Key, c.Name, c.Frame, c.Slots, watch)
		})
	}
	s.OnChannelGone = func(key proc.ChannelKey) { l.post(func() { l.traffic.RemoveChannel(key) }) }
}
