"""Puts statements into functions of the standard library, at the positions of the statements beside them.

A wrapper around a function would stand in every traceback of the program's and cost a call each time. The function's own
source with a few statements more, compiled for its own file and lines, does neither: tracebacks stay the same to the
letter. Where there is no source, nothing is changed.
"""
import _ast
import sys

_TREE = _ast.PyCF_ONLY_AST


def weave(function, head="", tail="", failed="", always="", before=None, needs=()):
    """Changes function: head comes first, tail when it has run to its end (a last 'return x' has its x in _vivero_result
    then), failed when an exception leaves it, always in either case; before is (statements, owner, method): they come
    before the call 'owner.method(…)'. needs are local names that must be there. A ValueError says what is not as expected."""
    code = function.__code__
    if code.co_freevars or not set(needs) <= set(code.co_varnames):
        raise ValueError("%s is not as expected" % code.co_name)
    tree = compile(_source(code), code.co_filename, "exec", _TREE)
    made = tree.body[0]
    if isinstance(made, _ast.If):
        made = made.body[0]
    body = made.body
    if isinstance(body[0], _ast.Expr) and isinstance(body[0].value, _ast.Constant) and len(body) > 1:
        start = 1  # the description
    else:
        start = 0
    first, last, lead, rest = body[start], body[-1], body[:start], body[start:]
    result = []
    if isinstance(last, _ast.Return) and (tail or always) and last.value is not None:
        keep = _statements("_vivero_result = None\nreturn _vivero_result", last)
        keep[0].value, last.value = last.value, keep[1].value
        rest[-1], result = keep[0], [last]
    if before and not _insert(rest, *before):
        raise ValueError("%s does not call %s.%s" % (code.co_name, before[1], before[2]))
    if failed or always:
        guard = "try: pass\n"
        if failed:
            guard += "except BaseException:\n    %s\n    raise\n" % failed
        if always:
            guard += "finally:\n    %s\n" % always
        # What handles a failure stands at the last line; the exception keeps the line where it came from.
        guarded = _statements(guard, last)
        guarded[0].body = rest
        rest = guarded
    made.body = lead + _statements(head, first) + rest + _statements(tail, last) + result
    new = _find(compile(tree, code.co_filename, "exec", dont_inherit=True), code.co_name)
    if sys.version_info >= (3, 11):
        new = new.replace(co_qualname=code.co_qualname)
    if new.co_freevars or new.co_argcount != code.co_argcount or new.co_flags != code.co_flags:
        raise ValueError("%s is not what it was" % code.co_name)
    function.__code__ = new


def _source(code):
    """The function's lines where they stand in their file, under an 'if' that takes their indentation."""
    with open(code.co_filename, "rb") as f:
        lines = f.read().decode("utf-8").splitlines()
    start = code.co_firstlineno - 1
    indent, named = _indent(lines[start]), start
    while lines[named].lstrip().startswith("@"):
        named += 1
    end = named + 1
    while end < len(lines) and (not lines[end].strip() or lines[end].lstrip().startswith("#") or _indent(lines[end]) > indent):
        end += 1
    if start == 0 or not lines[named].lstrip().startswith("def " + code.co_name):
        raise ValueError("%s does not stand in line %d of %s" % (code.co_name, start + 1, code.co_filename))
    opening = ["if 1:"] if indent else [""]
    return "\n" * (start - 1) + "\n".join(opening + lines[start:end]) + "\n"


def _indent(line):
    return len(line) - len(line.lstrip())


def _statements(text, beside):
    """The statements of text, all at the position of the statement beside them."""
    body = compile(text, "<vivero>", "exec", _TREE).body
    for statement in body:
        _place(statement, beside)
    return body


def _place(node, beside):
    if "lineno" in node._attributes:
        node.lineno, node.col_offset = beside.lineno, beside.col_offset
        node.end_lineno, node.end_col_offset = beside.end_lineno, beside.end_col_offset
    for name in node._fields:
        value = getattr(node, name, None)
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, _ast.AST):
                _place(part, beside)


def _insert(body, text, owner, method):
    for i, statement in enumerate(body):
        call = getattr(getattr(statement, "value", None), "func", None)
        if isinstance(call, _ast.Attribute) and call.attr == method and getattr(call.value, "attr", "") == owner:
            body[i:i] = _statements(text, statement)
            return True
        if any(_insert(getattr(statement, name, ()), text, owner, method) for name in ("body", "orelse", "finalbody")):
            return True
    return False


def _find(code, name):
    for constant in code.co_consts:
        if hasattr(constant, "co_name") and constant.co_name == name:
            return constant
    raise ValueError("%s was not compiled" % name)
