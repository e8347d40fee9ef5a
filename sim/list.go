package sim

import (
	"fmt"
	"strings"
)

// Workloads is every workload there is, in the order in which the page offers them. To add one: a file, and a line here.
var Workloads = []Workload{
	primes,
	wait,
	memory,
	threads,
	idle,
	tree,
	pipe,
	pipeline,
	queue,
	pingpong,
	scatter,
	picture,
	pyscript,
	crash,
	zombie,
	orphan,
	bomb,
}

// Find is the workload of that name; its error names those that exist.
func Find(name string) (Workload, error) {
	names := make([]string, len(Workloads))
	for i, w := range Workloads {
		if w.Name == name {
			return w, nil
		}
		names[i] = w.Name
	}
	return Workload{}, fmt.Errorf("no workload %.40q; there are %s", name, strings.Join(names, ", "))
}
