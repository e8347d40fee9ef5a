package api

import (
	"context"
	"encoding/json"

	"github.com/gofiber/fiber/v2"

	"vivero/server/refusal"
	"vivero/server/stream"
	"vivero/server/tree"
)

// routes lists every address there is. A test holds this list against a matrix of roles: a route that is not in the
// matrix fails it.
func (s *Server) routes() {
	a := s.app
	a.Use(s.first, s.host, s.origin, s.body)

	for path, f := range s.files {
		a.Get(path, f.serve)
	}
	a.Get("/healthz", func(c *fiber.Ctx) error { return c.JSON(fiber.Map{"status": "ok"}) })
	a.Add(fiber.MethodGet, "/ws", s.hub.Handler(s.guard.role)) // its token is in the first message

	a.Use("/api", s.token)
	a.Get("/api/workloads", s.getWorkloads)
	a.Get("/api/tree", s.getTree)
	a.Get("/api/processes/:id", s.getProcess)
	a.Get("/api/processes/:id/output", s.getOutput)
	a.Post("/api/processes", presenter, s.start)
	a.Post("/api/processes/:id/signal", presenter, s.signal)
	a.Delete("/api/processes/:id", presenter, s.end)
	a.Post("/api/end-all", presenter, s.endAll)
	a.Post("/api/pace", presenter, s.pace)
	a.Post("/api/pause", presenter, s.pause)
	a.Post("/api/resume", presenter, s.resume)
	a.Post("/api/step", presenter, s.step)
	a.Post("/api/channels/:id/messages", presenter, s.send)
}

func (s *Server) first(c *fiber.Ctx) error {
	s.headers(c)
	return c.Next()
}

// work is the context of one call of the backend. It ends with the server, not with the request: fasthttp cannot tell
// that a client is gone, and a start that has begun is better finished than half done.
func (s *Server) work() (context.Context, context.CancelFunc) {
	return context.WithTimeout(s.ctx, workTimeout)
}

func (s *Server) getWorkloads(c *fiber.Ctx) error {
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	return c.Send(s.workloads)
}

func (s *Server) getTree(c *fiber.Ctx) error {
	ctx, done := s.work()
	defer done()
	t, err := s.backend.Snapshot(ctx)
	if err != nil {
		return err
	}
	if t.Processes == nil {
		t.Processes = []tree.Process{}
	}
	if t.Channels == nil {
		t.Channels = []tree.Channel{}
	}
	if t.Cores == nil {
		t.Cores = []tree.Core{}
	}
	return c.JSON(t)
}

// getProcess is the row and the details. Command line and environment can hold secrets: they are the presenter's.
func (s *Server) getProcess(c *fiber.Ctx) error {
	n, err := id(c, "process")
	if err != nil {
		return err
	}
	ctx, done := s.work()
	defer done()
	isPresenter := role(c) == stream.Presenter
	d, err := s.backend.Details(ctx, n, isPresenter)
	if err != nil {
		return err
	}
	if isPresenter {
		return c.JSON(d)
	}
	// The backend left them out; that they cannot leak is decided here, where the roles are known.
	b, err := json.Marshal(d)
	if err != nil {
		return err
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(b, &fields); err != nil {
		return err
	}
	delete(fields, "cmdline")
	delete(fields, "environ")
	return c.JSON(fields)
}

func (s *Server) getOutput(c *fiber.Ctx) error {
	n, err := id(c, "process")
	if err != nil {
		return err
	}
	ctx, done := s.work()
	defer done()
	out, err := s.backend.Output(ctx, n)
	if err != nil {
		return err
	}
	return c.JSON(out)
}

// maxCount is the most processes that one request may start; the cap on live ones is the backend's.
const maxCount = 1000

func (s *Server) start(c *fiber.Ctx) error {
	var b struct {
		Workload string                     `json:"workload"`
		Params   map[string]json.RawMessage `json:"params"`
		Parent   *int                       `json:"parent"`
		Count    *int                       `json:"count"`
	}
	if err := decode(c, "start", &b); err != nil {
		return err
	}
	r := StartRequest{Workload: b.Workload, Params: b.Params, Count: 1}
	if r.Workload == "" {
		return refusal.Invalid("start: workload is missing: GET /api/workloads lists them")
	}
	what := "start " + clip(r.Workload)
	if b.Parent != nil {
		if r.Parent = *b.Parent; r.Parent < 0 || r.Parent > maxID {
			return refusal.Invalid("%s: parent must be the id of a process, got %d", what, r.Parent)
		}
	}
	if b.Count != nil {
		if r.Count = *b.Count; r.Count < 1 || r.Count > maxCount {
			return refusal.Invalid("%s: count must be 1..%d, got %d", what, maxCount, r.Count)
		}
	}
	ctx, done := s.work()
	defer done()
	started, err := s.backend.Start(ctx, r)
	if err != nil {
		return err
	}
	return c.Status(fiber.StatusCreated).JSON(started)
}

func (s *Server) signal(c *fiber.Ctx) error {
	n, err := id(c, "process")
	if err != nil {
		return err
	}
	var b struct {
		Signal string `json:"signal"`
		Tree   bool   `json:"tree"`
	}
	if err := decode(c, "signal", &b); err != nil {
		return err
	}
	name, err := signalName(b.Signal)
	if err != nil {
		return err
	}
	ctx, done := s.work()
	defer done()
	return signalled(c)(s.backend.Signal(ctx, n, name, b.Tree))
}

func (s *Server) end(c *fiber.Ctx) error {
	n, err := id(c, "process")
	if err != nil {
		return err
	}
	all, err := subtree(c)
	if err != nil {
		return err
	}
	ctx, done := s.work()
	defer done()
	return signalled(c)(s.backend.End(ctx, n, all))
}

func (s *Server) endAll(c *fiber.Ctx) error {
	if err := decode(c, "end all", &struct{}{}); err != nil {
		return err
	}
	ctx, done := s.work()
	defer done()
	return signalled(c)(s.backend.EndAll(ctx))
}

// signalled answers with the ids that got a signal.
func signalled(c *fiber.Ctx) func([]int, error) error {
	return func(ids []int, err error) error {
		if err != nil {
			return err
		}
		if ids == nil {
			ids = []int{}
		}
		return c.JSON(fiber.Map{"signalled": ids})
	}
}
