package sim

import (
	"fmt"
	"os"
	"strings"

	"vivero/sim/control"
	"vivero/sim/flight"
)

const (
	// FlightVariable names the folder where workers keep their flight recorders; without it they keep none.
	FlightVariable = "VIVERO_FLIGHT"
	// AskedVariable is what the presenter asks of a process that starts now, as flight.Asked writes it.
	AskedVariable = "VIVERO_ASKED"
)

// record makes the flight recorder of this process. Without it the work is the same, so a folder that is gone or full is
// said, and nothing else.
func record(name, role string) *flight.Recorder {
	asked := flight.ParseAsked(os.Getenv(AskedVariable))
	dir := os.Getenv(FlightVariable)
	if dir == "" {
		return nil
	}
	if role != "" {
		name += " " + role
	}
	_, start, err := control.Identity(os.Getpid())
	var recorder *flight.Recorder
	if err == nil {
		recorder, err = flight.Create(dir, start, flight.Go, name, asked)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: it works, but what it does is not recorded: %v\n", name, err)
		return nil
	}
	return recorder
}

// childEnviron is env for a child that starts while asked is asked of its parent.
func childEnviron(env []string, asked flight.Asked) []string {
	kept := make([]string, 0, len(env)+1)
	for _, v := range env {
		if !strings.HasPrefix(v, AskedVariable+"=") {
			kept = append(kept, v)
		}
	}
	if text := asked.String(); text != "" {
		kept = append(kept, AskedVariable+"="+text)
	}
	return kept
}
