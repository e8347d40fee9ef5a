package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"path"
	"regexp"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// file is one file of the built page, in memory: it is small, and a path that is not in the map does not exist.
type file struct {
	body  []byte
	gzip  []byte // the same, if the build made a name.gz beside it
	kind  string // Content-Type
	cache string // Cache-Control
	tag   string // ETag
}

// kinds are the types that a page is made of; anything else is only ever downloaded.
var kinds = map[string]string{
	".html":        "text/html; charset=utf-8",
	".js":          "text/javascript; charset=utf-8",
	".css":         "text/css; charset=utf-8",
	".json":        "application/json",
	".webmanifest": "application/manifest+json",
	".svg":         "image/svg+xml",
	".png":         "image/png",
	".ico":         "image/x-icon",
	".woff2":       "font/woff2",
	".txt":         "text/plain; charset=utf-8",
}

// hashed names change with their content, so a browser may keep them for good.
var hashed = regexp.MustCompile(`^assets/.+-[0-9A-Za-z_-]{8,}\.[0-9a-z]+$`)

// load reads the page. index.html is at /, every other file at its own name.
func load(page fs.FS) (map[string]*file, error) {
	files := map[string]*file{}
	err := fs.WalkDir(page, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(name, ".gz") {
			return err
		}
		body, err := fs.ReadFile(page, name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(body)
		f := &file{body: body, kind: kinds[path.Ext(name)], cache: "no-cache", tag: `"` + hex.EncodeToString(sum[:12]) + `"`}
		if f.kind == "" {
			f.kind = fiber.MIMEOctetStream
		}
		if hashed.MatchString(name) {
			f.cache = "public, max-age=31536000, immutable"
		}
		if f.gzip, err = fs.ReadFile(page, name+".gz"); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		at := "/" + name
		if name == "index.html" {
			at = "/"
		}
		files[at] = f
		return nil
	})
	if err == nil && files["/"] == nil {
		err = errors.New("index.html is missing")
	}
	return files, err
}

// serve answers with f; files need no token, for there is nothing in them that is not in the source.
func (f *file) serve(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, f.cache)
	c.Set(fiber.HeaderETag, f.tag)
	if f.gzip != nil {
		c.Set(fiber.HeaderVary, fiber.HeaderAcceptEncoding)
	}
	if bytes.Contains(c.Request().Header.Peek(fiber.HeaderIfNoneMatch), []byte(f.tag)) {
		return c.SendStatus(fiber.StatusNotModified)
	}
	c.Set(fiber.HeaderContentType, f.kind)
	if f.gzip != nil && c.Request().Header.HasAcceptEncoding("gzip") {
		c.Set(fiber.HeaderContentEncoding, "gzip")
		c.Response().SetBodyRaw(f.gzip)
		return nil
	}
	c.Response().SetBodyRaw(f.body)
	return nil
}
