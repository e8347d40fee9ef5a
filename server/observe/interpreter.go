package observe

import (
	"slices"
	"strings"
)

// interpreter says how one family of interpreters reads its options, as far as it takes to find the script.
// Letters are single-letter options, which may stand together in one argument ('-Bu').
type interpreter struct {
	names  []string
	code   string   // letters that bring program text, or mean 'no script'
	module string   // letters that bring a module's name, shown in place of a script
	takes  string   // letters with a value: the rest of the argument, or the next one
	rest   string   // letters whose value, if any, is the rest of the argument
	flags  string   // letters without a value
	long   []string // long options that take the next argument, unless '=' stands in them
	plain  []string // long options without a value
	ends   []string // long options that bring program text
	files  []string // endings of script names: asked for once an option was not understood
}

var interpreters = []interpreter{
	{
		names: []string{"python", "pypy"}, code: "chV", module: "m", takes: "WXQ", flags: "bBdEiIOPqsSuvxtR",
		long:  []string{"--check-hash-based-pycs"},
		files: []string{".py", ".pyc", ".pyz", ".pyw"},
	},
	{
		names: []string{"sh", "bash", "dash", "zsh", "ksh", "ash", "fish"}, code: "cs", takes: "oO", flags: "abefhiklmnprtuvxBCDEHPTI",
		long:  []string{"--rcfile", "--init-file"},
		plain: []string{"--norc", "--noprofile", "--posix", "--login", "--restricted", "--noediting", "--verbose"},
		files: []string{".sh", ".bash", ".zsh", ".ksh", ".fish"},
	},
	{
		names: []string{"node", "nodejs"}, code: "epvhi", takes: "rC", flags: "c",
		long:  []string{"--require", "--import", "--loader", "--experimental-loader", "--conditions", "--env-file"},
		plain: []string{"--inspect", "--inspect-brk", "--no-warnings", "--enable-source-maps", "--expose-gc", "--watch"},
		ends:  []string{"--eval", "--print", "--test", "--run"},
		files: []string{".js", ".mjs", ".cjs", ".ts", ".mts"},
	},
	{
		names: []string{"perl"}, code: "eEvVh", takes: "I", rest: "MmiFxCDd", flags: "acnpstTuUwWXSfgl0123456789",
		files: []string{".pl", ".pm", ".t"},
	},
	{
		names: []string{"ruby", "jruby"}, code: "evh", takes: "rICXE", rest: "iFKx", flags: "acdlnpsSwUyWT0123456789",
		plain: []string{"--disable-gems", "--yjit", "--jit"},
		files: []string{".rb", ".ru"},
	},
	{
		names: []string{"php"}, code: "rRBEaivmhS", takes: "dczt", flags: "nqCeH", module: "",
		files: []string{".php", ".phar"},
	},
	{
		names: []string{"lua", "luajit"}, code: "evi", takes: "l", flags: "EW",
		files: []string{".lua"},
	},
}

// script is the script's or module's name, "" if there is none or it is not certain.
func (p *interpreter) script(args []string) string {
	certain := true
	for i := 0; i < len(args); i++ {
		a := args[i]
		switch {
		case a == "" || a == "-": // the program comes from standard input
			return ""
		case a == "--":
			if i+1 < len(args) {
				return p.file(args[i+1], certain)
			}
			return ""
		case strings.HasPrefix(a, "--"):
			name, _, valued := strings.Cut(a, "=")
			switch {
			case slices.Contains(p.ends, name):
				return ""
			case slices.Contains(p.long, name):
				if !valued {
					i++
				}
			case !valued && !slices.Contains(p.plain, name):
				certain = false // it may take the next argument
			}
		case a[0] == '-' || a[0] == '+':
			next, module, ok := p.cluster(a[1:], &certain)
			switch {
			case !ok:
				return ""
			case module != "":
				return module
			case next == 'm' && i+1 < len(args):
				return args[i+1]
			case next != 0:
				i++
			}
		default:
			return p.file(a, certain)
		}
	}
	return ""
}

// cluster reads one argument's letters. next is 'm' if the next argument is a module, another letter if it is a value
// to leave out; ok is false if there is no script.
func (p *interpreter) cluster(letters string, certain *bool) (next byte, module string, ok bool) {
	for i := 0; i < len(letters); i++ {
		c, rest := letters[i], letters[i+1:]
		switch {
		case strings.IndexByte(p.code, c) >= 0:
			return 0, "", false
		case strings.IndexByte(p.module, c) >= 0:
			if rest != "" {
				return 0, rest, true
			}
			return 'm', "", true
		case strings.IndexByte(p.takes, c) >= 0:
			if rest != "" {
				// 'bash -eo pipefail': the shell takes its value from the next argument all the same.
				if p.names[0] == "sh" {
					next = 'o'
					continue
				}
				return 0, "", true
			}
			return 'o', "", true
		case strings.IndexByte(p.rest, c) >= 0:
			if strings.ContainsAny(rest, p.code) {
				*certain = false // '-pie' and the like: it may bring program text all the same
			}
			return next, "", true
		case strings.IndexByte(p.flags, c) < 0:
			*certain = false
		}
	}
	return next, "", true
}

// file is the script's own name, if it surely is one.
func (p *interpreter) file(name string, certain bool) string {
	b := base(name)
	if certain {
		return b
	}
	for _, end := range p.files {
		if strings.HasSuffix(b, end) {
			return b
		}
	}
	return ""
}
