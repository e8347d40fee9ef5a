package sim

import (
	"fmt"
	"os"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// die ends this process by signal s, as a C program would end that has no handler for it: the parent's wait says
// 'killed by signal s'. It returns only if the kernel refuses.
//
// Go's runtime catches SIGSEGV and SIGABRT and turns both into exit status 2, a nil dereference included. So its
// handler is taken away behind its back first. No core file is written: it would be left on the disk.
func die(s unix.Signal) error {
	runtime.LockOSThread()
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}); err != nil {
		return fmt.Errorf("die of %s: turn core files off: %w", unix.SignalName(s), err)
	}
	// The kernel's struct sigaction is 32 bytes on all of Go's 64-bit Linux ports, 20 on 32-bit ones; all zero
	// means SIG_DFL, no flags, an empty mask. The size that it checks is that of a signal set: 64 signals.
	var action [32]byte
	const setSize = 8
	if _, _, e := unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(s), uintptr(unsafe.Pointer(&action)), 0, setSize, 0, 0); e != 0 {
		return fmt.Errorf("die of %s: rt_sigaction: %w", unix.SignalName(s), e)
	}
	var set unix.Sigset_t
	bits := int(unsafe.Sizeof(set.Val[0])) * 8
	set.Val[(int(s)-1)/bits] |= 1 << uint((int(s)-1)%bits)
	if err := unix.PthreadSigmask(unix.SIG_UNBLOCK, &set, nil); err != nil {
		return fmt.Errorf("die of %s: unblock it: %w", unix.SignalName(s), err)
	}
	if err := unix.Tgkill(os.Getpid(), unix.Gettid(), s); err != nil {
		return fmt.Errorf("die of %s: %w", unix.SignalName(s), err)
	}
	return fmt.Errorf("die of %s: the signal came and went", unix.SignalName(s))
}
