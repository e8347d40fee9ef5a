//go:build unix

package keeper

import (
	"os"
	"path/filepath"
	"testing"
)

func TestFolderIsOursAlone(t *testing.T) {
	place := t.TempDir()
	f, err := makeFolder([]string{filepath.Join(place, "nosuch"), place})
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(f.path)
	if err != nil || info.Mode() != os.ModeDir|0o700 || filepath.Dir(f.path) != place {
		t.Errorf("%s: %v, %v", f.path, info.Mode(), err)
	}
	if _, err := makeFolder([]string{filepath.Join(place, "nosuch")}); err == nil {
		t.Error("a folder was made where none can be")
	}
	if err := f.remove(); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(f.path); !os.IsNotExist(err) {
		t.Errorf("the folder is still there: %v", err)
	}
}

func TestSweepFoldersTakesOnlyDeadRuns(t *testing.T) {
	place := t.TempDir()
	elsewhere := filepath.Join(t.TempDir(), "elsewhere")
	alive, err := makeFolder([]string{place})
	if err != nil {
		t.Fatal(err)
	}
	defer alive.remove()
	stale := filepath.Join(place, prefix+"1-0123456789ab")
	kept := []string{
		alive.path,
		filepath.Join(place, "other-1-0123456789ab"),   // not our name
		filepath.Join(place, prefix+"1-0123456789ac"),  // not our mode
		filepath.Join(place, prefix+"1-0123456789ad"),  // not a folder
		filepath.Join(place, prefix+"1-0123456789ae"),  // never followed
		filepath.Join(place, prefix+"notes"),           // a user's own folder
		filepath.Join(place, prefix+"1-0123456789abc"), // the same
		elsewhere,
	}
	for _, dir := range []string{stale, kept[1], kept[5], kept[6], elsewhere} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(kept[2], 0o755); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{filepath.Join(stale, "ring"), kept[3]} {
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(elsewhere, kept[4]); err != nil {
		t.Fatal(err)
	}
	sweepFolders([]string{place})
	if _, err := os.Lstat(stale); !os.IsNotExist(err) {
		t.Errorf("the stale folder is still there: %v", err)
	}
	for _, path := range kept {
		if _, err := os.Lstat(path); err != nil {
			t.Errorf("removed, and should not be: %v", err)
		}
	}
}
