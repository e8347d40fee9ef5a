//go:build unix

// Package keeper makes sure that nothing stays behind, however Vivero ends.
//
// Vivero is two processes. The one that was started is the keeper: it starts this program again as the server, passes
// signals and the exit status on, and does nothing else. Both are child subreapers, so whichever of the two dies, by
// SIGKILL too, the other inherits every orphan and sweeps: it stops all, kills all, reaps all, until no child is left, and
// removes the run's folder.
//
//	shell -> keeper  --socket pair-->  server -> workers, commands, their children
//
// The socket pair carries the keeper's order (folder, secrets) to the server, one byte back when the command of 'run' has
// ended, and its end tells either of the other's death. A stopped server is continued by Pdeathsig=SIGCONT.
//
// Goroutines: Run has one that passes signals on and one that waits for the server's byte; Watch has one. All live until
// the process exits. Absent on purpose: the keeper never serves, never logs, never reads standard input, and knows no
// package of ours but sweep. Not covered: both killed at the same instant, or the keeper stopped by hand while the server
// is killed (it sweeps once it is continued).
//
// Only Linux has subreapers and a signal at the parent's death. Elsewhere the server runs alone (Alone) and an ordered
// end cleans up; a SIGKILL may leave processes behind.
package keeper

// Options are what the keeper is to do and to hand on.
type Options struct {
	// Terminal: the server starts a command that has the terminal ('vivero run'). The server then stays in the session,
	// in a background group of its own, and an interrupt from the keyboard is the command's until that has ended.
	Terminal bool
	// Secret reaches the server through the socket pair: not in its arguments, not in its environment. At most 16 kB.
	Secret []byte
}

// Link is the server's end of what joins it with its keeper.
type Link struct {
	Dir    string // the run's folder: ours alone (0700), in memory where that is possible, removed at the end
	Group  int    // the keeper's process group, which the command of 'run' joins
	Secret []byte // Options.Secret

	socket int // -1: there is no keeper
	folder *folder
}

// order is the one message from keeper to server, a line of JSON.
type order struct {
	Dir    string `json:"dir"`
	Group  int    `json:"group"`
	Lock   int    `json:"lock"` // descriptor whose lock says that the folder is in use
	Secret []byte `json:"secret"`
}

// Alone is the Link of a server without a keeper. It must Leave, as any other.
func Alone(secret []byte) (*Link, error) {
	f, err := makeFolder(places())
	if err != nil {
		return nil, err
	}
	sweepFolders(places())
	return &Link{Dir: f.path, Group: processGroup(), Secret: secret, socket: -1, folder: f}, nil
}

// Shared is true when the keyboard's interrupts reach this process and the command of 'run' alike: without a keeper the
// server is in the command's group.
func (l *Link) Shared() bool { return l.socket < 0 && inForeground() }
