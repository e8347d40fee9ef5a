package sim

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Param describes one parameter of a workload; the page makes its form from it.
type Param struct {
	Name    string   `json:"name"`
	Kind    string   `json:"kind"`              // "int" or "choice"
	Default any      `json:"default"`           // int64 or string, by kind
	Min     *int64   `json:"min,omitempty"`     // of int
	Max     *int64   `json:"max,omitempty"`     // of int
	Choices []string `json:"choices,omitempty"` // of choice
	Help    string   `json:"help"`

	why string // of Min and Max, for the sentence that refuses; "" if they need no reason
}

// Int is a whole number, least and most included.
func Int(name string, preset, least, most int64, help string) Param {
	return Param{Name: name, Kind: "int", Default: preset, Min: &least, Max: &most, Help: help}
}

// because gives the reason for the range.
func (p Param) because(why string) Param {
	p.why = ": " + why
	return p
}

// Choice is one word out of choices; the first is the default.
func Choice(name string, choices []string, help string) Param {
	return Param{Name: name, Kind: "choice", Default: choices[0], Choices: choices, Help: help}
}

// Params are parameters by name: int64 for an int, string for a choice. Those that Parse made are complete and within
// their bounds, and nobody changes them. Those that a workload gives to Spawn may be partial: the server parses them.
type Params map[string]any

// Int is the value of an int parameter. To ask for one that the workload does not declare is a fault of the program.
func (p Params) Int(name string) int64 {
	v, ok := p[name].(int64)
	if !ok {
		panic(fmt.Sprintf("no int parameter %q: %v", name, p[name]))
	}
	return v
}

// Choice is the value of a choice parameter, under the same rule as Int.
func (p Params) Choice(name string) string {
	v, ok := p[name].(string)
	if !ok {
		panic(fmt.Sprintf("no choice parameter %q: %v", name, p[name]))
	}
	return v
}

// Parse makes complete parameters from what a request said. An error is a sentence for the person who asked.
func (w Workload) Parse(raw map[string]json.RawMessage) (Params, error) {
	p := make(Params, len(w.Params))
	for _, param := range w.Params {
		p[param.Name] = param.Default
		if text, given := raw[param.Name]; given {
			v, err := param.parse(text)
			if err != nil {
				return nil, fmt.Errorf("start %s: %w", w.Name, err)
			}
			p[param.Name] = v
		}
	}
	for _, name := range slices.Sorted(maps.Keys(raw)) {
		if _, known := p[name]; !known {
			return nil, fmt.Errorf("start %s: no parameter %.40q; %s", w.Name, name, w.has())
		}
	}
	return p, nil
}

// ParseJSON is Parse for one JSON object; nothing, or null, means all defaults.
func (w Workload) ParseJSON(object []byte) (Params, error) {
	var raw map[string]json.RawMessage
	if len(object) > 0 {
		if err := json.Unmarshal(object, &raw); err != nil {
			return nil, fmt.Errorf("start %s: the parameters are not a JSON object: %w", w.Name, err)
		}
	}
	return w.Parse(raw)
}

func (w Workload) has() string {
	if len(w.Params) == 0 {
		return "it has none"
	}
	names := make([]string, len(w.Params))
	for i, p := range w.Params {
		names[i] = p.Name
	}
	return "it has " + strings.Join(names, ", ")
}

func (p Param) parse(text json.RawMessage) (any, error) {
	if p.Kind == "choice" {
		var word string
		if err := json.Unmarshal(text, &word); err != nil || !slices.Contains(p.Choices, word) {
			return nil, fmt.Errorf("%s must be one of %s, got %s", p.Name, strings.Join(p.Choices, ", "), shown(text))
		}
		return word, nil
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	if err != nil || n < *p.Min || n > *p.Max {
		return nil, fmt.Errorf("%s must be %d..%d, got %s%s", p.Name, *p.Min, *p.Max, shown(text), p.why)
	}
	return n, nil
}

// shown is what somebody sent, short enough for a sentence.
func shown(text json.RawMessage) string {
	s := strings.TrimSpace(string(text))
	if r := []rune(s); len(r) > 40 {
		s = string(r[:40]) + "…"
	}
	return s
}
