//go:build unix

package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The README's invariants, as absences in the source: what each package may import of ours, and what only some may do.
// Files for every system count, tests do not.

// ours is what a package may import of this module; one that is not listed here fails the test.
var ours = map[string][]string{
	"server/proc":    {},
	"server/refusal": {},
	"server/sweep":   {},
	"server/keeper":  {"server/sweep"},
	"server/spawn":   {"server/proc", "server/refusal", "server/sweep", "sim", "sim/control", "sim/flight", "sim/ipc", "sim/python"},
	"server/observe": {"server/proc", "sim/control", "sim/flight", "sim/ipc"},
	"server/tree":    {"server/proc"},
	"server/stream":  {"server/proc", "server/refusal", "server/tree"},
	"server/api":     {"server/refusal", "server/stream", "server/tree"},
	"server/live": {"server/api", "server/observe", "server/proc", "server/refusal", "server/spawn", "server/stream", "server/tree",
		"sim", "sim/flight"},
	"server": {"server/api", "server/keeper", "server/live", "server/observe", "server/proc", "server/spawn", "server/stream", "sim", "sim/python", "static"},

	"sim":         {"sim/control", "sim/flight", "sim/ipc", "sim/python"},
	"sim/control": {},
	"sim/flight":  {},
	"sim/ipc":     {"sim/flight"},
	"sim/python":  {},
	"static":      {},
}

// only says who may do something at all. "go" is a go statement or a WaitGroup's Go.
var only = []struct {
	what  string
	means []string
	who   []string // folders; or a file of one
}{
	// The keeper passes on to the server, its child, what it was sent itself.
	{"signal another process", []string{"syscall.Kill", "unix.Kill", "unix.SYS_KILL", "unix.PidfdSendSignal", "unix.SYS_PIDFD_SEND_SIGNAL", "os.FindProcess"},
		[]string{"server/spawn", "server/sweep", "server/keeper"}},
	{"signal itself", []string{"unix.Tgkill", "syscall.Tgkill"}, []string{"sim/die_linux.go", "sim/ipc/interrupt_linux.go"}},
	{"start a process", []string{"syscall.ForkExec", "syscall.StartProcess", "os.StartProcess", "exec.Command", "exec.CommandContext"},
		[]string{"server/spawn", "server/keeper", "server/open.go", "sim/worker.go"}},
	{"have a goroutine, here", []string{"go"},
		[]string{"server", "server/api", "server/keeper", "server/live", "server/observe/events_linux.go", "server/spawn", "server/stream", "sim"}},
	{"look at a clock or wait, here", []string{"time.Now", "time.Since", "time.Until", "time.Sleep", "time.After", "time.AfterFunc", "time.NewTimer", "time.NewTicker"},
		[]string{"server", "server/api", "server/keeper", "server/live", "server/observe", "server/spawn", "server/stream", "sim", "sim/flight", "sim/ipc"}},
	{"read or write files, here", []string{"os.Open", "os.OpenFile", "os.ReadFile", "os.WriteFile", "os.ReadDir", "unix.Open", "net.Listen"},
		[]string{"server", "server/keeper", "server/observe", "server/spawn", "sim", "sim/control", "sim/flight", "sim/ipc", "sim/python"}},
}

func TestOneWay(t *testing.T) {
	seen := 0
	for _, top := range []string{"server", "sim", "static"} {
		err := filepath.WalkDir("../"+top, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			seen++
			path = strings.TrimPrefix(filepath.ToSlash(path), "../")
			folder := path[:strings.LastIndexByte(path, '/')]
			allowed, listed := ours[folder]
			if !listed {
				t.Errorf("%s: say in this test what %s may import", path, folder)
			}
			for _, i := range file.Imports {
				name, err := strconv.Unquote(i.Path.Value)
				if err != nil {
					return err
				}
				if name, own := strings.CutPrefix(name, "vivero/"); own && !slices.Contains(allowed, name) {
					t.Errorf("%s imports %s: %s may import of ours only %q", path, name, folder, allowed)
				}
			}
			done := means(file)
			for _, rule := range only {
				for _, m := range rule.means {
					if done[m] && !slices.Contains(rule.who, folder) && !slices.Contains(rule.who, path) {
						t.Errorf("%s has %s: only %q may %s", path, m, rule.who, rule.what)
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if seen < 100 {
		t.Errorf("%d files were seen: the test proves nothing", seen)
	}
}

// means are the things of other packages that a file names, as 'package.Name', and "go".
func means(file *ast.File) map[string]bool {
	found := map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			found["go"] = true
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok {
				found[x.Name+"."+n.Sel.Name] = true
			}
			if n.Sel.Name == "Go" { // of a sync.WaitGroup
				found["go"] = true
			}
		}
		return true
	})
	return found
}
