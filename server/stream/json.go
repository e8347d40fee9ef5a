package stream

import (
	"math"
	"strconv"
	"unicode/utf8"
)

// The encoder appends to a slice and uses no reflection: it runs ten times a second over every row that changed.
// Names, labels and output are hostile text, so appendString makes valid JSON of any bytes.

const hex = "0123456789abcdef"

// plain[b] is true for ASCII that stands in a JSON string as it is. '<', '>' and '&' do not, as in encoding/json:
// a message that ends up inside HTML by mistake must stay inert.
var plain = func() (t [utf8.RuneSelf]bool) {
	for b := byte(' '); b < 0x7f; b++ {
		switch b {
		case '"', '\\', '<', '>', '&':
		default:
			t[b] = true
		}
	}
	return t
}()

// appendString appends s as a JSON string. Invalid UTF-8 becomes U+FFFD; control characters, U+2028 and U+2029
// (line ends in old JavaScript) are escaped.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if plain[c] {
				i++
				continue
			}
			b = append(b, s[start:i]...)
			switch c {
			case '"', '\\':
				b = append(b, '\\', c)
			case '\n':
				b = append(b, '\\', 'n')
			case '\r':
				b = append(b, '\\', 'r')
			case '\t':
				b = append(b, '\\', 't')
			default:
				b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
			}
			i++
			start = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			b = append(b, s[start:i]...)
			b = append(b, `\ufffd`...)
			start = i + size
		case r == '\u2028' || r == '\u2029':
			b = append(b, s[start:i]...)
			b = append(b, `\u202`...)
			b = append(b, hex[r&15])
			start = i + size
		}
		i += size
	}
	b = append(b, s[start:]...)
	return append(b, '"')
}

// appendFloat appends f; what JSON has no number for (NaN, infinities) is null: unknown. Most values here are
// thousandths (tree rounds them), which an integer division writes at a fraction of the cost of the general way.
func appendFloat(b []byte, f float64) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(b, "null"...)
	}
	if f >= 0 && f < 1e6 {
		n := uint64(math.Round(f * 1000))
		if float64(n)/1000 == f {
			b = strconv.AppendUint(b, n/1000, 10)
			if n %= 1000; n != 0 {
				b = append(b, '.', byte('0'+n/100))
				if n%100 != 0 {
					b = append(b, byte('0'+n/10%10))
				}
				if n%10 != 0 {
					b = append(b, byte('0'+n%10))
				}
			}
			return b
		}
	}
	return strconv.AppendFloat(b, f, 'f', -1, 64)
}

// The xField functions append a value after what stands before it: `,"name":` in an object, a comma in a row. So each
// field of a message is one line.

func intField(b []byte, name string, n int64) []byte {
	return strconv.AppendInt(append(b, name...), n, 10)
}

func uintField(b []byte, name string, n uint64) []byte {
	return strconv.AppendUint(append(b, name...), n, 10)
}

func stringField(b []byte, name, s string) []byte {
	return appendString(append(b, name...), s)
}

func floatField(b []byte, name string, f float64) []byte {
	return appendFloat(append(b, name...), f)
}

// optionalField appends null for nil, which is unknown.
func optionalField(b []byte, name string, f *float64) []byte {
	if f == nil {
		return append(append(b, name...), "null"...)
	}
	return floatField(b, name, *f)
}

func boolField(b []byte, name string, v bool) []byte {
	return strconv.AppendBool(append(b, name...), v)
}
