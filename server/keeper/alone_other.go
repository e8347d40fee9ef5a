//go:build unix && !linux

package keeper

import "errors"

// Run needs Linux.
func Run(Options) (int, error) {
	return 1, errors.New("a keeper needs Linux: run the server alone")
}

// Join finds no keeper on this system.
func Join() (*Link, error) { return nil, nil }

// Watch has nothing to watch: there is no keeper.
func (l *Link) Watch() {}

// CommandEnded has nobody to tell: there is no keeper.
func (l *Link) CommandEnded() {}

// Leave removes the run's folder.
func (l *Link) Leave() { l.folder.remove() }
