package api

import (
	"regexp"
	"strings"
	"testing"

	"vivero/static"
)

// The page that is committed loads nothing but its own files, and nothing that our own policy would block.
func TestBuiltPageFitsThePolicy(t *testing.T) {
	files, err := load(static.Files)
	if err != nil {
		t.Fatal(err)
	}
	index := string(files["/"].body)
	for _, m := range regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllStringSubmatch(index, -1) {
		if files[m[1]] == nil {
			t.Errorf("index.html asks for %s, which is not there", m[1])
		}
	}
	if regexp.MustCompile(`<script(?:\s[^>]*)?>[^<]`).MatchString(index) || strings.Contains(index, "<style") || strings.Contains(index, "style=") || regexp.MustCompile(`\son[a-z]+=`).MatchString(index) {
		t.Error("index.html holds inline code or style")
	}
	for path, f := range files {
		if strings.HasSuffix(path, ".go") || f.kind == "application/octet-stream" {
			t.Errorf("%s is served as %s", path, f.kind)
		}
		if path != "/" && strings.HasPrefix(path, "/assets/") && !strings.Contains(f.cache, "immutable") {
			t.Errorf("%s is not kept by browsers: %s", path, f.cache)
		}
	}
}
