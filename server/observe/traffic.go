package observe

// TrafficOptions say whose channels are watched, and where processes put their own word of them.
type TrafficOptions struct {
	// Root is the serving process. What it holds itself is plumbing (consoles, control sockets): its descriptors are
	// never read, so a channel of which it has the only other end has but one side, and is none.
	Root int
	// FlightDir is the folder in which processes put their flight recorders; "": only the kernel's word is had.
	FlightDir string
	// Coarse says that the reader's CPU times do not show each run of a process (gopsutil's are whole clock ticks), so
	// that each process it tells of may have run.
	Coarse bool
	// Log gets a sentence about each recorder that is refused, once. nil: nobody does.
	Log func(sentence string)
}
