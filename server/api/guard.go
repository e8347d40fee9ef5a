package api

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"strings"
	"sync"
	"time"

	"vivero/server/refusal"
	"vivero/server/stream"
)

// Tokens open the doors; an empty one opens none.
type Tokens struct {
	Presenter string // may do everything
	Viewer    string // may look
}

// guessLimit wrong tokens within guessWindow are answered as wrong; more are answered with 429, until the window
// is over. The right ones work all the time: otherwise a student could lock the teacher out.
const (
	guessLimit  = 200
	guessWindow = time.Minute
)

// guard tells the role of a token. Tokens are kept and compared as hashes, so the time it takes tells nothing of
// them, not even their length.
type guard struct {
	presenter, viewer         [sha256.Size]byte
	hasPresenter, hasViewer   bool
	presenterFromLoopbackOnly bool

	now   func() time.Time
	mu    sync.Mutex
	since time.Time
	wrong int
}

func newGuard(t Tokens, loopbackOnly bool, now func() time.Time) *guard {
	return &guard{
		presenter: sha256.Sum256([]byte(t.Presenter)), hasPresenter: t.Presenter != "",
		viewer: sha256.Sum256([]byte(t.Viewer)), hasViewer: t.Viewer != "",
		presenterFromLoopbackOnly: loopbackOnly, now: now,
	}
}

// role is what token allows someone at remote. Errors are refusals: 401 for none or a wrong one, 429 after too many
// wrong ones, 403 for the presenter's over the open network.
func (g *guard) role(token string, remote net.Addr) (stream.Role, error) {
	if token == "" {
		return "", &refusal.Error{Status: 401, Sentence: "a token is needed: open the link that Vivero printed when it started"}
	}
	hash := sha256.Sum256([]byte(token))
	// Both are compared, always.
	presenter := subtle.ConstantTimeCompare(hash[:], g.presenter[:]) == 1 && g.hasPresenter
	viewer := subtle.ConstantTimeCompare(hash[:], g.viewer[:]) == 1 && g.hasViewer
	switch {
	case presenter && g.presenterFromLoopbackOnly && !loopback(remote):
		return "", refusal.Forbidden("the presenter's link works only on the computer that Vivero runs on, unless it is started with TLS; use the viewers' link")
	case presenter:
		return stream.Presenter, nil
	case viewer:
		return stream.Viewer, nil
	}
	if g.guessed() {
		return "", refusal.TooMany("too many wrong tokens: wait a minute, or open the link that Vivero printed when it started")
	}
	return "", &refusal.Error{Status: 401, Sentence: "this token is not of this run of Vivero: open the link that it printed when it started"}
}

// guessed counts a wrong token and tells whether there were too many.
func (g *guard) guessed() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if now := g.now(); now.Sub(g.since) >= guessWindow {
		g.since, g.wrong = now, 0
	}
	g.wrong++
	return g.wrong > guessLimit
}

func loopback(a net.Addr) bool {
	tcp, ok := a.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}

// bearer is the token of an Authorization header, "" if there is none.
func bearer(header string) string {
	scheme, token, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}
