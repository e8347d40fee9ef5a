package sim

import (
	"os"

	"golang.org/x/sys/unix"
)

// namelessFile never has a name where the file system can do that (O_TMPFILE: ext4, xfs, btrfs, tmpfs; not NFS).
func namelessFile(folder string) (*os.File, error) {
	file, err := os.OpenFile(folder, os.O_RDWR|unix.O_TMPFILE, 0o600)
	if err != nil {
		return namedFile(folder)
	}
	return file, nil
}

// forgetPages asks the kernel to drop what it caches of file. If it does not, the reads are only faster.
func forgetPages(file *os.File) {
	_ = unix.Fadvise(int(file.Fd()), 0, 0, unix.FADV_DONTNEED)
}
