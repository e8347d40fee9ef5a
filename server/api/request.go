package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"vivero/server/refusal"
)

func itoa(n int) string { return strconv.Itoa(n) }

// maxID is the largest id that a browser's numbers hold exactly.
const maxID = 1 << 53

// id reads the id in the path, of a process or a channel (what): plain decimal digits and nothing else.
func id(c *fiber.Ctx, what string) (int, error) {
	s := c.Params("id")
	if n, err := strconv.ParseUint(s, 10, 64); err == nil && n >= 1 && n <= maxID && s[0] != '0' && s[0] != '+' {
		return int(n), nil
	}
	return 0, refusal.Invalid("a %s id is a number from 1 to %d, got %q", what, maxID, clip(s))
}

// subtree reads ?tree= of a DELETE.
func subtree(c *fiber.Ctx) (bool, error) {
	switch s := c.Query("tree"); s {
	case "", "false":
		return false, nil
	case "true":
		return true, nil
	default:
		return false, refusal.Invalid("tree must be true or false, got %q", clip(s))
	}
}

// decode reads the JSON object in the body into v, a pointer to a struct, strictly: unknown fields, wrong types and
// trailing data are refused with a sentence that says what is allowed. No body is an empty object. what names the
// action in that sentence. Nothing of the body is kept in v (json copies).
func decode(c *fiber.Ctx, what string, v any) error {
	body := bytes.TrimSpace(c.Request().Body())
	if len(body) == 0 {
		return nil
	}
	if !utf8.Valid(body) {
		return refusal.Invalid("%s: the body is not valid UTF-8", what)
	}
	if body[0] != '{' {
		return refusal.Invalid("%s: the body must be a JSON object like {…}", what)
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return badJSON(what, err, v)
	}
	if _, err := d.Token(); err != io.EOF {
		return refusal.Invalid("%s: the body must be one JSON object and nothing after it", what)
	}
	return nil
}

func badJSON(what string, err error, v any) error {
	var kind *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	unknown, isUnknown := strings.CutPrefix(err.Error(), "json: unknown field ")
	switch {
	case errors.As(err, &kind):
		return refusal.Invalid("%s: %s must be %s, got %s", what, kind.Field, article(kind.Type), clip(kind.Value))
	case isUnknown:
		known := "none is known"
		if f := fields(v); len(f) > 0 {
			known = "known are " + strings.Join(f, ", ")
		}
		return refusal.Invalid("%s: unknown field %s; %s", what, clip(unknown), known)
	case errors.As(err, &syntax):
		return refusal.Invalid("%s: the body is not valid JSON at byte %d: %s", what, syntax.Offset, syntax.Error())
	case errors.Is(err, io.ErrUnexpectedEOF):
		return refusal.Invalid("%s: the body is not valid JSON: it ends too early", what)
	}
	return refusal.Invalid("%s: the body is not valid JSON: %s", what, clip(err.Error()))
}

// article names a Go type for a person.
func article(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Int, reflect.Int64:
		return "a whole number"
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "a string"
	case reflect.Map, reflect.Struct:
		return "an object"
	}
	return t.String()
}

// fields are the JSON names of the struct that v points to.
func fields(v any) (names []string) {
	t := reflect.TypeOf(v).Elem()
	for i := range t.NumField() {
		names = append(names, t.Field(i).Tag.Get("json"))
	}
	return names
}

// signals that may be sent, without SIG. The rest are the kernel's or the Go runtime's own, or stop nothing and say
// nothing that a lesson needs.
var signals = []string{
	"TERM", "KILL", "INT", "HUP", "QUIT", "STOP", "CONT", "TSTP", "USR1", "USR2", "ALRM", "PIPE", "ABRT", "SEGV", "WINCH",
}

// signalName accepts TERM, term and SIGTERM.
func signalName(s string) (string, error) {
	name := strings.TrimPrefix(strings.ToUpper(s), "SIG")
	for _, known := range signals {
		if name == known {
			return known, nil
		}
	}
	return "", refusal.Invalid("signal: must be one of %s, got %q", strings.Join(signals, ", "), clip(s))
}
