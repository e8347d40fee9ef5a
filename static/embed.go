// Package static holds the built page: what `npm run build` writes beside this file, and nothing written by hand
// but this file. It is embedded in the binary, so the page works offline and needs no folder beside the program.
package static

import (
	"embed"
	"io/fs"
	"strings"
)

// The pattern takes all there is, so that the names of the page's files are the page's business alone. Go files in
// this folder come along with it and are hidden by Files.
//
//go:embed all:*
var embedded embed.FS

// Files is the built page, index.html at its root.
var Files fs.FS = page{embedded}

// page hides Go files: they are not part of what a browser gets.
type page struct{ embed.FS }

func (p page) Open(name string) (fs.File, error) {
	if strings.HasSuffix(name, ".go") {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return p.FS.Open(name)
}

func (p page) ReadDir(name string) ([]fs.DirEntry, error) {
	all, err := p.FS.ReadDir(name)
	kept := make([]fs.DirEntry, 0, len(all))
	for _, e := range all {
		if e.IsDir() || !strings.HasSuffix(e.Name(), ".go") {
			kept = append(kept, e)
		}
	}
	return kept, err
}

func (p page) ReadFile(name string) ([]byte, error) {
	if strings.HasSuffix(name, ".go") {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return p.FS.ReadFile(name)
}
