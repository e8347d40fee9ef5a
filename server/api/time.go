package api

import (
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"vivero/server/refusal"
)

// maxDelay is the slowest motion: a step each ten seconds.
const maxDelay = 10 * time.Second

// maxText bounds a message of the teacher's; what fits a channel is the backend's to say.
const maxText = 4096

func (s *Server) pace(c *fiber.Ctx) error {
	var b struct {
		Delay *int `json:"delay_ms"`
	}
	if err := decode(c, "pace", &b); err != nil {
		return err
	}
	most := int(maxDelay / time.Millisecond)
	if b.Delay == nil {
		return refusal.Invalid("pace: delay_ms is missing: 0..%d, 0 for full speed", most)
	}
	if *b.Delay < 0 || *b.Delay > most {
		return refusal.Invalid("pace: delay_ms must be 0..%d, got %d", most, *b.Delay)
	}
	ctx, done := s.work()
	defer done()
	return held(c)(s.backend.Pace(ctx, time.Duration(*b.Delay)*time.Millisecond))
}

func (s *Server) pause(c *fiber.Ctx) error {
	if err := decode(c, "pause", &struct{}{}); err != nil {
		return err
	}
	ctx, done := s.work()
	defer done()
	return held(c)(s.backend.Pause(ctx))
}

func (s *Server) resume(c *fiber.Ctx) error {
	if err := decode(c, "resume", &struct{}{}); err != nil {
		return err
	}
	ctx, done := s.work()
	defer done()
	return held(c)(s.backend.Resume(ctx))
}

func (s *Server) step(c *fiber.Ctx) error {
	var b struct {
		Process *int `json:"process"`
	}
	if err := decode(c, "step", &b); err != nil {
		return err
	}
	process := 0
	if b.Process != nil {
		if process = *b.Process; process < 1 || process > maxID {
			return refusal.Invalid("step: process must be the id of a process, got %d", process)
		}
	}
	ctx, done := s.work()
	defer done()
	return held(c)(s.backend.Step(ctx, process))
}

// held answers with how time is controlled now.
func held(c *fiber.Ctx) func(Held, error) error {
	return func(h Held, err error) error {
		if err != nil {
			return err
		}
		if h.Without == nil {
			h.Without = []int{}
		}
		return c.JSON(h)
	}
}

func (s *Server) send(c *fiber.Ctx) error {
	n, err := id(c, "channel")
	if err != nil {
		return err
	}
	var b struct {
		Text string `json:"text"`
	}
	if err := decode(c, "send", &b); err != nil {
		return err
	}
	if b.Text == "" || len(b.Text) > maxText || !utf8.ValidString(b.Text) {
		return refusal.Invalid("send: text must be 1 to %d bytes, got %d", maxText, len(b.Text))
	}
	ctx, done := s.work()
	defer done()
	if err := s.backend.Send(ctx, n, b.Text); err != nil {
		return err
	}
	return c.Status(fiber.StatusCreated).JSON(fiber.Map{"sent": true})
}
