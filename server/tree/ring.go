package tree

// ring keeps the newest items, up to its size.
type ring[T any] struct {
	items []T
	first int // index of the oldest, once full
}

func newRing[T any](size int) ring[T] { return ring[T]{items: make([]T, 0, size)} }

func (r *ring[T]) push(v T) {
	if len(r.items) < cap(r.items) {
		r.items = append(r.items, v)
		return
	}
	r.items[r.first] = v
	r.first = (r.first + 1) % len(r.items)
}

func (r *ring[T]) len() int { return len(r.items) }

// ref is item i, 0 the oldest.
func (r *ring[T]) ref(i int) *T { return &r.items[(r.first+i)%len(r.items)] }

func (r *ring[T]) at(i int) T { return *r.ref(i) }
