package observe

import (
	"bytes"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// labelRunes bounds a label: what fits a card, with room.
const labelRunes = 64

// Label is what a person calls a process: its program, or the script that an interpreter runs. comm is the kernel's
// name, cmdline the text of /proc/PID/cmdline (empty for a zombie or where it may not be read). Nothing else of the
// arguments is ever in it, since they may hold secrets; where it is not certain which argument is the script, the
// label is the interpreter. It is valid UTF-8 without control characters, at most 64 runes; hostile text all the same.
func Label(comm string, cmdline []byte) string {
	if l := clean(program(cmdline)); l != "" {
		return l
	}
	return clean(comm)
}

// program finds the label in a command line, "" if there is none.
func program(cmdline []byte) string {
	args := arguments(cmdline)
	if len(args) == 0 {
		return ""
	}
	// A daemon may write a sentence over its arguments ('sshd: ana@pts/0'); the kernel's name is better then.
	if strings.ContainsAny(args[0], " :\t\n") {
		return ""
	}
	name := strings.TrimPrefix(base(args[0]), "-") // '-bash' is a login shell
	kind := strings.TrimRight(name, "0123456789.")
	for i := range interpreters {
		if slices.Contains(interpreters[i].names, kind) {
			if script := interpreters[i].script(args[1:]); script != "" {
				return script
			}
			break
		}
	}
	return name
}

// arguments splits at NULs. A cut or overwritten command line may lack the last one.
func arguments(cmdline []byte) []string {
	cmdline = bytes.TrimRight(cmdline, "\x00")
	if len(cmdline) == 0 {
		return nil
	}
	return strings.Split(string(cmdline), "\x00")
}

func base(file string) string {
	if b := path.Base(file); b != "." && b != "/" {
		return b
	}
	return ""
}

func clean(s string) string {
	var b strings.Builder
	runes := 0
	for _, c := range s {
		if c == utf8.RuneError || !unicode.IsPrint(c) { // IsPrint leaves out controls and the marks that turn text around
			c = '\uFFFD'
			if strings.HasSuffix(b.String(), string(c)) {
				continue
			}
		}
		if runes == labelRunes {
			break
		}
		b.WriteRune(c)
		runes++
	}
	return strings.TrimSpace(strings.Trim(b.String(), "\uFFFD"))
}
