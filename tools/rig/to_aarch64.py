"""AArch32 instructions as AArch64's that work as much: for models that know AArch64 only.

The Cortex-A76 is such a core: it runs both, and LLVM models its server version, the Neoverse N1,
for AArch64. Each instruction becomes the one, or the ones, that keep the same units of the core
busy for as long; addresses and constants are of no matter. A double register of an odd number is
the lower half of a vector register of its own (d1 is in v16), so that both halves of a quad
register can be written apart; an instruction on all of it waits for its lower half only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from tools.rig.aarch32 import Instruction, parse

# What a NEON instruction on registers of one size becomes; {s}: s or u, as its data type says.
SAME: Mapping[str, str] = {
    "vadd": "add",
    "vsub": "sub",
    "vmul": "mul",
    "vmla": "mla",
    "vmls": "mls",
    "vmax": "{s}max",
    "vmin": "{s}min",
    "vpadd": "addp",
    "vpmax": "{s}maxp",
    "vpmin": "{s}minp",
    "vhadd": "{s}hadd",
    "vhsub": "{s}hsub",
    "vrhadd": "{s}rhadd",
    "vqadd": "{s}qadd",
    "vqsub": "{s}qsub",
    "vabd": "{s}abd",
    "vaba": "{s}aba",
    "vqdmulh": "sqdmulh",
    "vqrdmulh": "sqrdmulh",
    "vrshl": "{s}rshl",
    "vqshl": "{s}qshl",
    "vceq": "cmeq",
    "vcge": "cmge",
    "vcgt": "cmgt",
    "vcle": "cmge",
    "vclt": "cmgt",
    "vtst": "cmtst",
    "vabs": "abs",
    "vneg": "neg",
    "vqneg": "sqneg",
    "vqabs": "sqabs",
    "vrev64": "rev64",
    "vrev32": "rev32",
    "vrev16": "rev16",
    "vshr": "{s}shr",
    "vrshr": "{s}rshr",
    "vsra": "{s}sra",
    "vrsra": "{s}rsra",
    "vsli": "sli",
    "vsri": "sri",
    "vclz": "clz",
    "vcnt": "cnt",
}
BYTES: Mapping[str, str] = {
    "vand": "and",
    "vorr": "orr",
    "veor": "eor",
    "vbic": "bic",
    "vbsl": "bsl",
    "vbit": "bit",
    "vbif": "bif",
    "vmvn": "mvn",
    "vext": "ext",
}
# Twice as wide results; of "vaddw" the first operand is, too.
LONG: Mapping[str, str] = {
    "vmull": "{s}mull",
    "vmlal": "{s}mlal",
    "vmlsl": "{s}mlsl",
    "vaddl": "{s}addl",
    "vsubl": "{s}subl",
    "vaddw": "{s}addw",
    "vsubw": "{s}subw",
    "vabdl": "{s}abdl",
    "vabal": "{s}abal",
    "vqdmull": "sqdmull",
    "vshll": "{s}shll",
    "vmovl": "{s}xtl",
}
NARROW: Mapping[str, str] = {
    "vmovn": "xtn",
    "vqmovn": "{s}qxtn",
    "vqmovun": "sqxtun",
    "vshrn": "shrn",
    "vrshrn": "rshrn",
    "vqshrn": "{s}qshrn",
    "vqrshrn": "{s}qrshrn",
    "vqshrun": "sqshrun",
    "vqrshrun": "sqrshrun",
    "vaddhn": "addhn",
    "vraddhn": "raddhn",
}
PAIRS: Mapping[str, str] = {"vpadal": "{s}adalp", "vpaddl": "{s}addlp"}
EXCHANGES: Mapping[str, tuple[str, str]] = {
    "vzip": ("zip1", "zip2"),
    "vuzp": ("uzp1", "uzp2"),
    "vtrn": ("trn1", "trn2"),
    "vswp": ("orr", "orr"),
}
FLOAT: Mapping[str, str] = {
    "vadd": "fadd",
    "vsub": "fsub",
    "vmul": "fmul",
    "vmla": "fmla",
    "vmls": "fmls",
    "vfma": "fmla",
    "vfms": "fmls",
    "vmax": "fmax",
    "vmin": "fmin",
    "vabs": "fabs",
    "vneg": "fneg",
    "vdiv": "fdiv",
    "vsqrt": "fsqrt",
    "vcvtn": "fcvtns",
    "vceq": "fcmeq",
    "vcge": "fcmge",
    "vcgt": "fcmgt",
}
_LETTER = {8: "b", 16: "h", 32: "s", 64: "d"}
_VECTOR = re.compile(r"^([qds])(\d+)(\[\d*\])?$")


def translate(line: str) -> list[str]:
    """The AArch64 instructions for a line of LLVM's; none where there is no translation."""
    instruction = parse(line)
    if instruction.does_nothing:
        return ["nop"]
    if instruction.loads or instruction.stores:
        return _memory(instruction)
    if instruction.branches:
        return ["b.ne #0" if instruction.condition or instruction.name[0] == "c" else "b #0"]
    if instruction.name.startswith("v"):
        return _neon(instruction)
    return _core(instruction)


def _x(name: str) -> str:
    """A core register, as an address."""
    return {"sp": "sp", "lr": "x14", "pc": "x15"}.get(name, f"x{name[1:]}")


def _w(name: str) -> str:
    """A core register, as a value; the stack pointer as any other."""
    return {"sp": "w13", "lr": "w14", "pc": "w15"}.get(name, f"w{name[1:]}")


def _is_core(operand: str) -> bool:
    return bool(re.match(r"^(r\d+|sp|lr|pc)$", operand))


def _core(instruction: Instruction) -> list[str]:
    registers = [_w(o) for o in instruction.operands if _is_core(o)]
    if not registers:
        return []
    target, *sources = registers
    if instruction.compares:
        return [f"cmp {target}, {sources[0] if sources else '#1'}"]
    first = sources[0] if sources else target
    second = sources[1] if len(sources) > 1 else "#1"
    if re.match(r"[us]m(ul|la)l", instruction.name):
        accumulate = "addl" if "mlal" in instruction.name else "ull"
        wide = [f"{r}" for r in registers[2:4]]
        extra = f", x{target[1:]}" if accumulate == "addl" else ""
        name = "smaddl" if extra else "smull"
        return [f"{name} x{target[1:]}, {', '.join(wide)}{extra}"]
    if instruction.multiplies:
        if instruction.name.startswith(("udiv", "sdiv")):
            return [f"sdiv {target}, {first}, {sources[-1]}"]
        third = sources[2] if len(sources) > 2 else "wzr"
        return [f"madd {target}, {first}, {sources[1] if len(sources) > 1 else first}, {third}"]
    if instruction.condition:
        return [f"csel {target}, {first}, {target}, ne"]
    name = "adds" if instruction.sets_flags else "add"
    shift = next((o for o in instruction.operands if re.match(r"(lsl|lsr|asr|ror) #", o)), "")
    if shift and second != "#1":
        return [f"{name} {target}, {first}, {second}, {shift.replace('ror', 'lsr')}"]
    if second != "#1" and re.match(r"(lsl|lsr|asr|ror)", instruction.name):
        return [f"lslv {target}, {first}, {second}"]
    return [f"{name} {target}, {first}, {second}"]


def _number(name: str) -> int:
    """Of the vector register that a NEON register lies in."""
    found = _VECTOR.match(name)
    assert found is not None
    number = int(found[2])
    if found[1] == "q":
        return number
    if found[1] == "s":
        number //= 2
    return number // 2 + 16 * (number % 2)


def _vector(operand: str, bits: int, *, quad: bool | None = None) -> str:
    """An operand as a vector of lanes of so many bits, or as one lane."""
    found = _VECTOR.match(operand)
    if not found:
        return operand
    number, letter = _number(operand), _LETTER[bits]
    if found[3]:
        # By 16-bit lanes, only the first half of the registers can multiply.
        number = number % 16 if bits == 16 else number
        return f"v{number}.{letter}{found[3] if found[3] != '[]' else '[0]'}"
    wide = found[1] == "q" if quad is None else quad
    return f"v{number}.{(128 if wide else 64) // bits}{letter}"


def _neon(instruction: Instruction) -> list[str]:
    name, operands = instruction.name, list(instruction.operands)
    kind = instruction.kind.split(".")[0]
    bits = int(re.sub(r"\D", "", kind) or 8)
    sign = "u" if kind.startswith("u") else "s"

    def line(mnemonic: str, vectors: Sequence[str]) -> list[str]:
        return [f"{mnemonic.format(s=sign)} {', '.join(vectors)}"]

    if name in ("vmrs", "vmsr"):
        return ["nop"]
    if name in ("vmov", "vdup"):
        return _move(instruction, bits)
    if name in ("vcmp", "vcmpe"):
        return [f"fcmp s{_number(operands[0])}, s{_number(operands[0])}"]
    if name in ("vtbl", "vtbx"):
        table = ", ".join(
            f"v{(8 + i) % 32}.16b" for i in range((len(instruction.registers) + 1) // 2)
        )
        last = _vector(operands[-1], 8)
        return line("tbl", [_vector(operands[0], 8), f"{{{table}}}", last])
    if name == "vcvt" or (name.startswith("vcvt") and kind in ("s32", "u32")):
        to_float = instruction.kind.startswith("f32.")
        return line("scvtf" if to_float else "fcvtzs", [_vector(o, 32) for o in operands[:2]])
    if kind in ("f32", "f64"):
        if name not in FLOAT:
            return []
        if operands[0].startswith("s"):
            scalars = [f"s{_number(o)}" for o in operands if _VECTOR.match(o)]
            if FLOAT[name] in ("fmla", "fmls"):
                return line("fmadd", [*scalars, scalars[0]])
            return line(FLOAT[name], scalars)
        return line(FLOAT[name], [_vector(o, 32) for o in operands])
    if name in ("vsdot", "vudot"):
        lane = operands[2].endswith("]")
        third = f"v{_number(operands[2])}.4b[0]" if lane else _vector(operands[2], 8)
        return line(f"{sign}dot", [_vector(operands[0], 32), _vector(operands[1], 8), third])
    if name in EXCHANGES:
        same = [_vector(o, bits if name != "vswp" else 8) for o in operands]
        first, second = EXCHANGES[name]
        return [
            f"{first} {same[0]}, {same[0]}, {same[1]}",
            f"{second} {same[1]}, {same[0]}, {same[1]}",
        ]
    if name in PAIRS:
        wide = [_vector(operands[0], 2 * bits), _vector(operands[1], bits)]
        return line(PAIRS[name], wide)
    if name in LONG:
        source = 2 * bits if name in ("vaddw", "vsubw") else bits
        vectors = [_vector(operands[0], 2 * bits), _vector(operands[1], source)]
        return line(LONG[name], [*vectors, *(_vector(o, bits) for o in operands[2:])])
    if name in NARROW:
        vectors = [_vector(operands[0], bits // 2), *(_vector(o, bits) for o in operands[1:])]
        return line(NARROW[name], vectors)
    if name == "vshl":
        mnemonic = "shl" if operands[-1].startswith("#") else "{s}shl"
        return line(mnemonic, [_vector(o, bits) for o in operands])
    if name in BYTES:
        if operands[-1].startswith("#") and name != "vext":
            return line("movi" if name == "vmvn" else BYTES[name], [_vector(operands[0], 16), "#1"])
        return line(BYTES[name], [_vector(o, 8) for o in operands])
    if name in SAME:
        return line(SAME[name], [_vector(o, bits) for o in operands])
    return []


def _move(instruction: Instruction, bits: int) -> list[str]:
    operands = instruction.operands
    target, source = operands[0], operands[-1]
    core = [_w(o) for o in operands if _is_core(o)]
    vectors = [o for o in operands if _VECTOR.match(o)]
    if not core:
        if source.startswith("#"):
            return [f"movi {_vector(target, 8)}, #1"]
        if source.endswith("]"):
            return [f"dup {_vector(target, bits)}, {_vector(source, bits)}"]
        return [f"mov {_vector(target, 8)}, {_vector(source, 8)}"]
    if _is_core(target):
        return [f"umov {register}, v{_number(vectors[0])}.s[0]" for register in core]
    if instruction.name == "vdup":
        return [f"dup {_vector(target, bits)}, {core[0]}"]
    if len(core) == 2 and vectors:
        return [f"mov v{_number(target)}.s[{lane}], {core[lane]}" for lane in range(2)]
    if target.endswith("]"):
        return [f"mov {_vector(target, bits)}, {core[0]}"]
    return [f"fmov s{_number(target)}, {core[0]}"]


def _memory(instruction: Instruction) -> list[str]:
    name, operands = instruction.name, instruction.operands
    if name == "pld":
        return ["prfm pldl1keep, [x0]"]
    address = next((o for o in operands if o.startswith("[")), "")
    verb = "ld" if instruction.loads else "st"
    found = re.match(r"\[(\w+)", address)
    base = _x(found[1]) if found else "sp"
    if not address and not operands[0].startswith("{"):
        base = _x(operands[0].rstrip("!"))
    if re.match(r"v(ld|st)\d", name):
        return _structures(instruction, verb, base, address)
    if name in ("vldr", "vstr"):
        return [f"{verb}r d{_number(operands[0])}, [{base}]"]
    if instruction.registers:
        return _multiple(instruction.registers, verb, base)
    values = [_w(o) for o in operands if _is_core(o)]
    if name[3:4] == "d":
        return [f"{verb}p {values[0]}, {values[1]}, [{base}]"]
    width = re.sub(r"^(ldr|str)(s?[bh]?).*$", r"\2", name)
    inner = [part.strip() for part in address.strip("[]!").split(",")]
    index = ""
    if len(inner) > 1 and _is_core(inner[1]):
        shift = ", lsl #2" if len(inner) > 2 and not width else ""
        index = f", {_x(inner[1])}{shift}" if inner[1] != "sp" else ""
    written = address.endswith("!") or operands[-1] != address
    tail = f"[{base}], #4" if written and values[0][1:] != base[1:] else f"[{base}{index}]"
    return [f"{verb}r{width} {values[0]}, {tail}"]


def _structures(instruction: Instruction, verb: str, base: str, address: str) -> list[str]:
    """vld1 to vld4 and vst1 to vst4."""
    registers, count, bits = instruction.registers, int(instruction.name[3]), int(instruction.kind)
    listed, first = instruction.operands[0], _number(instruction.registers[0])
    written = address.endswith("!") or instruction.operands[-1] != address

    def line(mnemonic: str, number: int, shape: str, size: int, lane: str = "") -> list[str]:
        vectors = ", ".join(f"v{(first + i) % 32}.{shape}" for i in range(number))
        after = f", #{size}" if written else ""
        return [f"{mnemonic} {{{vectors}}}{lane}, [{base}]{after}"]

    if "[]" in listed:
        return line(f"{verb}{count}r", count, f"{64 // bits}{_LETTER[bits]}", count * bits // 8)
    if "[" in listed:
        return line(f"{verb}{count}", count, _LETTER[bits], count * bits // 8, "[0]")
    size = 8 * len(registers)
    if count > 1:
        quad = len(registers) == 2 * count
        shape = f"{(128 if quad else 64) // bits}{_LETTER[bits]}"
        return line(f"{verb}{count}", count, shape, size)
    pairs, odd = divmod(len(registers), 2)
    return line(f"{verb}1", *((len(registers), "8b") if odd else (pairs, "16b")), size)


def _multiple(registers: Sequence[str], verb: str, base: str) -> list[str]:
    """Several registers from or to one address."""
    if registers[0][0] in "ds" and registers[0] != "sp":
        names = [f"d{_number(r)}" for r in registers]
    else:
        names = [_x(r) if r != "sp" else "x13" for r in registers]
    pairs = zip(names[::2], names[1::2], strict=False)
    lines = [f"{verb}p {a}, {b}, [{base}]" for a, b in pairs]
    if len(names) % 2:
        lines.append(f"{verb}r {names[-1]}, [{base}]")
    return lines
