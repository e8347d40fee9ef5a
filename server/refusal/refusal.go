// Package refusal has the one error type that a person is meant to read: what was tried, what was wrong, what is
// allowed, and the HTTP status that says the same. Every other error is a fault of ours: logged whole, shown as such.
package refusal

import (
	"errors"
	"fmt"
)

// Error is a sentence for the person who asked, with the HTTP status that fits it.
type Error struct {
	Status   int
	Sentence string
}

func (e *Error) Error() string { return e.Sentence }

func refuse(status int, format string, args []any) error {
	return &Error{status, fmt.Sprintf(format, args...)}
}

// Invalid is a bad request (400): a parameter out of range, of a wrong kind, unknown.
func Invalid(format string, args ...any) error { return refuse(400, format, args) }

// Forbidden (403) is what nobody, or not this role, may do.
func Forbidden(format string, args ...any) error { return refuse(403, format, args) }

// NotFound (404) names what does not exist, or no longer.
func NotFound(format string, args ...any) error { return refuse(404, format, args) }

// Conflict (409) is right in itself but not now.
func Conflict(format string, args ...any) error { return refuse(409, format, args) }

// TooMany (429) is over a cap or a rate.
func TooMany(format string, args ...any) error { return refuse(429, format, args) }

// Status is the HTTP status of err: that of the Error inside it, else 500.
func Status(err error) int {
	var e *Error
	if errors.As(err, &e) {
		return e.Status
	}
	return 500
}
