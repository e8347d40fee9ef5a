package api

import (
	"bytes"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"vivero/server/refusal"
	"vivero/server/stream"
)

// The checks that every request passes, in this order: Host, Origin and Sec-Fetch-Site, body; then, under /api, the
// token; then the role that the route asks for. X-Forwarded-* is never looked at: there is no proxy.

// headers stand on every answer, errors included.
func (s *Server) headers(c *fiber.Ctx) {
	h := &c.Response().Header
	h.Set(fiber.HeaderContentSecurityPolicy, s.csp)
	h.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	h.Set(fiber.HeaderReferrerPolicy, "no-referrer")
	h.Set(fiber.HeaderXFrameOptions, "DENY")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set(fiber.HeaderCacheControl, "no-store") // the page's files say otherwise
}

// policy is the Content-Security-Policy: our own files and nothing else. The websocket is named as well, because
// older browsers do not count ws: as 'self'. Not by an IPv6 address: the policy's grammar has none, and browsers complain.
func policy(hosts []string, tls bool) string {
	connect := []string{"'self'"}
	scheme := "ws://"
	if tls {
		scheme = "wss://"
	}
	for _, h := range hosts {
		if !strings.HasPrefix(h, "[") {
			connect = append(connect, scheme+h)
		}
	}
	return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; " +
		"manifest-src 'self'; connect-src " + strings.Join(connect, " ") +
		"; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}

// host lets only our own names through. A page elsewhere can point its own name at our address (DNS rebinding); it
// cannot choose the Host header that the browser sends.
func (s *Server) host(c *fiber.Ctx) error {
	// A request line with a whole URL would let path and Host disagree; only proxies are asked like that.
	if uri := c.Request().Header.RequestURI(); len(uri) == 0 || uri[0] != '/' {
		return refusal.Invalid("the request line must hold a path, like GET / HTTP/1.1")
	}
	if twice := repeated(c); twice != "" {
		return refusal.Invalid("the request has %s more than once", twice)
	}
	if host := strings.ToLower(string(c.Request().Header.Host())); !s.hosts[host] {
		return refusal.Forbidden("%q is not an address of this server: open the link that Vivero printed when it started", clip(host))
	}
	return c.Next()
}

// repeated is the name of a header that decides who may do what and stands in the request twice. Which of the two counts
// would be a matter of taste; no browser sends that. (Of two Host lines fasthttp keeps the last, so the raw ones are read.)
func repeated(c *fiber.Ctx) string {
	h := &c.Request().Header
	for _, name := range []string{fiber.HeaderOrigin, "Sec-Fetch-Site", fiber.HeaderAuthorization} {
		if len(h.PeekAll(name)) > 1 {
			return name
		}
	}
	hosts := 0
	for line := range bytes.Lines(h.RawHeaders()) {
		if name, _, _ := bytes.Cut(line, []byte{':'}); bytes.EqualFold(name, []byte(fiber.HeaderHost)) {
			hosts++
		}
	}
	if hosts > 1 {
		return fiber.HeaderHost
	}
	return ""
}

// origin refuses what another site makes a browser send. Programs that are not browsers send neither header.
func (s *Server) origin(c *fiber.Ctx) error {
	r := &c.Request().Header
	if origin := r.Peek(fiber.HeaderOrigin); origin != nil && !s.origins[string(origin)] {
		return refusal.Forbidden("a page of %q may not use this server", clip(string(origin)))
	}
	switch site := string(r.Peek("Sec-Fetch-Site")); site {
	case "", "same-origin", "none":
	default:
		// A link to the page may be followed from anywhere; its files are kept from other sites by the browser
		// (Cross-Origin-Resource-Policy). Nothing else is for them.
		if m := c.Method(); (m != fiber.MethodGet && m != fiber.MethodHead) || s.files[c.Path()] == nil {
			return refusal.Forbidden("a page of another site may not use this server")
		}
	}
	return c.Next()
}

// body refuses bodies that are not plain JSON. Forms and text/plain are what a foreign page can send without asking.
func (s *Server) body(c *fiber.Ctx) error {
	r := &c.Request().Header
	if len(r.Peek(fiber.HeaderContentEncoding)) > 0 {
		return &refusal.Error{Status: fiber.StatusUnsupportedMediaType, Sentence: "the body must not be compressed: send it without Content-Encoding"}
	}
	if len(c.Request().Body()) > 0 { // never c.Body(): it decompresses without limit
		kind, _, _ := strings.Cut(string(r.ContentType()), ";")
		if !strings.EqualFold(strings.TrimSpace(kind), fiber.MIMEApplicationJSON) {
			return &refusal.Error{Status: fiber.StatusUnsupportedMediaType, Sentence: "the body must be JSON: send it with Content-Type: application/json"}
		}
	}
	return c.Next()
}

// token finds the role of the request and leaves it for the routes.
func (s *Server) token(c *fiber.Ctx) error {
	role, err := s.guard.role(bearer(c.Get(fiber.HeaderAuthorization)), c.Context().RemoteAddr())
	if err != nil {
		switch refusal.Status(err) {
		case fiber.StatusUnauthorized:
			c.Set(fiber.HeaderWWWAuthenticate, "Bearer")
		case fiber.StatusTooManyRequests:
			c.Set(fiber.HeaderRetryAfter, seconds(guessWindow))
		}
		return err
	}
	c.Locals(roleKey, role)
	return c.Next()
}

const roleKey = "role"

func role(c *fiber.Ctx) stream.Role {
	r, _ := c.Locals(roleKey).(stream.Role)
	return r
}

// presenter lets only the presenter through.
func presenter(c *fiber.Ctx) error {
	if role(c) != stream.Presenter {
		return refusal.Forbidden("viewers may look but not start, signal or end processes: that is the presenter's")
	}
	return c.Next()
}

func seconds(d time.Duration) string { return itoa(int(d / time.Second)) }

// clip keeps a sentence readable when what it quotes is not.
func clip(s string) string {
	const most = 80
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}
