package api

import (
	"errors"
	"io"
	"net"
	"runtime/debug"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"vivero/server/refusal"
)

// failed answers every error as {"error":"a sentence"}. Refusals carry their own; what fiber and fasthttp refuse gets
// one here; all else is a fault of ours: logged whole, and shown as that.
func (s *Server) failed(c *fiber.Ctx, err error) error {
	s.headers(c)
	var refused *refusal.Error
	var theirs *fiber.Error
	status, sentence := fiber.StatusInternalServerError, ""
	switch {
	case errors.As(err, &refused):
		status, sentence = refused.Status, refused.Sentence
	case errors.As(err, &theirs):
		status, sentence = theirs.Code, explain(theirs)
		switch status {
		case fiber.StatusRequestEntityTooLarge:
			drain(c.Context().Conn())
		case fiber.StatusBadGateway: // fiber's word for a connection that broke while it was read: no fault of ours
			status = fiber.StatusBadRequest
		}
	}
	if status >= fiber.StatusInternalServerError && status != fiber.StatusServiceUnavailable {
		// The path is shown to those who can read the log; a query or a header could hold a token and is not.
		s.log.Error("api: failed", "method", c.Method(), "path", clip(c.Path()), "error", err.Error())
		sentence = "Vivero failed at this: its log, in the terminal that it was started from, says why"
	}
	return c.Status(status).JSON(fiber.Map{"error": sentence})
}

// explain says in a sentence what fiber says in a word.
func explain(e *fiber.Error) string {
	switch e.Code {
	case fiber.StatusNotFound:
		return "there is nothing at this address"
	case fiber.StatusMethodNotAllowed:
		return "this address exists, but not with this method"
	case fiber.StatusRequestEntityTooLarge:
		return "the body is too large: at most 1 MiB"
	case fiber.StatusRequestHeaderFieldsTooLarge:
		return "the request's headers are too large: at most 16 KiB"
	case fiber.StatusRequestTimeout:
		return "the request did not come in time"
	case fiber.StatusUpgradeRequired:
		return "this address is a websocket: it needs a proper upgrade"
	case fiber.StatusBadRequest, fiber.StatusBadGateway:
		return "this is not a proper HTTP request"
	}
	return e.Message
}

// drain reads what a client still sends of a body that was refused: closed with unread bytes in it the socket would be
// reset, and most clients would see that instead of the answer. Bounded in bytes and in time; nothing is kept.
func drain(c net.Conn) {
	if c == nil {
		return
	}
	const most, quiet, longest = 16 << 20, 100 * time.Millisecond, 2 * time.Second
	end := time.Now().Add(longest)
	buf := make([]byte, 32<<10)
	for n := 0; n < most && time.Now().Before(end); {
		_ = c.SetReadDeadline(time.Now().Add(quiet))
		m, err := c.Read(buf)
		n += m
		if err != nil {
			if err != io.EOF {
				_ = c.SetReadDeadline(time.Time{})
			}
			return
		}
	}
}

// outermost stands around fiber: it catches panics wherever they happen (one in a handler would end the whole server),
// and answers methods that fiber does not know, for which it has no error handler.
func (s *Server) outermost(next fasthttp.RequestHandler) fasthttp.RequestHandler {
	known := map[string]bool{}
	for _, m := range fiber.DefaultMethods {
		known[m] = true
	}
	return func(ctx *fasthttp.RequestCtx) {
		defer func() {
			if r := recover(); r != nil {
				s.log.Error("api: panic", "method", string(ctx.Method()), "path", clip(string(ctx.Path())), "panic", r, "stack", string(debug.Stack()))
				ctx.Response.Reset()
				s.bare(ctx, fiber.StatusInternalServerError, "Vivero failed at this: its log, in the terminal that it was started from, says why")
			}
		}()
		if !known[string(ctx.Method())] {
			s.bare(ctx, fiber.StatusMethodNotAllowed, "this method is not known here")
			return
		}
		next(ctx)
	}
}

// bare answers without fiber. sentence is one of ours and needs no escaping.
func (s *Server) bare(ctx *fasthttp.RequestCtx, status int, sentence string) {
	c := s.app.AcquireCtx(ctx)
	defer s.app.ReleaseCtx(c)
	s.headers(c)
	_ = c.Status(status).JSON(fiber.Map{"error": sentence})
}
