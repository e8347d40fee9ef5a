// Package api is the HTTP side of Vivero: the page's files, the API, the upgrade to the stream.
//
//	request -> Host -> Origin, Sec-Fetch-Site -> body -> token -> role -> a route -> Backend -> JSON
//
// A route reads and checks what was sent, calls the Backend once and answers; errors go to one handler, which makes a
// sentence of each. fasthttp starts a goroutine for each connection; Shutdown returns when none is left.
//
// Absent on purpose: state of the tree; authority but that of two tokens; starting or signalling but through the Backend;
// trust in a proxy's headers; sessions and cookies.
package api

import (
	"context"
	"encoding/json"
	"time"

	"vivero/server/tree"
)

// Backend is what the API needs of the program behind it. Errors that are refusal.Error carry their HTTP status;
// every other error is a fault (500).
type Backend interface {
	// Snapshot is the tree now.
	Snapshot(ctx context.Context) (tree.Snapshot, error)
	// Start starts all that r asks for, or nothing.
	Start(ctx context.Context, r StartRequest) ([]Started, error)
	// Signal sends one signal to a process, or to it and all its descendants, and names those that got it.
	Signal(ctx context.Context, id int, signal string, subtree bool) ([]int, error)
	// End sends TERM (and CONT to those stopped), then KILL after the grace time, without waiting for either.
	End(ctx context.Context, id int, subtree bool) ([]int, error)
	// EndAll ends every process but the root.
	EndAll(ctx context.Context) ([]int, error)
	// Details is the slow, full look at one process; arguments and environment only for the presenter.
	Details(ctx context.Context, id int, presenter bool) (any, error)
	// Output is what a process wrote lately.
	Output(ctx context.Context, id int) (Output, error)

	// Pace makes every worker wait at each of its gates; 0 lets them run.
	Pace(ctx context.Context, delay time.Duration) (Held, error)
	// Pause holds every worker at its next gate, Resume lets all go on.
	Pause(ctx context.Context) (Held, error)
	Resume(ctx context.Context) (Held, error)
	// Step lets one process, or each if id is 0, pass one gate. Only while paused.
	Step(ctx context.Context, id int) (Held, error)
	// Send puts a message of the teacher's into a channel that we made.
	Send(ctx context.Context, channel int, text string) error
}

// Held is how time is controlled.
type Held struct {
	tree.Control
	// Without are the ids of the processes that have no gates: nothing holds them.
	Without []int `json:"without"`
}

// StartRequest is the body of POST /api/processes.
type StartRequest struct {
	Workload string                     `json:"workload"`
	Params   map[string]json.RawMessage `json:"params"`
	Parent   int                        `json:"parent"` // id, 0: the server itself
	Count    int                        `json:"count"`  // 0 means 1
}

// Started names one process that was started.
type Started struct {
	ID   int    `json:"id"`
	PID  int    `json:"pid"`
	Role string `json:"role,omitempty"` // its part in the workload, "" if it has none
}

// Output is the latest of what a process wrote, at most 64 kB of each stream.
type Output struct {
	Stdout string `json:"stdout"`
	Stderr string `json:"stderr"`
	Note   string `json:"note,omitempty"` // why there is none, if there is none
}
