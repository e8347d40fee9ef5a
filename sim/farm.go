package sim

import (
	"context"
	"errors"
	"fmt"
	"os"

	"vivero/sim/ipc"
)

// farm is a parent that hands out pieces of work to workers and gathers the results, by one pair of pipes for each: who
// has finished gets the next piece. A worker that has gone is done without, and its piece goes to another.
type farm struct {
	tasks   []*ipc.Writer // by worker
	results []*ipc.Reader

	// give sends one piece; take receives its result, and may be called for a piece twice if the first time fails.
	give func(ctx context.Context, out *ipc.Writer, piece int) error
	take func(ctx context.Context, in *ipc.Reader, piece int) error
}

// farmParts are the processes of a farm: their channels carry messages of size bytes.
func farmParts(workers int64, size int) (parts []Part, channels []ipc.Spec) {
	parent := Part{Role: "parent"}
	for i := range int(workers) {
		channels = append(channels,
			ipc.Spec{Name: fmt.Sprint("tasks ", i+1), Kind: ipc.Pipe, Size: size},
			ipc.Spec{Name: fmt.Sprint("results ", i+1), Kind: ipc.Pipe, Size: size})
		parent.Writes = append(parent.Writes, 2*i)
		parent.Reads = append(parent.Reads, 2*i+1)
		parts = append(parts, Part{Role: "worker", Reads: []int{2 * i}, Writes: []int{2*i + 1}})
	}
	return append([]Part{parent}, parts...), channels
}

// run hands out pieces 0, 1, … and returns when the results of all are there. progress is told how many are.
func (f *farm) run(ctx context.Context, pieces int, progress func(done int)) error {
	todo := make([]int, pieces)
	for i := range todo {
		todo[i] = i
	}
	idle := make([]int, len(f.tasks))
	for i := range idle {
		idle[i] = i
	}
	busy := map[int]int{} // worker -> piece
	lost := func(worker, piece int, err error) {
		fmt.Fprintf(os.Stderr, "worker %d: %v; piece %d goes to another\n", worker+1, err, piece+1)
		todo = append(todo, piece)
	}
	for done := 0; done < pieces; {
		for len(todo) > 0 && len(idle) > 0 {
			worker, piece := idle[0], todo[0]
			idle, todo = idle[1:], todo[1:]
			switch err := f.give(ctx, f.tasks[worker], piece); {
			case errors.Is(err, ipc.ErrNoReader):
				lost(worker, piece, err)
			case err != nil:
				return err
			default:
				busy[worker] = piece
			}
		}
		if len(busy) == 0 {
			return fmt.Errorf("all workers have gone; %d of %d pieces are done", done, pieces)
		}
		var workers []int
		var waiting []*ipc.Reader
		for worker := range f.results {
			if _, is := busy[worker]; is {
				workers, waiting = append(workers, worker), append(waiting, f.results[worker])
			}
		}
		i, err := ipc.Wait(ctx, waiting)
		if err != nil {
			return err
		}
		worker := workers[i]
		piece := busy[worker]
		delete(busy, worker)
		switch err := f.take(ctx, f.results[worker], piece); {
		case errors.Is(err, ipc.ErrNoWriter):
			lost(worker, piece, err)
		case err != nil:
			return err
		default:
			done++
			idle = append(idle, worker)
			progress(done)
		}
	}
	return nil
}

// farmhand is the other side: it does what work makes of each task until the parent has no more.
func farmhand(ctx context.Context, w *Worker, work func(ctx context.Context, first ipc.Message, in *ipc.Reader, out *ipc.Writer) error) error {
	in, out := w.Ends.Readers[0], w.Ends.Writers[0]
	done := 0
	for {
		m, err := in.Receive(ctx)
		if err == nil {
			err = work(ctx, m, in, out)
		}
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, ipc.ErrNoWriter):
			fmt.Printf("worked on %d pieces\n", done)
			return nil
		case err != nil:
			return err
		}
		in.Done()
		done++
	}
}
