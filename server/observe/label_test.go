package observe

import (
	"strings"
	"testing"
)

func TestLabel(t *testing.T) {
	for command, want := range map[string]string{
		"sleep 600":         "sleep",
		"/usr/bin/make -j4": "make",
		"-bash":             "bash",
		"python3 padre.py":  "padre.py",
		"/usr/bin/python3.11 -u /home/ana/padre.py 17": "padre.py",
		"python3 -u -m http.server 8000":               "http.server",
		"python3 -um http.server":                      "http.server",
		"python3 -mhttp.server":                        "http.server",
		"python3 -W ignore -Xdev x.py":                 "x.py",
		"python3 -Wignore x.py":                        "x.py",
		"python3 -c print(1)":                          "python3",
		"python3 -Bc secret":                           "python3",
		"python3 --unheard secret":                     "python3",
		"python3 --unheard x.py":                       "x.py",
		"python3":                                      "python3",
		"python3 - secret":                             "python3",
		"bash script.sh --password secret":             "script.sh",
		"sh -c secret":                                 "sh",
		"bash -lc secret":                              "bash",
		"bash -eo pipefail x.sh":                       "x.sh",
		"bash -euo pipefail -c secret":                 "bash",
		"sh -e /etc/rc.local":                          "rc.local",
		"sh -- -odd.sh":                                "-odd.sh",
		"node x.js":                                    "x.js",
		"nodejs --inspect --require ./secret x.js":     "x.js",
		"node --title secret":                          "node",
		"node -e secret":                               "node",
		"node --eval=secret":                           "node",
		"perl -w -Mstrict x.pl":                        "x.pl",
		"perl -lane secret":                            "perl",
		"perl -I lib x.pl":                             "x.pl",
		"ruby -rjson -I lib x.rb":                      "x.rb",
		"ruby -e secret":                               "ruby",
		"php -d x=1 x.php":                             "x.php",
		"lua5.4 x.lua":                                 "x.lua",
		"curl --password secret":                       "curl",
	} {
		if got := Label("comm", []byte(strings.ReplaceAll(command, " ", "\x00")+"\x00")); got != want {
			t.Errorf("%s: %q, not %q", command, got, want)
		}
	}
	for _, c := range []struct{ comm, cmdline, want string }{
		{"true", "", "true"},
		{"sshd", "sshd: ana [priv]\x00\x00\x00", "sshd"},
		{"kworker/0:1", "", "kworker/0:1"},
		{"x", "\x00\x00", "x"},
		{"a\x1b[31mb", "", "a\uFFFD[31mb"},
		{"\xff\xfe", "", ""},
		{"x", "/opt/" + strings.Repeat("ñ", 100) + "\x00", strings.Repeat("ñ", 64)},
		{"x", "a\u202eb\x00", "a\uFFFDb"},
		{"x", "<img src=x>", "x"},
	} {
		if got := Label(c.comm, []byte(c.cmdline)); got != c.want {
			t.Errorf("%q %q: %q, not %q", c.comm, c.cmdline, got, c.want)
		}
	}
}
