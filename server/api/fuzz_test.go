package api

import (
	"encoding/json"
	"io"
	"log/slog"
	"testing"

	"github.com/valyala/fasthttp"

	"vivero/server/stream"
)

// Whatever the presenter's browser sends, the answer is no fault, and a refusal is a sentence.
func FuzzRequests(f *testing.F) {
	for _, seed := range [][3]string{
		{"POST", "/api/processes", `{"workload":"primes","params":{"n":1},"count":2,"parent":1}`},
		{"POST", "/api/processes/2/signal", `{"signal":"TERM","tree":true}`},
		{"DELETE", "/api/processes/2?tree=true", ``},
		{"POST", "/api/end-all", `{}`},
		{"GET", "/api/processes/9007199254740992/output", ""},
		{"GET", "/assets/%2e%2e/x", "\xff"},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	s := New(Options{
		Backend: &backend{}, Hub: stream.NewHub(stream.Options{}), Tokens: Tokens{Presenter: presenterToken},
		Hosts: []string{"localhost:8080"}, Static: page, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	f.Fuzz(func(t *testing.T, method, path, body string) {
		var ctx fasthttp.RequestCtx
		ctx.Request.Header.SetMethod(method)
		ctx.Request.SetRequestURI(path)
		ctx.Request.Header.SetHost("localhost:8080")
		ctx.Request.Header.Set("Authorization", "Bearer "+presenterToken)
		ctx.Request.Header.SetContentType("application/json")
		ctx.Request.SetBodyString(body)
		s.app.Server().Handler(&ctx)
		status, answer := ctx.Response.StatusCode(), ctx.Response.Body()
		var e struct{ Error string }
		if status >= 500 || status >= 400 && (json.Unmarshal(answer, &e) != nil || e.Error == "") {
			t.Errorf("%s %q %q: %d %q", method, path, body, status, answer)
		}
	})
}
