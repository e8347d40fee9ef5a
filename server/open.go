//go:build unix

package main

import (
	"fmt"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"golang.org/x/sys/unix"
)

// The browser must not be a descendant of ours: it would be in the tree, and end with us. So a shell that waits for the
// page's path is started, and left to init, before anything here adopts orphans (the keeper's part); the server
// sends the path (openBrowser). The token is kept out of arguments, which every user of the machine can read: the path is
// that of a file of ours that leads to the link.

// prepareBrowser starts the shell and gives the descriptor that it waits on, for the server to inherit.
func prepareBrowser() (int, error) {
	opener := "xdg-open"
	if runtime.GOOS == "darwin" {
		opener = "open"
	}
	if _, err := exec.LookPath(opener); err != nil {
		return 0, fmt.Errorf("--open needs the program %s: install it, or leave --open out and open the link by hand", opener)
	}
	var pair [2]int
	if err := unix.Pipe(pair[:]); err != nil {
		return 0, fmt.Errorf("--open: %w", err)
	}
	read := os.NewFile(uintptr(pair[0]), "page")
	defer read.Close()
	unix.CloseOnExec(pair[0])
	// Its end of the pipe must not keep the pipe open: hence the closing of all that sh may have inherited but 3.
	unix.CloseOnExec(pair[1])
	shell := exec.Command("sh", "-c", `(IFS= read -r page <&3 && exec "$0" "$page" 3<&-) >/dev/null 2>&1 &`, opener)
	shell.ExtraFiles = []*os.File{read}
	if err := shell.Run(); err != nil {
		return 0, fmt.Errorf("--open: %w", err)
	}
	_, err := unix.FcntlInt(uintptr(pair[1]), unix.F_SETFD, 0) // the server inherits it under this number
	return pair[1], err
}

// openBrowser tells the shell which page to open.
func openBrowser(cfg config, link string) error {
	page := filepath.Join(cfg.Dir, "open.html")
	content := fmt.Sprintf(`<!doctype html><meta charset="utf-8"><title>Vivero</title><meta http-equiv="refresh" content="0; url=%s">`, html.EscapeString(link))
	if err := os.WriteFile(page, []byte(content), 0o600); err != nil {
		return fmt.Errorf("--open: %w", err)
	}
	pipe := os.NewFile(uintptr(cfg.Browser), "browser")
	defer pipe.Close()
	_, err := fmt.Fprintln(pipe, page)
	return err
}
