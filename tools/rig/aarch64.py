"""AArch64 instructions as LLVM writes them: what they need of a core, read and write."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tools.rig.issue import Issue, Unit

FLAGS = "flags"
_BRANCH = re.compile(r"^(b|b\..*|bl|blr|br|ret|cbn?z|tbn?z)$")
_MULTIPLY = re.compile(r"^(mul|madd|msub|mneg|[us]m?ull|[us]m(add|sub)l|[us]mulh|[us]div)$")
_COMPARE = re.compile(r"^(cmp|cmn|tst|ccmp|ccmn|fcmpe?)$")
_SETS_FLAGS = re.compile(r"^(adds|subs|ands|bics|negs|adcs|sbcs)$")
_READS_FLAGS = re.compile(
    r"^(csel|csinc|csinv|csneg|cset|csetm|cinc|cinv|cneg|fcsel|ccm[pn]|adc|sbc)"
)
_NOTHING = re.compile(r"^(nop|dmb|dsb|isb|hint|bti|paciasp|autiasp)$")
# NEON instructions that read what they write: those that accumulate, and those that write a part.
_ACCUMULATES = re.compile(
    r"^([us]?q?d?ml[as]l?2?|fml[as]|[us]adalp|(s|u|us)dot|(s|u|us)mmla|[us]r?sra|sli|sri|"
    r"[us]abal?2?|bit|bif|bsl|tbx|.*n2)$"
)
# Those that go through a multiplier or through as many stages.
_LONG = re.compile(
    r"^([us]?q?r?d?m(ul|la|ls)|f(m|n|div|sqrt|cvt|rint|rec|rsq)|[us]cvtf|[us]ada?lp|[us]addlp|"
    r"(s|u|us)(dot|mmla))"
)
_REGISTER = re.compile(r"^(?:(?P<core>[wx])(?P<number>\d+)|(?P<sp>w?sp)|[vqdshb](?P<vector>\d+))")
_QUAD = re.compile(r"^(q\d|v\d+\.(16b|8h|4s|2d))")
_VECTOR = re.compile(r"^[vqdshb]\d")


def issue(line: str) -> Issue | None:
    """What a line wants of an in-order core; None: nothing."""
    name, _, rest = line.partition(" ")
    operands = [o.strip() for o in re.findall(r"(?:\[[^\]]*\]!?|\{[^}]*\}|[^,\[{])+", rest)]
    operands = [o for o in operands if o]
    if _NOTHING.match(name):
        return None
    if name.startswith(("ld", "st", "prfm")):
        return _memory(name, operands)
    if _BRANCH.match(name):
        return Issue(Unit.BRANCH, reads=(FLAGS, *_parts(operands)))
    compares = bool(_COMPARE.match(name))
    writes = (FLAGS,) if compares else _parts(operands[:1])
    reads = _parts(operands if compares else operands[1:])
    if _READS_FLAGS.match(name):
        reads += (FLAGS,)
    if any(_VECTOR.match(o.strip("{")) for o in operands):
        # A lane that is written leaves the others as they are.
        if _ACCUMULATES.match(name) or (operands[0].endswith("]") and not compares):
            reads += writes
        quad = any(_QUAD.match(o.strip("{")) for o in operands)
        unit = Unit.NEON_LONG if _LONG.match(name) else Unit.NEON
        return Issue(unit, reads, writes, halves=2 if quad else 1)
    if name in ("movk", "bfi", "bfxil", "bfm"):
        reads += writes
    unit = Unit.MULTIPLY if _MULTIPLY.match(name) else Unit.ALU
    return Issue(unit, reads, (*writes, FLAGS) if _SETS_FLAGS.match(name) else writes)


def _parts(operands: Sequence[str]) -> tuple[str, ...]:
    """The registers that operands name, each under one name whatever its width."""
    names = []
    for operand in operands:
        for text in operand.strip("{}").split(","):
            found = _REGISTER.match(text.strip())
            if found and found["vector"]:
                names.append(f"v{found['vector']}")
            elif found:
                names.append("sp" if found["sp"] else f"x{found['number']}")
    return tuple(names)


def _memory(name: str, operands: Sequence[str]) -> Issue:
    place = next((i for i, o in enumerate(operands) if o.startswith("[")), len(operands))
    address = operands[place] if place < len(operands) else ""
    texts = [t.strip() for o in operands[:place] for t in o.strip("{}").split(",")]
    data = () if name.startswith("prf") else _parts(texts)
    base = _parts([text.strip() for text in address.strip("[]!").split(",")])
    written = base[:1] if address.endswith("!") or operands[place + 1 :] else ()
    base += _parts(operands[place + 1 :])
    neon = any(_VECTOR.match(text) for text in texts)
    store = name.startswith("st")
    return Issue(
        Unit.STORE if store else Unit.LOAD_NEON if neon else Unit.LOAD,
        reads=(*base, *data) if store else base,
        writes=() if store else data,
        updates=written,
        cycles=max(1, sum(map(_beats, texts)) // 2),
    )


def _beats(text: str) -> int:
    """How many halves of a 64-bit beat a register takes that is loaded or stored."""
    if _QUAD.match(text):
        return 4
    return 1 if re.match(r"^[wshb]\d", text) else 2
