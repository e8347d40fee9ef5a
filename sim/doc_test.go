package sim

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the table in docs/workloads.md anew")

const (
	workloadsDoc = "../docs/workloads.md"
	tableBegin   = "<!-- table: written by `go test ./sim -run Documented -update` -->\n"
	tableEnd     = "<!-- end of table -->\n"
)

// TestWorkloadsAreDocumented: the table in docs/workloads.md says exactly what Workloads does.
func TestWorkloadsAreDocumented(t *testing.T) {
	text, err := os.ReadFile(workloadsDoc)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), tableBegin)
	table, after, ended := strings.Cut(rest, tableEnd)
	if !found || !ended {
		t.Fatalf("%s lacks the lines %q and %q", workloadsDoc, tableBegin, tableEnd)
	}
	want := workloadsTable()
	if table == want {
		return
	}
	if !*update {
		t.Fatalf("%s is out of date: run go test ./sim -run Documented -update\ngot:\n%s\nwant:\n%s", workloadsDoc, table, want)
	}
	if err := os.WriteFile(workloadsDoc, []byte(before+tableBegin+want+tableEnd+after), 0o644); err != nil {
		t.Fatal(err)
	}
}

func workloadsTable() string {
	var b strings.Builder
	b.WriteString("| name | what it does | parameter | default | allowed | meaning |\n|---|---|---|---|---|---|\n")
	for _, w := range Workloads {
		name, summary := "`"+w.Name+"`", w.Summary
		if len(w.Params) == 0 {
			fmt.Fprintf(&b, "| %s | %s | none | | | |\n", name, summary)
		}
		for _, p := range w.Params {
			allowed := strings.Join(p.Choices, ", ")
			if p.Kind == "int" {
				allowed = fmt.Sprintf("%d..%d", *p.Min, *p.Max)
			}
			fmt.Fprintf(&b, "| %s | %s | `%s` | %v | %s | %s |\n", name, summary, p.Name, p.Default, allowed, p.Help)
			name, summary = "", ""
		}
	}
	return b.String()
}
