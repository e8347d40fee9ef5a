"""A short text of a message, read out of its pickled bytes: no code of the program's runs for it, no __repr__ and no class.

Only numbers, texts, bytes, None, True, False and tuples and lists of them are read; of anything else its class's name.
"""
from struct import unpack_from

_MOST = 16  # bytes of UTF-8
_STEPS = 48
_PLAIN = {0x4E: "None", 0x88: "True", 0x89: "False", 0x29: "()"}
# How many bytes of length stand before a text or bytes, by opcode.
_TEXTS = {0x8C: 1, 0x58: 4, 0x8D: 8}
_BYTES = {0x43: 1, 0x42: 4, 0x8E: 8}
_INTS = {0x4B: ("<B", 1), 0x4D: ("<H", 2), 0x4A: ("<i", 4)}


class _Open(list):
    """What was put on the stack since a mark, or an open list or dict."""

    def __init__(self, first, last):
        self.first, self.last = first, last


def text(raw, size):
    """The beginning of the message whose first bytes are raw, of size in all: at most 16 bytes of UTF-8."""
    if raw[:1] == b"\x80" and (len(raw) < size or raw[-1:] == b"."):
        shown = _pickled(raw)
    else:  # send_bytes
        try:
            shown = raw[:_MOST].decode()
        except UnicodeDecodeError:
            return b""
    return shown[:_MOST].encode("utf-8", "replace")[:_MOST].decode("utf-8", "ignore").encode()


def _pickled(raw):
    stack, memo, at = [], [], 0
    try:
        for _ in range(_STEPS):
            op = raw[at]
            at += 1
            if op in _PLAIN:
                stack.append(_PLAIN[op])
            elif op in _INTS:
                form, n = _INTS[op]
                stack.append(str(unpack_from(form, raw, at)[0]))
                at += n
            elif op == 0x8A:  # a longer int
                n = raw[at]
                if n > 8:
                    break
                stack.append(str(int.from_bytes(raw[at + 1:at + 1 + n], "little", signed=True)))
                at += 1 + n
            elif op == 0x47:  # float
                stack.append(repr(unpack_from(">d", raw, at)[0]))
                at += 8
            elif op in _TEXTS or op in _BYTES:
                width = _TEXTS.get(op) or _BYTES[op]
                n = int.from_bytes(raw[at:at + width], "little")
                at += width
                part = raw[at:at + n]
                stack.append(repr(part.decode("utf-8", "replace") if op in _TEXTS else part))
                if len(part) < n:
                    break
                at += n
            elif op == 0x80:  # protocol
                at += 1
            elif op == 0x95:  # frame
                at += 8
            elif op == 0x94:  # remember
                memo.append(stack[-1])
            elif op == 0x68:  # what was remembered
                stack.append(memo[raw[at]])
                at += 1
            elif op == 0x28:  # mark
                stack.append(_Open("(", ")"))
            elif op == 0x5D:  # list
                stack.append(_Open("[", "]"))
            elif op in (0x85, 0x86, 0x87):  # tuple of 1, 2, 3
                n = op - 0x84
                parts = [_shown(p) for p in stack[-n:]]
                stack[-n:] = ["(%s,)" % parts[0] if n == 1 else "(%s)" % ", ".join(parts)]
            elif op == 0x74:  # tuple since the mark
                stack.append("(%s)" % ", ".join(_since_mark(stack)))
            elif op == 0x61:  # append
                stack[-2].append(stack.pop())
            elif op == 0x65:  # append since the mark
                parts = _since_mark(stack)
                stack[-1].extend(parts)
            elif op == 0x93:  # a class or function
                name = stack.pop()
                stack[-1] = name.strip("'")
            elif op in (0x81, 0x52) and len(stack) > 1:  # an object made with arguments
                stack.pop()
                return _shown(stack[-1]) + "(…)"
            elif op == 0x2E:  # the end
                return _shown(stack[-1])
            else:
                break
    except (IndexError, AttributeError, TypeError, ValueError):
        pass
    except Exception:  # struct.error: cut off
        pass
    return ", ".join(_begun(s) for s in stack) + "…" if stack else ""


def _since_mark(stack):
    parts = []
    while True:
        top = stack.pop()
        if isinstance(top, _Open) and top.first == "(":
            return parts[::-1]
        parts.append(_shown(top))


def _shown(part):
    return "%s%s%s" % (part.first, ", ".join(map(_shown, part)), part.last) if isinstance(part, _Open) else part


def _begun(part):
    return part.first + ", ".join(map(_shown, part)) if isinstance(part, _Open) else part
